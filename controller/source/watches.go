package source

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fsnotify/fsnotify"
	"github.com/go-logr/logr"
)

// watches are the directories that the kernel reports changes of: every visible one below one of dirs, and each one
// above them that exists, so that they are noticed when they appear, or are replaced.
type watches struct {
	// dirs are the directory itself, first, and those that its kustomization builds on.
	dirs     []string
	notifier *fsnotify.Watcher
	log      logr.Logger
	// held is what each path was when its watch was set: a watch follows a directory that is renamed away.
	held map[string]fs.FileInfo
	// tree are the held paths that are one of dirs or below it.
	tree map[string]bool
	// complained: it was logged that something cannot be watched.
	complained bool
}

func newWatches(dir string, notifier *fsnotify.Watcher, log logr.Logger) *watches {
	return &watches{dirs: []string{dir}, notifier: notifier, log: log, held: map[string]fs.FileInfo{}}
}

// widen makes more the other directories beside the first; it says whether any is new, so that what it holds may have
// changed unseen.
func (w *watches) widen(more []string) bool {
	wider := slices.ContainsFunc(more, func(dir string) bool { return !slices.Contains(w.dirs, dir) })
	w.dirs = append(w.dirs[:1:1], slices.DeleteFunc(slices.Clone(more), func(dir string) bool { return dir == w.dirs[0] })...)
	return wider
}

// refresh makes the watches those of the directories that are there now.
func (w *watches) refresh() {
	wanted := map[string]fs.FileInfo{}
	w.tree = map[string]bool{}
	for _, dir := range w.dirs {
		w.descend(dir, wanted)
	}
	for _, dir := range w.dirs {
		w.ascend(dir, wanted)
		if real, _, ok := directory(dir); ok && real != dir {
			w.ascend(real, wanted)
		}
	}
	for path, before := range w.held {
		if now, stays := wanted[path]; !stays || !os.SameFile(before, now) {
			_ = w.notifier.Remove(path) // gone already when the directory is
			delete(w.held, path)
		}
	}
	for path, info := range wanted {
		w.hold(path, info)
	}
}

// hold sets a watch; for one that is held already that changes nothing, unless the kernel had dropped it.
func (w *watches) hold(path string, info fs.FileInfo) {
	err := w.notifier.Add(path)
	if err == nil {
		w.held[path] = info
		return
	}
	delete(w.held, path)
	if _, _, exists := directory(path); exists && !w.complained {
		w.complained = true
		w.log.Info("cannot watch a manifest directory, reading it every 30 seconds instead", "directory", path, "reason", err.Error())
	}
}

// ascend wants every directory above path.
func (w *watches) ascend(path string, wanted map[string]fs.FileInfo) {
	for above := filepath.Dir(path); ; above = filepath.Dir(above) {
		if real, info, ok := directory(above); ok && !w.tree[real] {
			wanted[real] = info
		}
		if above == filepath.Dir(above) {
			return
		}
	}
}

// descend wants path and every visible directory below it, links followed, each once.
func (w *watches) descend(path string, wanted map[string]fs.FileInfo) {
	real, info, ok := directory(path)
	if !ok || w.tree[real] {
		return
	}
	wanted[real], w.tree[real] = info, true
	entries, err := os.ReadDir(real)
	if err != nil {
		return // what cannot be listed is reported by the reading
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), ".") && (entry.IsDir() || entry.Type()&fs.ModeSymlink != 0) {
			w.descend(filepath.Join(real, entry.Name()), wanted)
		}
	}
}

// directory resolves a path; ok says whether it is a directory now.
func directory(path string) (real string, info fs.FileInfo, ok bool) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", nil, false
	}
	info, err = os.Stat(real)
	return real, info, err == nil && info.IsDir()
}

// concerns says whether a change of that name may change what is read. Above the directories only what leads to one does.
func (w *watches) concerns(name string) bool {
	if w.tree[name] || w.tree[filepath.Dir(name)] {
		return true
	}
	for _, dir := range w.dirs {
		if leads(name, dir) {
			return true
		}
		if real, err := filepath.EvalSymlinks(dir); err == nil && leads(name, real) {
			return true
		}
	}
	return false
}

func leads(name, to string) bool {
	return name == to || strings.HasPrefix(to, strings.TrimSuffix(name, "/")+"/")
}
