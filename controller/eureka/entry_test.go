package eureka_test

import (
	"testing"
	"time"

	"github.com/segue-dev/segue/controller/eureka"
	"github.com/segue-dev/segue/reconcile"
)

func TestAServerThatCameBackEmptyLacksWhatItsPeerShows(t *testing.T) {
	inWorld(t, []string{"a", "b"}, func(w *world) {
		d, order := w.drive(), orders("orders-1-1")
		order.ID = "somebody:else:1"
		w.starts(order)
		w.pass((responseCache + 5) * time.Second)
		if a, b := d.seen(0), d.seen(1); a.Lacks+b.Lacks != 0 {
			t.Errorf("lacking at first: %d and %d", a.Lacks, b.Lacks)
		}
		w.servers["b"].restart()
		w.pass(6 * time.Second)
		if a, b := d.seen(0), d.seen(1); a.Lacks != 0 || b.Lacks != 1 || b.LacksOne != "ORDERS/somebody:else:1" {
			t.Errorf("after the restart: %+v and %+v", a, b)
		}
		w.pass((2*responseCache + 5) * time.Second)
		if b := d.seen(1); b.Lacks != 0 {
			t.Errorf("whole again it lacks %d, as %s", b.Lacks, b.LacksOne)
		}
	})
}

func TestWhatNobodyRenewsIsNotLacked(t *testing.T) {
	inWorld(t, []string{"a", "b"}, func(w *world) {
		d, order := w.drive(), orders("orders-1-1")
		w.servers["a"].ask(func(c *eureka.Client) error {
			return c.Register(w.ctx, eureka.Instance{
				ID: "dead", App: "ORDERS", HostName: "10.0.0.9", IPAddr: "10.0.0.9", Status: reconcile.LeaseUp, VIP: order.App,
				Port: eureka.Port{Number: 80, Enabled: true}, DataCenter: "MyOwn", DataCenterClass: eureka.MyOwnDataCenter,
				Lease: eureka.LeaseInfo{RenewalInterval: 30, Duration: 600},
			})
		})
		w.pass((responseCache + 5) * time.Second)
		if b := d.seen(1); b.Lacks != 1 {
			t.Errorf("at first b lacks %d", b.Lacks)
		}
		w.pass(9 * time.Minute)
		if b := d.seen(1); b.Lacks != 1 {
			t.Errorf("within its lease b lacks %d", b.Lacks)
		}
		w.pass(5 * time.Minute)
		if b := d.seen(1); b.Lacks != 0 {
			t.Errorf("long after its end b lacks %d", b.Lacks)
		}
	})
}
