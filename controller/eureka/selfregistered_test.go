package eureka_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller/eureka"
	"github.com/segue-dev/segue/reconcile"
)

const (
	dark = "OUT_OF_SERVICE/OUT_OF_SERVICE"
	open = "UP/UNKNOWN"
)

func TestAnAppStartsDarkIsOpenedDrainedAndGone(t *testing.T) {
	inWorld(t, []string{"a", "b"}, func(w *world) {
		d, order := w.drive(), orders("orders-1-1")
		d.does(d.Seed, order)
		for _, n := range w.servers {
			n.says("ORDERS", order.ID, dark)
		}
		if lease := d.seen(0).Leases[order.ID]; lease.Own || lease.Status != reconcile.LeaseOutOfService {
			t.Errorf("the seed is seen as %+v", lease)
		}
		if err := d.Open(w.ctx, order); err == nil || !strings.Contains(err.Error(), "not there yet") {
			t.Errorf("a seed was opened: %v", err)
		}
		d.does(d.Seed, order)

		w.pass(200 * time.Second) // a seed that nobody beats lives for 180 s
		w.servers["a"].says("ORDERS", order.ID, dark)

		app := w.starts(order)
		w.pass(5 * time.Second)
		for n := range w.urls {
			if lease := d.seen(n).Leases[order.ID]; !lease.Own || lease.Status != reconcile.LeaseOutOfService || lease.Visible != reconcile.No || lease.HiddenSince.IsZero() {
				t.Errorf("the app behind its seed is seen as %+v", lease)
			}
		}

		d.does(d.Open, order)
		for n, url := range w.urls {
			w.servers[string("ab"[n])].says("ORDERS", order.ID, open)
			if lease := d.seen(n).Leases[order.ID]; lease.Status != reconcile.LeaseUp || !lease.HiddenSince.IsZero() {
				t.Errorf("%s shows the opened app as %+v", url, lease)
			}
		}
		w.pass((responseCache + 5) * time.Second)
		lease := d.seen(0).Leases[order.ID]
		if lease.Visible != reconcile.Yes || time.Since(lease.VisibleSince) < 4*time.Second {
			t.Errorf("after a turn of the cache it is seen as %+v", lease)
		}

		closedAt := time.Now()
		d.does(d.Close, order)
		lease = d.seen(0).Leases[order.ID]
		if lease.Status != reconcile.LeaseOutOfService || lease.Visible != reconcile.Yes || !lease.HiddenSince.IsZero() {
			t.Errorf("closed and still cached it is seen as %+v", lease)
		}
		w.pass((responseCache + 2) * time.Second)
		lease = d.seen(0).Leases[order.ID]
		hidden := lease.HiddenSince.Sub(closedAt)
		if lease.Visible != reconcile.No || hidden <= 0 || hidden > (responseCache+2)*time.Second {
			t.Errorf("hidden %v after the close: %+v", hidden, lease)
		}

		app.ends()
		gone := d.seen(1).Leases[order.ID]
		if gone.Status != reconcile.LeaseNone || gone.HiddenSince.After(time.Now().Add(-time.Second)) {
			t.Errorf("a lease that is gone is seen as %+v", gone)
		}
		w.pass(20 * time.Second)
		w.servers["a"].says("ORDERS", order.ID, "")
		d.does(d.Remove, order)
		w.pass((consumers + 120) * time.Second)
		if left := d.seen(0).Leases; len(left) != 0 {
			t.Errorf("left are %v", left)
		}
	})
}

func TestGoingBackOpensWhatWasClosed(t *testing.T) {
	inWorld(t, []string{"a", "b"}, func(w *world) {
		d, order := w.drive(), orders("orders-1-1")
		w.starts(order)
		w.pass(5 * time.Second)
		w.servers["a"].says("ORDERS", order.ID, open)
		d.does(d.Close, order)
		w.servers["b"].says("ORDERS", order.ID, dark)
		d.does(d.Open, order)
		w.servers["a"].says("ORDERS", order.ID, open)
		w.servers["b"].says("ORDERS", order.ID, open)
	})
}

