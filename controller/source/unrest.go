package source

import (
	"time"

	"github.com/fsnotify/fsnotify"
)

// unrest is what the kernel has told since the directory was last read.
type unrest struct {
	// ends is when it is read although it never gets quiet; zero before the first event.
	ends time.Time
	// replaced is the one file that was replaced, "" for none; more: something else happened as well.
	replaced string
	more     bool
}

// add takes an event in. known: the name is a manifest that was read before.
//
// Of a known file that is only created nothing is half written: another was renamed over it, which is how editors and
// configuration management replace a file. A file that is written in place is changed, one that is removed and written
// anew is removed first.
func (u *unrest) add(event fsnotify.Event, known bool, now time.Time) {
	if u.ends.IsZero() {
		u.ends = now.Add(longestUnrest)
	}
	if event.Op != fsnotify.Create || !known || u.replaced != "" && u.replaced != event.Name {
		u.more = true
	}
	u.replaced = event.Name
}

// calm is how long it must be quiet now. One file that was replaced whole waits only for those that may follow it.
//
//	what happened                      must be quiet for
//	a known file was renamed over      25 ms
//	anything else                      200 ms, but at most 2 s from the first
func (u *unrest) calm(debounce time.Duration, now time.Time) time.Duration {
	if !u.more {
		return min(debounce/8, u.ends.Sub(now))
	}
	return min(debounce, u.ends.Sub(now))
}
