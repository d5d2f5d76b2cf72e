package nginx

import (
	"context"
	"net/netip"
	"time"
)

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
	// final: it was counted when no worker could send to it any more, and had no connection. It gets none.
	final bool
}

// Counting is dear: the kernel walks the machine's whole table of connections for it, about 8 ms where memory is
// 24 GiB, and the engine is asked for the process. So a count holds for a while:
const (
	// countPause of an instance that an old worker may still send to,
	countPause = time.Second
	// finalPause of one that has none any more.
	finalPause = 10 * time.Second
)

// due says whether it is to be counted anew.
func (c counted) due(now time.Time) bool {
	switch {
	case c.reachable:
		return now.Sub(c.at) >= countPause
	case c.final:
		return now.Sub(c.at) >= finalPause
	default:
		return true
	}
}

// countTimeout bounds one count. It is this machine's engine and kernel that are asked, wherever nginx runs.
const countTimeout = 8 * time.Second

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
				c.reachable, c.final = true, false
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
			c.final = false
			s.counted[instance] = c
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
	if c.due(time.Now()) {
		ctx, cancel := context.WithTimeout(ctx, countTimeout)
		defer cancel()
		c.at = time.Now()
		c.peers, c.err = s.options.Connections(ctx, instance)
		c.final = !c.reachable && c.err == nil && len(c.peers) == 0
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