func TestServersThatDisagreeAreBroughtTogether(t *testing.T) {
	inWorld(t, []string{"a", "b"}, func(w *world) {
		d, order := w.drive(), orders("orders-1-1")
		d.does(d.Seed, order)
		w.starts(order)
		w.pass(5 * time.Second)
		w.servers["b"].ask(func(c *eureka.Client) error {
			_, err := c.ClearOverride(w.ctx, "ORDERS", order.ID, reconcile.LeaseUp)
			return err
		})
		if lease := d.seen(1).Leases[order.ID]; lease.Status != reconcile.LeaseOutOfService {
			t.Errorf("the controller hears of %s, which a look puts right", lease.Status)
		}
		w.servers["b"].says("ORDERS", order.ID, dark)

		d.does(d.Open, order)
		w.servers["a"].ask(func(c *eureka.Client) error {
			_, err := c.Override(w.ctx, "ORDERS", order.ID, reconcile.LeaseOutOfService)
			return err
		})
		w.pass(3 * time.Second)
		if got := d.seen(0).Leases[order.ID].Status; got != reconcile.LeaseOutOfService {
			t.Errorf("what is to be UP is left to the controller, but it hears of %s", got)
		}
		before := w.servers["b"].asked("DELETE", "/eureka/apps/ORDERS/"+order.ID+"/status")
		d.does(d.Open, order)
		w.servers["a"].says("ORDERS", order.ID, open)
		if after := w.servers["b"].asked("DELETE", "/eureka/apps/ORDERS/"+order.ID+"/status"); after != before {
			t.Error("the server that agreed was written to")
		}
	})
}

func TestAServerThatForgotADrainIsToldWithinAPoll(t *testing.T) {
	inWorld(t, []string{"a", "b"}, func(w *world) {
		d, order := w.drive(), orders("orders-1-1")
		w.starts(order)
		w.pass(40 * time.Second)
		d.does(d.Close, order)
		w.pass(40 * time.Second)
		hidden := d.seen(1).Leases[order.ID].HiddenSince
		if hidden.IsZero() {
			t.Fatal("not hidden")
		}
		restarted := time.Now()
		w.servers["b"].restart()
		w.pass(2 * time.Second)
		server := d.seen(1)
		if server.RestartedAt.Before(restarted) {
			t.Errorf("the restart was not noticed: %v", server.RestartedAt)
		}
		w.servers["b"].says("ORDERS", order.ID, dark) // before the app has spoken to it
		w.pass(35 * time.Second)
		w.servers["b"].says("ORDERS", order.ID, dark)
		if i, _ := w.servers["b"].lease("ORDERS", order.ID); i.LastDirty <= 1 {
			t.Error("the app has not spoken")
		}
		if other := d.seen(0); !other.RestartedAt.Before(restarted) {
			t.Error("the other server counts as restarted")
		}

		// The app wins the race: it has said UP before the next look, and the cached view does not show it yet.
		w.servers["b"].restart()
		w.servers["b"].ask(func(c *eureka.Client) error {
			_, err := c.Apps(w.ctx)
			return err
		})
		app := eureka.Instance{
			ID: order.ID, App: "ORDERS", HostName: order.HostName, IPAddr: order.HostName, Port: eureka.Port{Number: 8080, Enabled: true},
			DataCenter: "MyOwn", DataCenterClass: eureka.MyOwnDataCenter, Status: reconcile.LeaseUp, LastDirty: time.Now().UnixMilli(),
		}
		w.servers["b"].ask(func(c *eureka.Client) error { return c.Register(w.ctx, app) })
		upAt := time.Now()
		w.pass(1500 * time.Millisecond)
		w.servers["b"].says("ORDERS", order.ID, dark)
		if lease := d.seen(1).Leases[order.ID]; lease.Visible != reconcile.No || lease.HiddenSince.Before(upAt) {
			t.Errorf("it was UP at %v and counts as hidden since %v", upAt, lease.HiddenSince)
		}
	})
}

