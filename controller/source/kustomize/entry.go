package kustomize

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/segue-dev/segue/spec"
)

// entry is a file or directory that a kustomization names.
type entry struct {
	real, shown string
	isDir       bool
}

// remote is what kustomize would fetch: an address with a scheme, USER@HOST:PATH, or a forge's name.
var remote = regexp.MustCompile(`://|^[^/]*@[^/]+:|^git::|\?ref=|^[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)*\.(com|org|net|io|dev)[:/]`)

// entry finds what is written in a field. What is not there, is somewhere else, or must not be read is a problem.
func (s *survey) entry(l *layer, field, written string) (entry, bool) {
	e := entry{shown: filepath.Join(l.shown, written)}
	info, err := os.Stat(e.shown)
	switch {
	case filepath.IsAbs(written):
		s.problem(l.file.problem(field, "%s is an absolute path; give it relative to this file", written))
		return e, false
	case err != nil && remote.MatchString(written):
		s.problem(l.file.problem(field, "%s is somewhere else, and segue fetches nothing for a kustomization; put a copy of it beside this directory and name that", written))
		return e, false
	case err != nil:
		s.dirs[filepath.Dir(e.shown)] = true
		s.problem(l.file.problem(field, "there is no file or directory %s", e.shown))
		return e, false
	}
	e.isDir = info.IsDir()
	e.real = realPath(e.shown)
	switch {
	case s.within != "" && !inside(s.within, e.real):
		s.problem(l.file.problem(field, "%s leads out of the repository; put what is meant into it", written))
		return e, false
	case !e.isDir && !inside(l.dir, e.real):
		s.problem(l.file.problem(field, "%s lies outside of the directory of this kustomization, from where kustomize reads no files; move it there, or write a kustomization.yaml beside it and name its directory", written))
		return e, false
	}
	return e, true
}

// realPath is a path, absolute and without links; of one that is not there as much as can be said.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

// inside says whether path is dir or below it.
func inside(dir, path string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}

func (s *survey) content(l *layer, field string, e entry) ([]byte, bool) {
	if e.isDir {
		s.problem(l.file.problem(field, "%s is a directory; name a file", e.shown))
		return nil, false
	}
	data, err := spec.ReadRegular(e.shown)
	if err != nil {
		s.problem(l.file.problem(field, "%v", err))
		return nil, false
	}
	return data, true
}

// copied lays a file down in memory as it is.
func (s *survey) copied(l *layer, field, written string) string {
	e, ok := s.entry(l, field, written)
	if !ok {
		return written
	}
	data, ok := s.content(l, field, e)
	if !ok {
		return written
	}
	if err := s.memory.put(e.real, e.shown, data); err != nil {
		s.problem(l.file.problem(field, "%v", err))
	}
	return relative(l.dir, e.real)
}
