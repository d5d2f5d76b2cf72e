package source

import (
	"context"
	"fmt"
	"path/filepath"
	"reflect"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/source/kustomize"
	"github.com/segue-dev/segue/spec"
)

const (
	// debounce is how long it must be quiet after a change before the directory is read: an editor's write, rename
	// and chmod, or a git checkout of many files, are one reading. unrest says when less is enough.
	debounce = 200 * time.Millisecond
	// longestUnrest is when it is read although it never gets quiet.
	longestUnrest = 2 * time.Second
	// poll is the safety net below the kernel's notifications.
	poll = 30 * time.Second
)

// Directory reads the manifests below a directory, or what the kustomization in it renders, and follows their changes.
type Directory struct {
	dir string
	log logr.Logger
	// debounce and poll are the constants; tests shorten them.
	debounce, poll time.Duration
	// asked is filled when somebody wants it read now.
	asked chan struct{}
	// files are those of the last reading.
	files map[string]bool
	// renderer renders what the directory's kustomization is, where it has one.
	renderer kustomize.Renderer
}

// NewDirectory starts nothing; Run does. dir need not exist yet: until then it says nothing about anything.
func NewDirectory(dir string, log logr.Logger) *Directory {
	if full, err := filepath.Abs(dir); err == nil {
		dir = full
	}
	return &Directory{dir: dir, log: log, debounce: debounce, poll: poll, asked: make(chan struct{}, 1)}
}

// Name is dir:PATH, with the absolute path.
func (d *Directory) Name() string { return "dir:" + d.dir }

// Run hands a reading to read at once, and another whenever what was read has changed, until ctx ends. It gives nil
// then, and an error only if notifications cannot be had at all.
func (d *Directory) Run(ctx context.Context, read func(controller.Reading)) error {
	notifier, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch %s: %w", d.dir, err)
	}
	defer func() { _ = notifier.Close() }() // nothing is lost: it only listened
	watched := newWatches(d.dir, notifier, d.log)
	var last *controller.Reading
	asked := false
	for {
		// Watch, then read: what changes in between is noticed and read once more.
		watched.refresh()
		now, also := d.reading()
		if watched.widen(also) {
			continue
		}
		now.Asked = asked
		if last == nil || asked || !same(*last, now) {
			read(now)
			last = &now
		}
		var on bool
		if asked, on = d.rest(ctx, watched); !on {
			return nil
		}
	}
}

// reading is the directory as it is, and the other directories that it was read from.
func (d *Directory) reading() (r controller.Reading, also []string) {
	if kustomize.Is(d.dir) {
		return d.rendering()
	}
	files, err := spec.ReadDirectory(d.dir)
	if err != nil {
		return controller.Reading{Err: fmt.Errorf("read manifests: %w", err)}, nil
	}
	r.Failed = map[string]error{}
	d.files = map[string]bool{}
	for _, file := range files {
		d.files[file.Path] = true
		if file.Err != nil {
			r.Failed[file.Path] = file.Err
			continue
		}
		r.Manifests = append(r.Manifests, file.Manifests...)
	}
	return r, nil
}

// rendering is what the directory's kustomization makes, as a whole: one problem anywhere, and it says nothing.
func (d *Directory) rendering() (controller.Reading, []string) {
	d.files = nil
	made := d.renderer.Render(d.dir, "")
	switch {
	case made.Err != nil:
		return controller.Reading{Err: &controller.Trouble{Reason: api.ReasonRefused, Message: made.Err.Error()}}, made.Dirs
	case len(made.Manifests) == 0:
		return controller.Reading{Err: &controller.Trouble{Reason: api.ReasonEmpty, Message: fmt.Sprintf(
			"the kustomization in %s renders no manifest; name some under resources, or, if that is meant, delete the objects with segue delete after segue suspend %s", d.dir, d.Name())}}, made.Dirs
	}
	return controller.Reading{Manifests: made.Manifests, Failed: map[string]error{}}, made.Dirs
}

// Now has it read at once.
func (d *Directory) Now(bool) {
	select {
	case d.asked <- struct{}{}:
	default:
	}
}

// rest returns when it is time to read again, because somebody asked or not; on is false when ctx has ended.
func (d *Directory) rest(ctx context.Context, watched *watches) (asked, on bool) {
	next := time.NewTimer(d.poll)
	defer next.Stop()
	var since unrest
	for {
		select {
		case <-ctx.Done():
			return false, false
		case <-d.asked:
			return true, true
		case <-next.C:
			return false, true
		case event := <-watched.notifier.Events:
			if !watched.concerns(event.Name) {
				continue
			}
			now := time.Now()
			since.add(event, d.files[event.Name], now)
			next.Reset(since.calm(d.debounce, now))
		case err := <-watched.notifier.Errors:
			// Events were lost (the kernel's queue overflowed): anything may have changed.
			d.log.V(1).Info("lost notifications of a manifest directory, reading it anew", "directory", d.dir, "reason", err.Error())
			since.more = true
			next.Reset(d.debounce)
		}
	}
}

// same says whether two readings say the same.
func same(a, b controller.Reading) bool {
	return text(a.Err) == text(b.Err) && reflect.DeepEqual(texts(a.Failed), texts(b.Failed)) && reflect.DeepEqual(a.Manifests, b.Manifests)
}

func texts(errs map[string]error) map[string]string {
	all := map[string]string{}
	for file, err := range errs {
		all[file] = text(err)
	}
	return all
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