func TestWhatRegisteredAnotherAddressIsNotOpened(t *testing.T) {
	inWorld(t, []string{"a"}, func(w *world) {
		d, order := w.drive(), orders("orders-1-1")
		d.does(d.Seed, order)
		w.starts(order, func(i *eureka.Instance) { i.HostName = "172.17.0.3" })
		w.pass(5 * time.Second)
		lease := d.seen(0).Leases[order.ID]
		if lease.Own || lease.Mismatch != "it registered 172.17.0.3:8080 and runs at 10.83.0.7:8080" {
			t.Errorf("seen as %+v", lease)
		}
		if err := d.Open(w.ctx, order); err == nil || !strings.Contains(err.Error(), lease.Mismatch) {
			t.Errorf("opened: %v", err)
		}
		w.servers["a"].says("ORDERS", order.ID, dark)
	})
}

func TestAnAppUnderAnotherNameIsFoundAndDarkened(t *testing.T) {
	inWorld(t, []string{"a"}, func(w *world) {
		d, order := w.drive(), orders("orders-1-1")
		d.does(d.Seed, order)
		w.starts(order, func(i *eureka.Instance) { i.App = "ORDER-SERVICE" })
		w.pass((responseCache + 5) * time.Second)
		lease := d.seen(0).Leases[order.ID]
		if lease.Own || lease.App != "ORDER-SERVICE" || !strings.Contains(lease.Mismatch, "ORDER-SERVICE") {
			t.Errorf("seen as %+v", lease)
		}
		w.servers["a"].says("ORDER-SERVICE", order.ID, dark)
	})
}

func TestWhatTheAppSaysItselfIsNotOverruled(t *testing.T) {
	inWorld(t, []string{"a"}, func(w *world) {
		d, order := w.drive(), orders("orders-1-1")
		d.does(d.Seed, order)
		app := w.starts(order)
		w.pass(5 * time.Second)
		app.says(reconcile.LeaseDown)
		err := d.Open(w.ctx, order)
		if unsaid := (*eureka.Unsaid)(nil); !errors.As(err, &unsaid) || !unsaid.NotYet() || !strings.Contains(err.Error(), "the app itself says DOWN") {
			t.Errorf("opened: %v", err)
		}
		w.servers["a"].says("ORDERS", order.ID, "DOWN/OUT_OF_SERVICE")
		app.says(reconcile.LeaseUp)
		w.servers["a"].says("ORDERS", order.ID, dark)
		d.does(d.Open, order)
		w.servers["a"].says("ORDERS", order.ID, open)
	})
}

func TestAnAppThatRegisteredAsOutOfServiceIsOpenedAllTheSame(t *testing.T) {
	inWorld(t, []string{"a"}, func(w *world) {
		d, order := w.drive(), orders("orders-1-1")
		app := w.starts(order, func(i *eureka.Instance) { i.Overridden = reconcile.LeaseUnknown })
		w.pass(time.Second)
		app.says(reconcile.LeaseOutOfService)
		w.pass(4 * time.Second)
		w.servers["a"].ask(func(c *eureka.Client) error { // STARTING has let it through: put it back
			_, err := c.Override(w.ctx, "ORDERS", order.ID, reconcile.LeaseOutOfService)
			if err == nil {
				_, err = c.ClearOverride(w.ctx, "ORDERS", order.ID, reconcile.LeaseOutOfService)
			}
			return err
		})
		w.servers["a"].says("ORDERS", order.ID, "OUT_OF_SERVICE/UNKNOWN")
		d.does(d.Open, order)
		w.servers["a"].says("ORDERS", order.ID, open)
	})
}

func TestAForbiddenWriteSaysWhatToDo(t *testing.T) {
	inWorld(t, []string{"a"}, func(w *world) {
		d, order := w.drive(), orders("orders-1-1")
		d.seen(0)
		w.servers["a"].answer(func(rw http.ResponseWriter, q *http.Request) {
			if q.Method == http.MethodGet {
				rw.WriteHeader(http.StatusNotFound)
				return
			}
			rw.WriteHeader(http.StatusForbidden)
		})
		if err := d.Seed(w.ctx, order); err == nil || !strings.Contains(err.Error(), "CSRF protection must exempt") {
			t.Errorf("the error is %v", err)
		}
		w.servers["a"].answer(nil)
	})
}
