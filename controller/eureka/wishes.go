package eureka

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// removalMemory is how long a removed lease that some slow read still shows is not taken for one that was found.
const removalMemory = 5 * time.Minute

// wishes are what was ordered in this process, for all servers.
type wishes struct {
	mu      sync.Mutex
	wanted  map[string]wish
	removed map[string]time.Time
}

func newWishes() *wishes {
	return &wishes{wanted: map[string]wish{}, removed: map[string]time.Time{}}
}

func (w *wishes) get(id string) (wish, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	found, known := w.wanted[id]
	return found, known
}

// ids are those for which something is wanted.
func (w *wishes) ids() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Keys(w.wanted))
}

// order takes a new order. Giving the same one again changes nothing.
func (w *wishes) order(state wishState, order reconcile.LeaseOrder, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.wanted[order.ID]
	same := before.order
	same.Metadata = nil
	next := order
	next.Metadata = nil
	delete(w.removed, order.ID)
	if before.state == state && same.ID == next.ID && same.HostName == next.HostName && same.Port == next.Port &&
		same.App == next.App && same.Managed == next.Managed && maps.Equal(before.order.Metadata, order.Metadata) {
		return
	}
	w.wanted[order.ID] = wish{state: state, order: order, at: now, dirty: max(now.UnixMilli(), before.dirty+1)}
}

// adopt takes over the heartbeats of a managed lease that was read at or after began.
func (w *wishes) adopt(i Instance, began time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before, known := w.wanted[i.ID]
	if known && (before.state != kept || before.dirty > i.LastDirty) {
		return
	}
	if at, gone := w.removed[i.ID]; gone && !began.After(at) {
		return
	}
	order := reconcile.LeaseOrder{ID: i.ID, App: i.App, Managed: true}
	w.wanted[i.ID] = wish{state: kept, order: order, at: began, dirty: i.LastDirty, found: i}
}

// remove forgets an id. Until gone, and in what was read before that, its lease is not taken for one that was found.
func (w *wishes) remove(id string, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.wanted, id)
	maps.DeleteFunc(w.removed, func(_ string, at time.Time) bool { return now.Sub(at) > removalMemory })
	w.removed[id] = now.Add(removalMemory)
}

// gone says that the lease is deleted: what is read from now on counts again.
func (w *wishes) gone(id string, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, removing := w.removed[id]; removing {
		w.removed[id] = now
	}
}

// stamp gives the wish a timestamp that is newer than one that a server has, and no newer than needed: servers that
// have older ones get the same.
func (w *wishes) stamp(id string, than int64, now time.Time) (wish, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	stamped, known := w.wanted[id]
	if known && stamped.dirty <= than {
		stamped.dirty = max(now.UnixMilli(), than+1)
		w.wanted[id] = stamped
	}
	return stamped, known
}
