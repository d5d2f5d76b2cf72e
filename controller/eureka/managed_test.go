package eureka_test

import (
	"context"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller/eureka"
	"github.com/segue-dev/segue/reconcile"
)

func TestAManagedInstanceIsRegisteredBeatenClosedAndRemoved(t *testing.T) {
	inWorld(t, []string{"a", "b"}, func(w *world) {
		d, order := w.drive(), managed("orders-1-1")
		path := "/eureka/apps/ORDERS/" + order.ID
		d.does(d.Open, order)
		for _, n := range w.servers {
			n.says("ORDERS", order.ID, open)
		}
		i, _ := w.servers["a"].lease("ORDERS", order.ID)
		if i.VIP != "orders" || i.HostName != "10.83.0.7" || i.DialPort() != 8080 || i.Metadata["zone"] != "z1" || i.SecurePort.Enabled {
			t.Errorf("registered as %+v", i)
		}
		if other, _ := w.servers["b"].lease("ORDERS", order.ID); other.LastDirty != i.LastDirty || i.LastDirty <= 1 {
			t.Errorf("the timestamps are %d and %d", i.LastDirty, other.LastDirty)
		}
		w.pass(5 * time.Minute)
		for _, n := range w.servers {
			n.says("ORDERS", order.ID, open)
			if beats := n.asked("PUT", path); beats < 9 || beats > 10 {
				t.Errorf("%s was beaten %d times in 5 minutes", n.name, beats)
			}
		}
		posts := w.servers["a"].asked("POST", "/eureka/apps/ORDERS")
		d.does(d.Open, order)
		if again := w.servers["a"].asked("POST", "/eureka/apps/ORDERS"); again != posts {
			t.Error("an order that changes nothing was written")
		}

		d.does(d.Close, order)
		closed, _ := w.servers["b"].lease("ORDERS", order.ID)
		if closed.Status != reconcile.LeaseDown || closed.LastDirty <= i.LastDirty {
			t.Errorf("closed it is %s at %d", closed.Status, closed.LastDirty)
		}
		w.pass(5 * time.Minute)
		w.servers["a"].says("ORDERS", order.ID, "DOWN/UNKNOWN")

		d.does(d.Open, order)
		w.servers["a"].says("ORDERS", order.ID, open)

		d.does(d.Remove, order)
		w.pass(5 * time.Minute)
		for _, n := range w.servers {
			n.says("ORDERS", order.ID, "")
		}
	})
}

func TestAManagedInstanceIsRegisteredAnewWhereItIsMissing(t *testing.T) {
	inWorld(t, []string{"a", "b"}, func(w *world) {
		d, order := w.drive(), managed("orders-1-1")
		d.does(d.Open, order)
		w.pass(time.Minute)
		w.servers["b"].restart()
		w.pass(6 * time.Second)
		w.servers["b"].says("ORDERS", order.ID, open)

		// An instance that was overridden by hand is the controller's to open; it does so with the same order.
		w.servers["a"].ask(func(c *eureka.Client) error {
			_, err := c.Override(w.ctx, "ORDERS", order.ID, reconcile.LeaseOutOfService)
			return err
		})
		w.pass(10 * time.Second)
		w.servers["a"].says("ORDERS", order.ID, dark)
		d.does(d.Open, order)
		w.servers["a"].says("ORDERS", order.ID, open)
	})
}

func TestAHeartbeatThatIsRefusedIsARegistration(t *testing.T) {
	inWorld(t, []string{"a"}, func(w *world) {
		d, order := w.drive(), managed("orders-1-1")
		d.does(d.Open, order)
		w.pass(time.Minute)
		before, _ := w.servers["a"].lease("ORDERS", order.ID)
		w.servers["a"].ask(func(c *eureka.Client) error {
			_, err := c.Override(w.ctx, "ORDERS", order.ID, reconcile.LeaseOutOfService)
			if err == nil {
				_, err = c.ClearOverride(w.ctx, "ORDERS", order.ID, reconcile.LeaseNone)
			}
			return err
		})
		w.servers["a"].says("ORDERS", order.ID, "UNKNOWN/UNKNOWN") // a server answers its heartbeats with 404
		w.pass(40 * time.Second)
		w.servers["a"].says("ORDERS", order.ID, open)
		if after, _ := w.servers["a"].lease("ORDERS", order.ID); after.LastDirty <= before.LastDirty {
			t.Errorf("the timestamps are %d and %d", before.LastDirty, after.LastDirty)
		}
		if posts := w.servers["a"].asked("POST", "/eureka/apps/ORDERS"); posts != 2 {
			t.Errorf("it was registered %d times", posts)
		}
	})
}

