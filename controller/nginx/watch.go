package nginx

import (
	"context"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// The pace of looks: while a drain is under way, while a wish waits for somebody, and else.
const (
	paceDrain = 300 * time.Millisecond
	paceWish  = time.Second
	paceIdle  = 5 * time.Second
)

// drainPace is the pace of a drain after so many looks at it: the old workers of an idle nginx end at once, those of a
// busy one take their time.
//
//	looks  0   1    2    3 and more
//	pace   50  100  200  300 ms
func drainPace(looks int) time.Duration {
	return min(50*time.Millisecond<<min(looks, 3), paceDrain)
}

// watch looks at the servers until ctx ends.
func (s *Switcher) watch(ctx context.Context) {
	looks := 0
	for {
		pace := s.round(ctx)
		if pace == paceDrain {
			pace = drainPace(looks)
			looks++
		} else {
			looks = 0
		}
		timer := time.NewTimer(pace)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-s.kick:
			timer.Stop()
			looks = 0
		case <-timer.C:
		}
	}
}

// round looks at all servers side by side, publishes what it saw, and says when to look next.
func (s *Switcher) round(ctx context.Context) time.Duration {
	began := time.Now()
	sights := make([]sight, len(s.sites))
	err := s.prepare(ctx)
	var group sync.WaitGroup
	for i, site := range s.sites {
		group.Go(func() {
			sights[i] = site.look(ctx)
			if err != nil && sights[i].state != reconcile.ServerUp {
				sights[i].state, sights[i].reason = reconcile.ServerUnknown, err.Error()
			}
		})
	}
	group.Wait()
	if ctx.Err() != nil {
		return paceIdle
	}
	s.count(ctx, sights)
	s.publish(began, sights)
	pending := s.book.pending()
	if pending || s.isDue() {
		signal(s.wake)
	}
	switch {
	case busy(sights):
		return paceDrain
	case pending:
		return paceWish
	default:
		return paceIdle
	}
}

func (s *Switcher) prepare(ctx context.Context) error {
	if s.options.Prepare == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return s.options.Prepare(ctx)
}

// busy: something is draining, so the next look is awaited.
func busy(sights []sight) bool {
	for _, seen := range sights {
		if seen.leaving {
			return true
		}
		for _, n := range seen.connections {
			if n > 0 {
				return true
			}
		}
	}
	return false
}

// publish replaces the last look and tells whom it is news.
func (s *Switcher) publish(began time.Time, sights []sight) {
	s.mu.Lock()
	before := s.sights
	for i := range sights {
		if before != nil && before[i].state != reconcile.ServerUp && sights[i].state == reconcile.ServerUp {
			s.returned = true
		}
	}
	s.sights, s.began = sights, began
	close(s.fresh)
	s.fresh = make(chan struct{})
	s.mu.Unlock()
	for _, name := range news(before, sights) {
		s.tell(name)
	}
}

// isDue is due without taking note.
func (s *Switcher) isDue() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.returned {
		return true
	}
	for i, seen := range s.sights {
		if s.wants(i, seen) || s.unmended(i, time.Now()) {
			return true
		}
	}
	return false
}

// news are the Deployments for which something differs, or "" alone for all.
func news(before, after []sight) []string {
	if before == nil {
		return []string{""}
	}
	names := map[string]bool{}
	for i, b := range after {
		a := before[i]
		if a.state != b.state || a.included != b.included || a.reason != b.reason || a.version != b.version || a.confErr != b.confErr {
			return []string{""}
		}
		rewritten(names, a, b)
		differing(names, a.serves, b.serves)
		differing(names, a.reachable, b.reachable)
		if !maps.Equal(a.connections, b.connections) {
			for name := range owners(b, a) {
				names[name] = true
			}
		}
	}
	return sortedKeys(names)
}

