package nginx

import (
	"reflect"
	"sync"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// book has the last wish of each Deployment and how far it has come.
type book struct {
	mu      sync.Mutex
	entries map[string]*entry
}

type entry struct {
	wish  reconcile.RouteWish
	state reconcile.Wish
	// again: it was asked for once more when it was done already, so look whether it still is.
	again bool
}

// put takes a wish. It is false when nothing is to be done about it.
func (b *book) put(wish reconcile.RouteWish, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	name := wish.Deployment.String()
	e, found := b.entries[name]
	if found && reflect.DeepEqual(e.wish, wish) {
		switch e.state.State {
		case reconcile.WishPending:
			return false
		case reconcile.WishDone:
			e.again = true
			return true
		}
	}
	b.entries[name] = &entry{wish: wish, state: reconcile.Wish{State: reconcile.WishPending, Reason: "asked for", At: now}}
	return true
}

// open are the wishes to carry out, by name; with all also those that are done.
func (b *book) open(all bool) []reconcile.RouteWish {
	b.mu.Lock()
	defer b.mu.Unlock()
	var wishes []reconcile.RouteWish
	for _, name := range sortedKeys(b.entries) {
		if e := b.entries[name]; all || e.again || e.state.State == reconcile.WishPending {
			wishes = append(wishes, e.wish)
		}
	}
	return wishes
}

// settle says what became of a wish (written: what it lacks is the user's part), unless another one has taken its place. It is true when that is news.
func (b *book) settle(wish reconcile.RouteWish, state reconcile.WishState, reason string, written bool, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, found := b.entries[wish.Deployment.String()]
	if !found || !reflect.DeepEqual(e.wish, wish) {
		return false
	}
	e.again = false
	if e.state.State == state && e.state.Reason == reason && e.state.Written == written {
		return false
	}
	at := now
	if e.state.State == state {
		at = e.state.At
	}
	e.state = reconcile.Wish{State: state, Reason: reason, Written: written, At: at}
	return true
}

// states are those of all wishes, by Deployment.
func (b *book) states() map[string]reconcile.Wish {
	b.mu.Lock()
	defer b.mu.Unlock()
	states := make(map[string]reconcile.Wish, len(b.entries))
	for name, e := range b.entries {
		states[name] = e.state
	}
	return states
}

func (b *book) pending() bool { return len(b.open(false)) > 0 }