func TestANewProcessGoesOnBeating(t *testing.T) {
	inWorld(t, []string{"a", "b"}, func(w *world) {
		d, up, down := w.drive(), managed("orders-1-1"), managed("orders-1-2")
		d.does(d.Open, up)
		d.does(d.Open, down)
		d.does(d.Close, down)
		seed := orders("orders-1-3")
		d.does(d.Seed, seed)
		w.pass(2 * time.Minute)
		d.stop()
		w.pass(time.Minute)
		w.servers["b"].restart()

		d = w.drive()
		w.pass(6 * time.Second)
		if beats := w.servers["a"].asked("PUT", "/eureka/apps/ORDERS/"+up.ID); beats < 4 {
			t.Errorf("beaten %d times: not at once by the new process", beats)
		}
		w.servers["b"].says("ORDERS", up.ID, open)
		w.pass(4 * time.Minute)
		for _, n := range w.servers {
			n.says("ORDERS", up.ID, open)
			n.says("ORDERS", down.ID, "DOWN/UNKNOWN")
		}
		w.servers["a"].says("ORDERS", seed.ID, dark)

		d.does(d.Remove, up)
		d.does(d.Remove, down)
		d.does(d.Remove, seed)
		w.pass(5 * time.Minute)
		for _, n := range w.servers {
			for _, id := range []string{up.ID, down.ID, seed.ID} {
				n.says("ORDERS", id, "")
			}
		}
	})
}

func TestANewProcessChangesNothingOfItsOwnAccord(t *testing.T) {
	inWorld(t, []string{"a"}, func(w *world) {
		first, order := w.drive(), orders("orders-1-1")
		first.does(first.Seed, order)
		w.starts(order)
		w.pass(35 * time.Second)
		first.stop()
		w.servers["a"].ask(func(c *eureka.Client) error {
			_, err := c.ClearOverride(w.ctx, "ORDERS", order.ID, reconcile.LeaseUp)
			return err
		})
		d := w.drive()
		w.pass(time.Minute)
		w.servers["a"].says("ORDERS", order.ID, open)
		if lease := d.seen(0).Leases[order.ID]; lease.Status != reconcile.LeaseUp || !lease.Own || lease.Visible != reconcile.Yes {
			t.Errorf("seen as %+v", lease)
		}
	})
}

func TestPeersAreNotBeatenTwice(t *testing.T) {
	inWorld(t, []string{"a", "b"}, func(w *world) {
		w.peered.Store(true)
		d, order := w.drive(), managed("orders-1-1")
		path := "/eureka/apps/ORDERS/" + order.ID
		d.does(d.Open, order)
		w.pass(10 * time.Minute)
		beats := w.servers["a"].asked("PUT", path) + w.servers["b"].asked("PUT", path)
		if beats < 18 || beats > 21 {
			t.Errorf("both were beaten %d times in 10 minutes", beats)
		}
		for _, n := range w.servers {
			n.says("ORDERS", order.ID, open)
		}
		d.does(d.Close, order)
		w.pass(time.Minute)
		d.does(d.Open, order)
		w.pass(time.Minute)
		for _, n := range w.servers {
			n.says("ORDERS", order.ID, open)
		}
		d.does(d.Remove, order)
		w.pass(time.Minute)
		for _, n := range w.servers {
			n.says("ORDERS", order.ID, "")
		}
	})
}

func TestPeersThatPassOrdersOnAgree(t *testing.T) {
	inWorld(t, []string{"a", "b"}, func(w *world) {
		w.peered.Store(true)
		d, order := w.drive(), orders("orders-1-1")
		d.does(d.Seed, order)
		w.starts(order)
		w.pass(5 * time.Second)
		for _, step := range []struct {
			order func(context.Context, reconcile.LeaseOrder) error
			want  string
		}{{d.Seed, dark}, {d.Open, open}, {d.Close, dark}, {d.Open, open}} {
			d.does(step.order, order)
			w.pass(2 * time.Second)
			for _, n := range w.servers {
				n.says("ORDERS", order.ID, step.want)
			}
		}
	})
}
