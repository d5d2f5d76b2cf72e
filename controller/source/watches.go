package source

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/fsnotify/fsnotify"
	"github.com/go-logr/logr"
)

// watches are the directories that the kernel reports changes of: every visible one below dir, and each one above
// it that exists, so that dir is noticed when it appears, or is replaced.
type watches struct {
	dir      string
	notifier *fsnotify.Watcher
	log      logr.Logger
	// held is what each path was when its watch was set: a watch follows a directory that is renamed away.
	held map[string]fs.FileInfo
	// tree are the held paths that are dir or below it.
	tree map[string]bool
	// complained: it was logged that something cannot be watched.
	complained bool
}

func newWatches(dir string, notifier *fsnotify.Watcher, log logr.Logger) *watches {
	return &watches{dir: dir, notifier: notifier, log: log, held: map[string]fs.FileInfo{}}
}

// refresh makes the watches those of the directories that are there now.
func (w *watches) refresh() {
	wanted := map[string]fs.FileInfo{}
	w.tree = map[string]bool{}
	w.descend(w.dir, wanted)
	w.ascend(w.dir, wanted)
	if real, _, ok := directory(w.dir); ok && real != w.dir {
		w.ascend(real, wanted)
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

// concerns says whether a change of that name may change what is read. Above dir only what leads to it does.
func (w *watches) concerns(name string) bool {
	if w.tree[name] || w.tree[filepath.Dir(name)] {
		return true
	}
	if leads(name, w.dir) {
		return true
	}
	real, err := filepath.EvalSymlinks(w.dir)
	return err == nil && leads(name, real)
}

func leads(name, to string) bool {
	return name == to || strings.HasPrefix(to, strings.TrimSuffix(name, "/")+"/")
}
