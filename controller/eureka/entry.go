package eureka

import (
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// staleView is by how much a renewal in a cached view may be older than the lease's own: a page that nothing has
// invalidated is made anew after three minutes, and its copy once more within the response cache's interval.
const staleView = 4 * time.Minute

// entry is what the view that consumers read has of one instance of anybody's.
type entry struct {
	// registered is when it came into the registry, in milliseconds since 1970.
	registered int64
	up         bool
	// expires is when its lease ends if nobody renews it, as far as the view knows.
	expires time.Time
}

func entryOf(i Instance) entry {
	ends := time.UnixMilli(i.Lease.LastRenewal).Add(time.Duration(i.Lease.Duration) * time.Second)
	return entry{registered: i.Lease.Registered, up: i.Status == reconcile.LeaseUp, expires: ends}
}

// counts: consumers find it, and somebody has renewed it of late. What a server keeps of the dead is nobody's loss.
func (e entry) counts(now time.Time) bool { return e.up && now.Before(e.expires.Add(staleView)) }

// lacking counts the entries that some other server shows consumers as UP and this one does not, and names the first.
func (m *memory) lacking(others []map[string]entry, now time.Time) (n int, first string) {
	m.mu.Lock()
	here := m.entries
	m.mu.Unlock()
	seen := map[string]bool{}
	for _, there := range others {
		for key, e := range there {
			if here[key].up || seen[key] || !e.counts(now) {
				continue
			}
			seen[key] = true
			n++
			if first == "" || key < first {
				first = key
			}
		}
	}
	return n, first
}

// shown is what the server's consumers read; nil while it does not answer.
func (m *memory) shown() map[string]entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.standing.state != reconcile.ServerUp {
		return nil
	}
	return m.entries
}
