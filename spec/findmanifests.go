package spec

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// foundFile is a file to read.
type foundFile struct {
	path string
	// given: a person named it, so it must be a manifest.
	given bool
}

// findManifests gives the file itself, or every .yaml, .yml and .json file below the directory, sorted. Names that
// begin with a dot are left out; symbolic links are followed, each directory once. A directory further down that
// cannot be listed is among failed.
func findManifests(path string) (files []foundFile, failed []ReadFile, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("no file or directory %s", path)
	}
	if err != nil {
		return nil, nil, err
	}
	if !info.IsDir() {
		return []foundFile{{path, true}}, nil, nil
	}
	walk := manifestWalk{visited: map[string]bool{}}
	if err := walk.list(path); err != nil {
		return nil, nil, err
	}
	return walk.files, walk.failed, nil
}

type manifestWalk struct {
	// visited are the real paths of directories.
	visited map[string]bool
	files   []foundFile
	failed  []ReadFile
}

func (w *manifestWalk) list(dir string) error {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return fmt.Errorf("resolve %s: %w", dir, err)
	}
	if w.visited[real] {
		return nil
	}
	w.visited[real] = true
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), ".") {
			w.take(filepath.Join(dir, entry.Name()), entry)
		}
	}
	return nil
}

func (w *manifestWalk) take(path string, entry fs.DirEntry) {
	isDir := entry.IsDir()
	if entry.Type()&fs.ModeSymlink != 0 {
		info, err := os.Stat(path)
		isDir = err == nil && info.IsDir() // a dangling link named like a manifest fails when it is read
	}
	switch {
	case isDir:
		if err := w.list(path); err != nil {
			w.failed = append(w.failed, ReadFile{Path: path, Err: Problems{{File: path, Message: err.Error()}}})
		}
	case IsManifestName(path):
		w.files = append(w.files, foundFile{path: path})
	}
}

// IsManifestName says whether a file in a directory is read as manifests: .yaml, .yml and .json.
func IsManifestName(path string) bool {
	switch filepath.Ext(path) {
	case ".yaml", ".yml", ".json":
		return true
	default:
		return false
	}
}