// rewritten adds the Deployments for which something else is on disk now: which lines the user has yet to add follows
// from that.
func rewritten(names map[string]bool, a, b sight) {
	if a.current == b.current || a.disk == nil || b.disk == nil {
		return
	}
	for name, now := range b.disk.Sections {
		if was, found := a.disk.Sections[name]; !found || was.HTTP != now.HTTP || was.Inc != now.Inc {
			names[name] = true
		}
	}
	for name := range a.disk.Sections {
		if _, found := b.disk.Sections[name]; !found {
			names[name] = true
		}
	}
}

// owners are the Deployments whose instances have another number of connections.
func owners(a, b sight) map[string]bool {
	names := map[string]bool{}
	for instance, n := range a.connections {
		if m, found := b.connections[instance]; !found || m != n {
			names[a.of[instance]] = true
		}
	}
	for instance := range b.connections {
		if _, found := a.connections[instance]; !found {
			names[b.of[instance]] = true
		}
	}
	return names
}

func differing(names map[string]bool, a, b map[string][]string) {
	if (a == nil) != (b == nil) {
		names[""] = true
		return
	}
	for name, list := range b {
		if other, found := a[name]; !found || !slices.Equal(list, other) {
			names[name] = true
		}
	}
	for name := range a {
		if _, found := b[name]; !found {
			names[name] = true
		}
	}
}

// counted is an instance that was once served and is not now, and when it last mattered.
type counted struct {
	deployment string
	last       time.Time
	// reachable: an old worker may still send to it, so that its connections decide nothing yet.
	reachable bool
	// peers and err are what was counted at.
	peers []netip.Addr
	err   error
	at    time.Time
}

// countPause is how long a count holds of an instance that an old worker may still send to. Counting is dear: the
// kernel walks the machine's whole table of connections for it, about 8 ms where memory is 24 GiB.
const countPause = time.Second

// forgetCounted is how long an instance is counted after it was last served, reachable or connected.
const forgetCounted = 15 * time.Minute

// count counts the connections from each server to the instances that it served and that no server serves now.
func (s *Switcher) count(ctx context.Context, sights []sight) {
	serving := map[string]bool{}
	for instance, c := range s.counted {
		c.reachable = false
		s.counted[instance] = c
	}
	for _, seen := range sights {
		for _, instances := range seen.serves {
			for _, instance := range instances {
				serving[instance] = true
			}
		}
		for name, instances := range seen.everyone() {
			for _, instance := range instances {
				c := s.counted[instance]
				c.deployment, c.last = name, seen.began
				s.counted[instance] = c
			}
		}
	}
	for _, seen := range sights {
		for _, instances := range seen.reachable {
			for _, instance := range instances {
				c := s.counted[instance]
				c.reachable = true
				s.counted[instance] = c
			}
		}
	}
	for i := range sights {
		sights[i].connections, sights[i].of = map[string]int{}, map[string]string{}
	}
	if s.options.Connections == nil {
		return
	}
	for instance, c := range s.counted {
		if serving[instance] {
			continue
		}
		if s.countOne(ctx, instance, c, sights) || time.Since(c.last) < forgetCounted {
			continue
		}
		delete(s.counted, instance)
	}
}

// countOne is true when there are connections.
func (s *Switcher) countOne(ctx context.Context, instance string, c counted, sights []sight) bool {
	if !c.reachable || time.Since(c.at) >= countPause {
		ctx, cancel := context.WithTimeout(ctx, lookTimeout)
		defer cancel()
		c.at = time.Now()
		c.peers, c.err = s.options.Connections(ctx, instance)
		s.counted[instance] = c
	}
	some := false
	for i := range sights {
		sights[i].of[instance] = c.deployment
		if c.err != nil {
			sights[i].connections[instance] = -1
			continue
		}
		n := 0
		for _, peer := range c.peers {
			if s.sites[i].peer(sights[i], peer.Unmap()) {
				n++
			}
		}
		sights[i].connections[instance] = n
		some = some || n > 0
	}
	return some
}

// samePools: the same instances at the same addresses.
func samePools(a, b flag) bool { return reflect.DeepEqual(a.Pools, b.Pools) }
