package source

import (
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// TestCalm: only what cannot be half written, and stands alone, is read soon.
func TestCalm(t *testing.T) {
	began := time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
	create := func(name string) fsnotify.Event { return fsnotify.Event{Name: name, Op: fsnotify.Create} }
	write := func(name string) fsnotify.Event { return fsnotify.Event{Name: name, Op: fsnotify.Write} }
	removal := func(name string) fsnotify.Event { return fsnotify.Event{Name: name, Op: fsnotify.Remove} }
	for _, test := range []struct {
		what   string
		events []fsnotify.Event
		last   time.Duration
		want   time.Duration
	}{
		{"a known file is replaced", []fsnotify.Event{create("web.yaml")}, 0, 25 * time.Millisecond},
		{"it is replaced twice", []fsnotify.Event{create("web.yaml"), create("web.yaml")}, 0, 25 * time.Millisecond},
		{"a new file appears, which may be half written", []fsnotify.Event{create("new.yaml")}, 0, 200 * time.Millisecond},
		{"a known file is written in place", []fsnotify.Event{write("web.yaml")}, 0, 200 * time.Millisecond},
		{"a known file is removed and written anew", []fsnotify.Event{removal("web.yaml"), create("web.yaml")}, 0, 200 * time.Millisecond},
		{"it is replaced, then written", []fsnotify.Event{create("web.yaml"), write("web.yaml")}, 0, 200 * time.Millisecond},
		{"two files are replaced", []fsnotify.Event{create("web.yaml"), create("db.yaml")}, 0, 200 * time.Millisecond},
		{"a file moves into another", []fsnotify.Event{create("web.yaml"), removal("db.yaml")}, 0, 200 * time.Millisecond},
		{"it never gets quiet", []fsnotify.Event{write("web.yaml"), write("web.yaml")}, 1900 * time.Millisecond, 100 * time.Millisecond},
	} {
		var since unrest
		now := began
		for i, event := range test.events {
			if i == len(test.events)-1 {
				now = began.Add(test.last)
			}
			since.add(event, event.Name == "web.yaml" || event.Name == "db.yaml", now)
		}
		if got := since.calm(debounce, now); got != test.want {
			t.Errorf("%s: must be quiet for %s, want %s", test.what, got, test.want)
		}
	}
}
