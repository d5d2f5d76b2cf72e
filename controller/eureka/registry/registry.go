package registry

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/segue-dev/segue/controller/eureka"
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
}

// New makes an empty registry.
func New(options Options) *Registry {
	return &Registry{
		options:   options.withDefaults(),
		started:   time.Now(),
		leases:    map[key]*lease{},
		overrides: map[key]reconcile.LeaseStatus{},
		cache:     newCache(),
	}
}

// Run turns the caches over and ends leases until ctx ends.
func (r *Registry) Run(ctx context.Context) error {
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

// register is a POST.
func (r *Registry) register(instance eureka.Instance, replicated bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	k := key{strings.ToUpper(instance.App), instance.ID}
	instance.App = k.app
	if instance.LastDirty == 0 {
		instance.LastDirty = now.UnixMilli()
	}
	existing := r.leases[k]
	if existing != nil && existing.instance.LastDirty > instance.LastDirty {
		instance = existing.instance
	}
	l := newLease(instance, now)
	if existing != nil {
		l.serviceUp = existing.serviceUp
	}
	r.leases[k] = l
	if _, overridden := r.overrides[k]; !overridden && instance.Overridden != reconcile.LeaseUnknown && instance.Overridden != reconcile.LeaseNone {
		r.overrides[k] = instance.Overridden
	}
	if override, overridden := r.overrides[k]; overridden {
		l.instance.Overridden = override
	}
	l.instance.Status = resolve(l.instance.Status, r.overrides[k], existing, replicated)
	if l.instance.Status == reconcile.LeaseUp {
		l.up(now)
	}
	r.changed(l, "ADDED", now)
}

// beat is a heartbeat. It is false when the client is to register.
func (r *Registry) beat(k key, replicated bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.leases[k]
	if l == nil {
		return false
	}
	status := resolve(l.instance.Status, r.overrides[k], l, replicated)
	if status == reconcile.LeaseUnknown {
		return false
	}
	l.instance.Status = status
	l.renew(time.Now())
	r.beats++
	return true
}

// cancel deletes a lease and its override.
func (r *Registry) cancel(k key) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.drop(k, time.Now())
}

func (r *Registry) drop(k key, now time.Time) bool {
	delete(r.overrides, k)
	l := r.leases[k]
	if l == nil {
		return false
	}
	delete(r.leases, k)
	r.changed(l, "DELETED", now)
	return true
}

// override is PUT status. What the status is already is not remembered as an override.
func (r *Registry) override(k key, status reconcile.LeaseStatus, dirty int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	l := r.live(k, now)
	if l == nil {
		return false
	}
	l.renew(now)
	if l.instance.Status == status {
		return true
	}
	if status == reconcile.LeaseUp {
		l.up(now)
	}
	r.overrides[k] = status
	l.instance.Overridden, l.instance.Status = status, status
	l.instance.LastDirty = max(l.instance.LastDirty, dirty)
	r.changed(l, "MODIFIED", now)
	return true
}

// clearOverride is DELETE status: what is believed afterwards is status.
func (r *Registry) clearOverride(k key, status reconcile.LeaseStatus, dirty int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	l := r.live(k, now)
	if l == nil {
		return false
	}
	l.renew(now)
	if _, overridden := r.overrides[k]; !overridden {
		return true
	}
	delete(r.overrides, k)
	if status == reconcile.LeaseUp {
		l.up(now)
	}
	l.instance.Overridden, l.instance.Status = reconcile.LeaseUnknown, status
	l.instance.LastDirty = max(l.instance.LastDirty, dirty)
	r.changed(l, "MODIFIED", now)
	return true
}

// annotate is PUT metadata. It lasts until the app registers anew.
func (r *Registry) annotate(k key, metadata map[string]string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	l := r.live(k, now)
	if l == nil {
		return false
	}
	l.instance.Metadata = maps.Clone(l.instance.Metadata)
	if l.instance.Metadata == nil {
		l.instance.Metadata = map[string]string{}
	}
	maps.Copy(l.instance.Metadata, metadata)
	r.changed(l, "MODIFIED", now)
	return true
}

// instance is a live read: by app and id, or by id alone when app is "".
func (r *Registry) instance(k key) (eureka.Instance, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if k.app == "" {
		for _, other := range r.sorted() {
			if other.id == k.id {
				k = other
				break
			}
		}
	}
	if l := r.live(k, now); l != nil {
		return l.seen(), true
	}
	return eureka.Instance{}, false
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
}

// all is the whole registry by application, sorted.
func (r *Registry) all(keep func(eureka.Instance) bool) eureka.Applications {
	answer := eureka.Applications{Version: "1", Apps: []eureka.Application{}}
	var kept []eureka.Instance
	for _, k := range r.sorted() {
		if shown := r.leases[k].seen(); keep(shown) {
			kept = append(kept, shown)
		}
	}
	answer.Apps = grouped(kept)
	answer.Hash = hash(kept)
	return answer
}

// delta is what changed in the last minutes, the last change of an instance last; its hash is the whole registry's.
func (r *Registry) delta() eureka.Applications {
	now := time.Now()
	r.changes = slices.DeleteFunc(r.changes, func(c change) bool { return now.Sub(c.at) > deltaRetention })
	r.deltas++
	var shown, all []eureka.Instance
	for _, c := range r.changes {
		seen := c.lease.seen()
		seen.Action = c.action
		shown = append(shown, seen)
	}
	for _, l := range r.leases {
		all = append(all, l.instance)
	}
	return eureka.Applications{Version: strconv.Itoa(r.deltas), Hash: hash(all), Apps: grouped(shown)}
}

func (r *Registry) sorted() []key {
	return slices.SortedFunc(maps.Keys(r.leases), func(a, b key) int {
		if by := strings.Compare(a.app, b.app); by != 0 {
			return by
		}
		return strings.Compare(a.id, b.id)
	})
}

// grouped puts instances under their applications and keeps their order.
func grouped(instances []eureka.Instance) []eureka.Application {
	apps := []eureka.Application{}
	at := map[string]int{}
	for _, i := range instances {
		n, known := at[i.App]
		if !known {
			n = len(apps)
			at[i.App] = n
			apps = append(apps, eureka.Application{Name: i.App, Instances: []eureka.Instance{}})
		}
		apps[n].Instances = append(apps[n].Instances, i)
	}
	return apps
}

// hash counts by status, in the alphabet's order: DOWN_1_UP_3_.
func hash(instances []eureka.Instance) string {
	count := map[string]int{}
	for _, i := range instances {
		count[string(i.Status)]++
	}
	var b strings.Builder
	for _, status := range slices.Sorted(maps.Keys(count)) {
		b.WriteString(status + "_" + strconv.Itoa(count[status]) + "_")
	}
	return b.String()
}
