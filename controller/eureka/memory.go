package eureka

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// forgetting is how much longer than its consumers segue remembers a lease that is gone.
const forgetting = time.Minute

// memory is what is known of one server, as of the last look at it.
type memory struct {
	url       string
	cacheTime time.Duration
	wishes    *wishes

	mu       sync.Mutex
	standing standing
	// began is when the last look began that has ended; underway when the one began that has not.
	began    time.Time
	underway time.Time
	records  map[string]*record
	// entries are the cached view's, of everybody.
	entries map[string]entry
	// started is when the server's process began; "" where it does not say.
	started string
	// ended is closed when a look has ended.
	ended chan struct{}
}

func newMemory(url string, cacheTime time.Duration, wishes *wishes) *memory {
	return &memory{
		url: url, cacheTime: cacheTime, wishes: wishes, ended: make(chan struct{}), records: map[string]*record{},
	}
}

// returned says whether the server has come back, empty, as another process, or after being away; the first good look
// counts as that. lost says whether what was ordered may be lost by it.
func (m *memory) returned(seen reading) (returned, lost bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.standing.looked || m.standing.away {
		return true, m.standing.away
	}
	another := m.emptied(seen) || seen.started != m.started
	return another, another
}

// emptied: a lease that was there is not, and of all the entries that anybody had not one has the time of registration
// that it had. When the last lease of a server without a cache ends, that looks the same; then nobody waits for it.
func (m *memory) emptied(seen reading) bool {
	missing := false
	for id, r := range m.records {
		now, found := seen.live[id]
		if r.found && found && now.Lease.Registered == r.instance.Lease.Registered {
			return false
		}
		missing = missing || r.found && !found
	}
	if !missing {
		return false
	}
	for key, before := range m.entries {
		if now, still := seen.entries[key]; still && now.registered == before.registered {
			return false
		}
	}
	return true
}

// take takes in a good look and gives the ids of which something changed; all says that it is the server itself.
func (m *memory) take(seen reading, returned bool) (changed []string, all bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all = m.standing.answers(returned, seen.ended)
	m.began, m.entries, m.started = seen.began, seen.entries, seen.started
	for _, id := range m.concerned(seen) {
		r := m.records[id]
		if r == nil {
			r = &record{}
			m.records[id] = r
		}
		before := r.lease
		w, wanted := m.wishes.get(id)
		r.take(id, seen, w, wanted)
		if hidden := r.lease.HiddenSince; !r.found && !hidden.IsZero() && seen.ended.Sub(hidden) > m.cacheTime+forgetting && !wanted {
			delete(m.records, id)
		}
		if r.lease != before {
			changed = append(changed, id)
		}
	}
	m.tell()
	return changed, all
}

// concerned are the ids that a look says something of: also that they are gone.
func (m *memory) concerned(seen reading) []string {
	ids := map[string]bool{}
	for id := range seen.live {
		ids[id] = true
	}
	for id := range seen.cached {
		ids[id] = true
	}
	for id := range m.records {
		ids[id] = true
	}
	return slices.Sorted(maps.Keys(ids))
}

// fail takes in a look that failed, and says whether that changed what is known.
func (m *memory) fail(began, ended time.Time, err error) (changed bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	changed = m.standing.fails(began, ended, err, m.cacheTime)
	m.began = began
	m.tell()
	return changed
}

// begin says that a look begins.
func (m *memory) begin(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.underway = now
}

// answering: the look that is under way is as new as that.
func (m *memory) answering(began time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.underway.IsZero() && !m.underway.Before(began)
}

func (m *memory) tell() {
	m.underway = time.Time{}
	close(m.ended)
	m.ended = make(chan struct{})
}

// view is what is known as of began or later; else it gives what is closed when the next look has ended. What is
// unknown is so at any time: nobody need wait for it.
func (m *memory) view(began time.Time) (reconcile.EurekaServer, time.Time, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	unknown := m.standing.state == reconcile.ServerUnknown
	if m.began.Before(began) && !unknown || m.began.IsZero() {
		return reconcile.EurekaServer{}, time.Time{}, m.ended
	}
	seen := reconcile.EurekaServer{
		URL: m.url, State: m.standing.state, Reason: m.standing.reason, RestartedAt: m.standing.restartedAt,
		Leases: map[string]reconcile.Lease{},
	}
	if seen.State == reconcile.ServerUp {
		for id, r := range m.records {
			seen.Leases[id] = r.lease
		}
	}
	return seen, m.began, nil
}

// now is what is known at this moment, however old.
func (m *memory) now() reconcile.EurekaServer {
	seen, _, waiting := m.view(time.Time{})
	if waiting != nil {
		return reconcile.EurekaServer{URL: m.url, Reason: "not asked yet"}
	}
	return seen
}

// askable: a write is worth a try. A server that does not answer is written to by the poll that finds it back.
func (m *memory) askable() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.standing.missed == 0
}

// apps are the applications of what is to be read live: what is remembered, wanted, or watched. What is none of these
// and not the owner's is forgotten.
func (m *memory) apps(prefix string, watched []string) map[string]string {
	apps := map[string]string{}
	for _, id := range watched {
		apps[id] = ""
	}
	for _, id := range m.wishes.ids() {
		if w, wanted := m.wishes.get(id); wanted {
			apps[id] = w.app()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, r := range m.records {
		if _, concerns := apps[id]; !concerns && !strings.HasPrefix(id, prefix) {
			delete(m.records, id)
			continue
		}
		if r.instance.App != "" {
			apps[id] = r.instance.App
		}
	}
	return apps
}

// app is where a lease is on this server: where it was found, else where it is wanted.
func (m *memory) app(id, wanted string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.records[id]; r != nil && r.instance.App != "" {
		return r.instance.App
	}
	return wanted
}

// beats are the leases that are to be kept alive and when the first of the others is due.
func (m *memory) beats(prefix string, now time.Time) (due []Instance, next time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(m.records)) {
		r := m.records[id]
		switch {
		case !r.beaten(prefix):
		case !now.Before(r.due()):
			due = append(due, r.instance)
		case next.IsZero() || r.due().Before(next):
			next = r.due()
		}
	}
	return due, next
}

// beaten notes that segue has beaten a lease.
func (m *memory) beaten(id string, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.records[id]; r != nil {
		r.renewedAt, r.renewedHere = now, true
	}
}

// forgetsDark: the server refuses connections, so it may start again, and then knows nothing of what is to be dark.
func (m *memory) forgetsDark() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.standing.refusedSince.IsZero() {
		return false
	}
	for _, id := range m.wishes.ids() {
		if w, wanted := m.wishes.get(id); wanted && !w.order.Managed && (w.state == seeded || w.state == closed) {
			return true
		}
	}
	return false
}

// restless: the next look is better soon.
func (m *memory) restless() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range m.wishes.ids() {
		w, wanted := m.wishes.get(id)
		r := m.records[id]
		if r == nil {
			r = &record{}
		}
		if r.restless(w, wanted, time.Now()) {
			return true
		}
	}
	return false
}
