package registry

import (
	"context"
	"sync"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// How long a change stays in the delta, and how much of the registry one run of eviction spares.
const (
	deltaRetention = 3 * time.Minute
	sparedByEvict  = 0.85
)

// key names a lease.
type key struct{ app, id string }

// change is one entry of the delta.
type change struct {
	lease  *lease
	action string
	at     time.Time
}

// Registry is the server. It serves from the moment it is made; caches turn over and leases end only while Run runs.
type Registry struct {
	options Options
	started time.Time

	mu        sync.Mutex
	leases    map[key]*lease
	overrides map[key]reconcile.LeaseStatus
	changes   []change
	deltas    int
	// version counts what invalidates the response cache: everything but heartbeats.
	version int64
	cache   cache
	// beats of this and of the last whole minute, for self-preservation.
	beats, lastBeats int
	// touched has something in it where the file of leases lacks more than heartbeats.
	touched chan struct{}
}

// New makes an empty registry.
func New(options Options) *Registry {
	return &Registry{
		options:   options.withDefaults(),
		started:   time.Now(),
		leases:    map[key]*lease{},
		overrides: map[key]reconcile.LeaseStatus{},
		cache:     newCache(),
		touched:   make(chan struct{}, 1),
	}
}

// Run turns the caches over, ends leases and keeps them until ctx ends.
func (r *Registry) Run(ctx context.Context) error {
	var keeping sync.WaitGroup
	defer keeping.Wait()
	if r.options.Keep != "" {
		keeping.Go(func() { r.keep(ctx) })
	}
	evict := time.NewTicker(r.options.EvictionInterval)
	defer evict.Stop()
	minute := time.NewTicker(time.Minute)
	defer minute.Stop()
	// Turns are at multiples of the interval, as :00 and :30, whenever a server starts.
	var turn <-chan time.Time
	if r.options.ResponseCache > 0 {
		turn = time.After(untilTurn(r.options.ResponseCache))
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-turn:
			r.turnCache()
			turn = time.After(untilTurn(r.options.ResponseCache))
		case <-evict.C:
			r.evict()
		case <-minute.C:
			r.mu.Lock()
			r.lastBeats, r.beats = r.beats, 0
			r.mu.Unlock()
		}
	}
}

func untilTurn(every time.Duration) time.Duration {
	now := time.Now()
	return now.Truncate(every).Add(every).Sub(now)
}

// live is the lease, unless it has expired and expired leases count as gone.
func (r *Registry) live(k key, now time.Time) *lease {
	l := r.leases[k]
	if l == nil || l.expired(now) && r.expires() {
		return nil
	}
	return l
}

// expires says whether leases end: always, unless self-preservation is on and too few heartbeats come.
func (r *Registry) expires() bool {
	if !r.options.SelfPreservation {
		return true
	}
	threshold := int(float64(len(r.leases)*2) * sparedByEvict)
	return threshold > 0 && r.lastBeats > threshold
}

// evict drops expired leases, at most 15 % of the registry and at least one.
func (r *Registry) evict() {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if !r.expires() {
		return
	}
	limit := len(r.leases) - int(float64(len(r.leases))*sparedByEvict)
	for _, k := range r.sorted() {
		if limit > 0 && r.leases[k].expired(now) {
			r.drop(k, now)
			limit--
		}
	}
}

// changed notes what consumers are to hear of.
func (r *Registry) changed(l *lease, action string, now time.Time) {
	l.instance.Action = action
	l.instance.LastUpdated = now.UnixMilli()
	r.changes = append(r.changes, change{l, action, now})
	r.version++
	select {
	case r.touched <- struct{}{}:
	default: // it is to be written as it is
	}
}
