package git

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/source/kustomize"
	"github.com/segue-dev/segue/spec"
)

const (
	// maxFiles bounds what one commit may hold.
	maxFiles = 200_000
	// maxFile is what spec reads of one file; larger ones are laid down as holes of their size, so that it says so.
	maxFile = 1 << 20
)

// lay lays the commit's files down, reads what is below the path, and removes them again.
func (r *Repository) lay(t *tree) (controller.Reading, error) {
	reading := controller.Reading{Commit: t.known()}
	if err := os.MkdirAll(r.options.Dir, 0o700); err != nil {
		return reading, fmt.Errorf("make directory: %w", err)
	}
	dir, err := os.MkdirTemp(r.options.Dir, "commit-")
	if err != nil {
		return reading, fmt.Errorf("make directory: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // the next start sweeps what stays
	if err := r.checkPath(t); err != nil {
		return reading, err
	}
	astray, err := t.write(dir)
	if err != nil {
		return reading, fmt.Errorf("lay commit %s down: %w", short(t.hash()), err)
	}
	laid := &laid{root: dir, below: filepath.Join(dir, filepath.FromSlash(r.options.Path)), astray: astray}
	if err := laid.read(&reading); err != nil {
		return reading, err
	}
	if len(reading.Manifests) == 0 && len(reading.Failed) == 0 {
		return reading, &controller.Trouble{Reason: api.ReasonEmpty, Message: fmt.Sprintf(
			"commit %s %q by %s holds no manifest below %q; if that is meant, delete the objects with segue delete after segue suspend %s; else push them again, or name another --path",
			short(t.hash()), t.subject(), t.author(), "/"+r.options.Path, r.options.Name)}
	}
	return reading, nil
}

// checkPath: the path is a directory of the commit.
func (r *Repository) checkPath(t *tree) error {
	root, err := t.commit.Tree()
	if err != nil {
		return err
	}
	if r.options.Path == "" {
		return nil
	}
	_, err = root.Tree(r.options.Path)
	if !errors.Is(err, object.ErrDirectoryNotFound) && !errors.Is(err, object.ErrEntryNotFound) {
		return err
	}
	var names []string
	for _, entry := range root.Entries {
		if entry.Mode == filemode.Dir {
			names = append(names, printable(entry.Name))
		}
	}
	return &controller.Trouble{Reason: api.ReasonMissing, Message: fmt.Sprintf(
		"commit %s %q by %s has no directory %s (it has %s); push it again, or name another with --path",
		short(t.hash()), t.subject(), t.author(), r.options.Path, strings.Join(names[:min(len(names), 10)], ", "))}
}

// write lays every file down below dir. astray are the symbolic links that lead out of the repository, with where they
// lead; they are left out.
func (t *tree) write(dir string) (astray map[string]string, err error) {
	files, err := t.commit.Files()
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }() // only a handle
	astray = map[string]string{}
	n := 0
	err = files.ForEach(func(f *object.File) error {
		if n++; n > maxFiles {
			return fmt.Errorf("more than %d files", maxFiles)
		}
		if err := t.ctx.Err(); err != nil {
			return err
		}
		if err := root.MkdirAll(path.Dir(f.Name), 0o700); err != nil {
			return err
		}
		if f.Mode == filemode.Symlink {
			return writeLink(root, f, astray)
		}
		return writeFile(root, f)
	})
	return astray, err
}

func writeFile(root *os.Root, f *object.File) (err error) {
	to, err := root.OpenFile(f.Name, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	if f.Size > maxFile {
		return to.Truncate(f.Size)
	}
	from, err := f.Reader()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	_, err = io.Copy(to, io.LimitReader(from, maxFile+1))
	return err
}

func writeLink(root *os.Root, f *object.File, astray map[string]string) error {
	target, err := f.Contents()
	if err != nil {
		return err
	}
	if path.IsAbs(target) || !filepath.IsLocal(path.Join(path.Dir(f.Name), target)) {
		astray[f.Name] = printable(target)
		return nil
	}
	return root.Symlink(target, f.Name)
}

// laid is a commit that was laid down.
type laid struct {
	root, below string
	astray      map[string]string
}

// read reads the manifests below the path, with paths as the repository has them.
func (l *laid) read(reading *controller.Reading) error {
	if kustomize.Is(l.below) {
		l.render(reading)
		return nil
	}
	files, err := spec.ReadDirectory(l.below)
	if err != nil {
		return errors.New(l.own(err.Error()))
	}
	reading.Failed = map[string]error{}
	for _, file := range files {
		problems := l.problems(file.Err)
		for i := range file.Manifests {
			problems = spec.Join(problems, l.leadsOut(file, &file.Manifests[i]))
			file.Manifests[i].Origin = l.own(file.Manifests[i].Origin)
		}
		if problems != nil {
			reading.Failed[l.own(file.Path)] = problems
			continue
		}
		reading.Manifests = append(reading.Manifests, file.Manifests...)
	}
	for name, target := range l.astray {
		if below := filepath.Join(l.root, filepath.FromSlash(name)); strings.HasPrefix(below, l.below+"/") && spec.IsManifestName(name) {
			reading.Failed[name] = spec.Problems{{File: name, Message: "a symbolic link to " + target + ", out of the repository; put the file itself here"}}
		}
	}
	return nil
}

// render renders the kustomization at the path. It may build on what lies elsewhere in the commit.
func (l *laid) render(reading *controller.Reading) {
	made := kustomize.Render(l.below, l.root)
	reading.Failed = map[string]error{}
	if made.Err != nil {
		reading.Failed[l.own(l.below)] = l.problems(made.Err)
		return
	}
	for i := range made.Manifests {
		made.Manifests[i].Origin = l.own(made.Manifests[i].Origin)
	}
	reading.Manifests = made.Manifests
}

// own is a text with the paths of the repository.
func (l *laid) own(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, l.root+"/", ""), l.root, ".")
}

func (l *laid) problems(err error) error {
	var problems spec.Problems
	if !errors.As(err, &problems) {
		return err
	}
	problems = slices.Clone(problems)
	for i := range problems {
		problems[i].File, problems[i].Message = l.own(problems[i].File), l.own(problems[i].Message)
	}
	return problems
}

// leadsOut refuses files that the commit does not have: it would not say what runs. Absolute paths are the host's, and
// meant: secrets that are in no repository.
func (l *laid) leadsOut(file spec.ReadFile, m *spec.Manifest) error {
	for _, name := range m.FileNames() {
		full := filepath.Join(filepath.Dir(file.Path), name)
		if inside, err := filepath.Rel(l.root, full); !filepath.IsAbs(name) && (err != nil || !filepath.IsLocal(inside)) {
			return spec.Problems{{File: l.own(m.Origin), Message: name + " leads out of the repository; put the file into it, or give its whole path on the host"}}
		}
	}
	return nil
}
