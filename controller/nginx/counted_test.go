package nginx

import (
	"context"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

// TestCountsOnlyWhatMayChange: what no worker can reach any more and has no connection gets none, so it need not be
// counted in each look; whatever may bring one has it counted again.
func TestCountsOnlyWhatMayChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, peers := 0, []netip.Addr{}
		from := netip.MustParseAddr("10.83.128.1")
		s := &Switcher{sites: []*site{{}}, counted: map[string]counted{}}
		s.options.Connections = func(context.Context, string) ([]netip.Addr, error) {
			asked++
			return peers, nil
		}
		who := map[string][]string{"orders": {"orders-1"}}
		// look gives how many were counted in it, and the connections that it shows.
		look := func(serves, reachable map[string][]string) (int, int) {
			before := asked
			seen := sight{began: time.Now(), serves: serves, reachable: reachable}
			seen.Addresses = []netip.Addr{from}
			sights := []sight{seen}
			s.count(t.Context(), sights)
			return asked - before, sights[0].connections["orders-1"]
		}
		for i, step := range []struct {
			what              string
			serves, reachable map[string][]string
			peers             []netip.Addr
			after             time.Duration
			counted, shown    int
		}{
			{"it serves", who, who, nil, 0, 0, 0},
			{"an old worker may send to it", nil, who, []netip.Addr{from}, 0, 1, 1},
			{"and a moment later", nil, who, nil, 50 * time.Millisecond, 0, 1},
			{"the old worker is gone", nil, nil, []netip.Addr{from}, 50 * time.Millisecond, 1, 1},
			{"it drains", nil, nil, []netip.Addr{from}, 50 * time.Millisecond, 1, 1},
			{"it is idle", nil, nil, nil, 50 * time.Millisecond, 1, 0},
			{"and stays so", nil, nil, nil, time.Second, 0, 0},
			{"it is looked at all the same now and then", nil, nil, nil, 10 * time.Second, 1, 0},
			{"it serves again", who, who, nil, time.Second, 0, 0},
			{"and is let go with a connection", nil, nil, []netip.Addr{from}, 50 * time.Millisecond, 1, 1},
		} {
			<-time.After(step.after)
			peers = step.peers
			if counted, shown := look(step.serves, step.reachable); counted != step.counted || shown != step.shown {
				t.Errorf("%d, %s: counted %d times, shown %d connections; want %d and %d", i, step.what, counted, shown, step.counted, step.shown)
			}
		}
	})
}
