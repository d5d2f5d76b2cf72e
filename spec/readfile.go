package spec

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxFile bounds a manifest, and a file that one names, as Kubernetes bounds a ConfigMap.
const maxFile = 1 << 20

// ReadFile is one file, or one directory that could not be listed, as it was read.
type ReadFile struct {
	Path string
	// Manifests are the file's objects; with an Err, those whose kind and name could be read.
	Manifests []Manifest
	// Err is Problems, nil when all is well.
	Err error
}

// ReadDirectory reads every manifest below dir like ReadPaths and keeps the files apart, sorted by path. An object that
// two files hold is the second's problem. The error is for dir itself: then nothing is known of what it holds.
func ReadDirectory(dir string) ([]ReadFile, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("no directory %s", dir)
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, fmt.Errorf("%s is not a directory", dir)
	}
	reads := readFiles([]string{dir})
	for _, read := range reads {
		if read.Path == dir {
			return nil, read.Err
		}
	}
	return reads, nil
}

func readFiles(paths []string) []ReadFile {
	var found []foundFile
	var unreadable []ReadFile
	for _, path := range paths {
		files, failed, err := findManifests(path)
		if err != nil {
			failed = append(failed, ReadFile{Path: path, Err: Problems{{File: path, Message: err.Error()}}})
		}
		found = append(found, files...)
		unreadable = append(unreadable, failed...)
	}
	var reads []ReadFile
	named := map[string]bool{}
	seen := map[string]bool{}
	for _, file := range found {
		if full := absolute(file.path); !seen[full] {
			seen[full] = true
			reads = append(reads, readOne(file, named))
		}
	}
	return judged(reads, found, named, unreadable)
}

// judged leaves out what was found by walking and is named by a manifest as a file of its own, such as an
// application.yml beside it, and reports objects that stand in two files.
func judged(reads []ReadFile, found []foundFile, named map[string]bool, unreadable []ReadFile) []ReadFile {
	given := map[string]bool{}
	for _, file := range found {
		given[absolute(file.path)] = given[absolute(file.path)] || file.given
	}
	var kept []ReadFile
	first := map[string]Manifest{}
	for _, read := range reads {
		if full := absolute(read.Path); named[full] && !given[full] {
			continue
		}
		read.Err = Join(read.Err, doublesOf(first, read.Manifests))
		kept = append(kept, read)
	}
	return append(kept, unreadable...)
}

// readOne reads a file of manifests and the files that they name, and notes the latter in named.
func readOne(file foundFile, named map[string]bool) ReadFile {
	content := regularContent
	if file.given {
		content = contentOf
	}
	data, err := content(file.path)
	if err != nil {
		return ReadFile{Path: file.path, Err: Problems{{File: file.path, Message: err.Error()}}}
	}
	return readManifests(file.path, filepath.Dir(file.path), data, named)
}

func readManifests(path, dir string, data []byte, named map[string]bool) ReadFile {
	readings, problems := readStream(path, data)
	read := ReadFile{Path: path}
	for _, r := range readings {
		read.Manifests = append(read.Manifests, r.manifest)
		problems = append(problems, r.problems...)
		problems = append(problems, r.loadFiles(dir, &read.Manifests[len(read.Manifests)-1], named)...)
	}
	read.Err = Join(problems.orNil(), doubles(read.Manifests))
	return read
}

// loadFiles fills the manifest's Files. Relative paths are relative to the manifest's directory and may lead out of it.
func (r reading) loadFiles(dir string, m *Manifest, named map[string]bool) Problems {
	d := &decoder{at: r.at}
	d.file, _ = m.origin()
	m.load(d, func(_, file string) string {
		if !filepath.IsAbs(file) {
			file = filepath.Join(dir, file)
		}
		named[absolute(file)] = true
		return file
	})
	return d.problems
}

// LoadFiles fills the manifest's Files. locate says where the file lies that the field at path names. The error is
// Problems, which have a Path and no File, except for what is wrong within a file.
func (m *Manifest) LoadFiles(locate func(path, file string) string) error {
	d := &decoder{}
	m.load(d, locate)
	return d.problems.orNil()
}

func (m *Manifest) load(d *decoder, locate func(path, file string) string) {
	for _, field := range m.fileFields() {
		path := locate(field.path, field.file)
		data, err := regularContent(path)
		if err != nil {
			d.place(field.path, err.Error())
			continue
		}
		if m.Files == nil {
			m.Files = map[string][]byte{}
		}
		m.Files[field.file] = data
		if field.env && !Sealed(data) {
			d.envFile(path, data)
		}
	}
}

func (d *decoder) envFile(path string, data []byte) {
	_, err := ParseEnvFile(data)
	var at envFileError
	if errors.As(err, &at) {
		d.problems = append(d.problems, Problem{File: path, Line: at.line, Message: at.message})
	}
}

// ReadRegular reads a regular file of at most 1 MiB; errors are one short phrase with the path in it.
func ReadRegular(path string) ([]byte, error) { return regularContent(path) }

// regularContent reads a regular file: a pipe that nobody writes to would hold everything up.
func regularContent(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("no file %s", path)
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	return contentOf(path)
}

// contentOf reads a file, or a pipe that a person named; errors are one short phrase with the path in it.
func contentOf(path string) ([]byte, error) {
	file, err := os.Open(path) // #nosec G304 -- reading what the user names is what it is for
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no file %s", path)
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%s is larger than 1 MiB", path)
	}
	return data, nil
}

func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return filepath.Clean(path)
}
