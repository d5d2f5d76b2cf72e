//go:build nginx

package nginx

import (
	"fmt"
	"testing"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// TestRealListenerSwitchesWithoutLoss: callers at a port of their own keep it over switches and a restart of the switcher.
func TestRealListenerSwitchesWithoutLoss(t *testing.T) {
	r := newRig(t)
	r.run()
	r.firstFiles()
	r.startNginx()
	inside := spec.Route{Internal: true}
	old := startBackend(t, "orders-1-1")
	r.mustRoute(wishFor("orders", inside, old))
	port := r.listener("orders")
	if port == 0 {
		t.Fatalf("no listener: %+v", r.server())
	}
	l := startLoad(t, port, "orders")
	for i := 2; i < 6; i++ {
		if i == 4 {
			r.stop()
			r.run()
		}
		next := startBackend(t, fmt.Sprintf("orders-%d-1", i))
		r.mustRoute(wishFor("orders", inside, next))
		r.drained("orders", old.name)
		old.die()
		old = next
	}
	l.lost(t, 500)
	if now := r.listener("orders"); now != port {
		t.Errorf("the port was %d and is %d", port, now)
	}
	r.mustRoute(wishFor("prices", inside, startBackend(t, "prices-1-1")))
	if other := r.listener("prices"); other == 0 || other == port {
		t.Errorf("prices is at %d, orders at %d", other, port)
	}
	r.mustRoute(reconcile.RouteWish{Deployment: spec.ParseName("orders")})
	r.until("its port is closed", func() bool { return r.listener("orders") == 0 })
	r.mustRoute(wishFor("stock", inside, startBackend(t, "stock-1-1")))
	if third := r.listener("stock"); third == port {
		t.Errorf("port %d was given out again at once", port)
	}
}

// listener is the port of a Deployment's route in wishFor.
func (r *rig) listener(deployment string) int {
	for _, port := range r.server().Listeners[deployment] {
		return port
	}
	return 0
}
