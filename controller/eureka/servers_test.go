package eureka_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller/eureka"
	"github.com/segue-dev/segue/reconcile"
)

func TestAServerThatRefusesIsDownAfterItsConsumersHaveForgotten(t *testing.T) {
	inWorld(t, []string{"a", "b"}, func(w *world) {
		d, order := w.drive(), orders("orders-1-1")
		d.seen(1)
		w.servers["b"].stop()
		w.pass(6 * time.Second)
		if got := d.seen(1); got.State != reconcile.ServerUnknown || !strings.Contains(got.Reason, "refuses connections") || len(got.Leases) != 0 {
			t.Errorf("at first it is %s: %s", got.State, got.Reason)
		}
		w.pass((consumers + 6) * time.Second)
		got := d.seen(1)
		if got.State != reconcile.ServerDown || !strings.Contains(got.Reason, "refuses connections since") {
			t.Errorf("later it is %s: %s", got.State, got.Reason)
		}
		if shown := d.Describe(); shown.Servers[1].State != "down" || shown.Conditions[0].Status != "False" {
			t.Errorf("described as %+v", shown)
		}
		d.does(d.Seed, order)
		w.starts(order)
		w.pass(10 * time.Second)
		told, back := d.toldOf(""), time.Now()
		w.servers["b"].start()
		w.pass(2 * time.Second)
		if got = d.seen(1); got.State != reconcile.ServerUp || got.RestartedAt.Before(back) {
			t.Errorf("back it is %s, restarted at %v", got.State, got.RestartedAt)
		}
		if d.toldOf("") == told {
			t.Error("nobody was told")
		}
		w.servers["b"].says("ORDERS", order.ID, dark)
		w.pass(40 * time.Second)
		w.servers["b"].says("ORDERS", order.ID, dark)
	})
}

func TestAServerThatDoesNotAnswerIsUnknownForEver(t *testing.T) {
	for name, trouble := range map[string]http.HandlerFunc{
		"errors":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"silence":  func(_ http.ResponseWriter, q *http.Request) { <-q.Context().Done() },
		"nonsense": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, []string{"a", "b"}, func(w *world) {
				d, order := w.drive(), orders("orders-1-1")
				first := d.seen(1).RestartedAt
				if first.IsZero() {
					t.Error("the first look does not count as a restart")
				}
				w.servers["b"].answer(trouble)
				w.pass(5 * time.Minute)
				asked := time.Now()
				got := d.seen(1)
				if got.State != reconcile.ServerUnknown || got.Reason == "" {
					t.Errorf("it is %s: %s", got.State, got.Reason)
				}
				if time.Since(asked) > time.Second {
					t.Errorf("what is unknown was waited for %v", time.Since(asked))
				}
				d.does(d.Seed, order) // the other server has it at once
				w.servers["a"].says("ORDERS", order.ID, dark)
				w.servers["b"].answer(nil)
				back := time.Now()
				w.pass(6 * time.Second)
				w.servers["b"].says("ORDERS", order.ID, dark)
				if got := d.seen(1); got.State != reconcile.ServerUp || got.RestartedAt.Before(back) {
					t.Errorf("back it is %s, away until %v", got.State, got.RestartedAt)
				}
			})
		})
	}
}

func TestHeartbeatsGoOnWhereReadingIsRefused(t *testing.T) {
	inWorld(t, []string{"a"}, func(w *world) {
		d, order := w.drive(), managed("orders-1-1")
		d.does(d.Open, order)
		w.pass(10 * time.Second)
		warming := http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusForbidden) })
		w.servers["a"].refuse("GET /eureka/apps", warming)
		w.pass(5 * time.Minute)
		if got := d.seen(0); got.State != reconcile.ServerUnknown || !strings.Contains(got.Reason, "still warming up") {
			t.Errorf("it is %s: %s", got.State, got.Reason)
		}
		w.servers["a"].says("ORDERS", order.ID, open)
	})
}

func TestOneSlowAnswerIsNoRestart(t *testing.T) {
	inWorld(t, []string{"a"}, func(w *world) {
		d := w.drive()
		first := d.seen(0).RestartedAt
		w.servers["a"].answer(func(rw http.ResponseWriter, _ *http.Request) {
			rw.WriteHeader(http.StatusServiceUnavailable)
			w.servers["a"].answer(nil)
		})
		w.pass(12 * time.Second)
		if got := d.seen(0); got.State != reconcile.ServerUp || !got.RestartedAt.Equal(first) {
			t.Errorf("it is %s, restarted at %v after %v", got.State, got.RestartedAt, first)
		}
	})
}

func TestARefusalThatOneLookSawIsARestart(t *testing.T) {
	inWorld(t, []string{"a"}, func(w *world) {
		d := w.drive()
		first := d.seen(0).RestartedAt
		w.servers["a"].stop()
		w.pass(5500 * time.Millisecond)
		if got := d.Describe().Servers[0].State; got != "unknown" {
			t.Errorf("it is %s", got)
		}
		w.servers["a"].start()
		w.pass(5 * time.Second)
		if got := d.seen(0); got.State != reconcile.ServerUp || !got.RestartedAt.After(first) {
			t.Errorf("it is %s, restarted at %v", got.State, got.RestartedAt)
		}
	})
}

// segue's own registry is back with all that it had before anybody misses it, but for a consumer that asked meanwhile.
func TestAnotherProcessIsARestart(t *testing.T) {
	inWorld(t, []string{"a"}, func(w *world) {
		w.servers["a"].tells.Store(true)
		d := w.drive()
		first := d.seen(0).RestartedAt
		w.pass(12 * time.Second)
		if got := d.seen(0); !got.RestartedAt.Equal(first) {
			t.Errorf("the same process restarted at %v after %v", got.RestartedAt, first)
		}
		w.servers["a"].stop()
		w.servers["a"].start()
		back := time.Now()
		w.pass(12 * time.Second)
		if got := d.seen(0); got.State != reconcile.ServerUp || got.RestartedAt.Before(back) {
			t.Errorf("it is %s, restarted at %v, and was back at %v", got.State, got.RestartedAt, back)
		}
	})
}

func TestALeaseThatEndsIsNoRestart(t *testing.T) {
	inWorld(t, []string{"a"}, func(w *world) {
		d, order := w.drive(), orders("orders-1-1")
		app := w.starts(order)
		w.pass(35 * time.Second)
		first := d.seen(0).RestartedAt
		app.ends()
		w.pass(10 * time.Second)
		if got := d.seen(0); !got.RestartedAt.Equal(first) {
			t.Errorf("restarted at %v after %v", got.RestartedAt, first)
		}
	})
}

func TestTheViewIsReadOnceForAll(t *testing.T) {
	inWorld(t, []string{"a"}, func(w *world) {
		d := w.drive()
		d.seen(0)
		before := w.servers["a"].asked("GET", "/eureka/apps")
		var asking sync.WaitGroup
		for range 50 {
			asking.Go(func() {
				if _, err := d.View(w.ctx, time.Now()); err != nil {
					t.Error(err)
				}
			})
		}
		asking.Wait()
		if reads := w.servers["a"].asked("GET", "/eureka/apps") - before; reads > 2 {
			t.Errorf("%d reads for 50 views", reads)
		}
		before = w.servers["a"].asked("GET", "/eureka/apps")
		w.pass(time.Minute)
		if reads := w.servers["a"].asked("GET", "/eureka/apps") - before; reads != 12 {
			t.Errorf("%d looks in a calm minute", reads)
		}
		d.does(d.Seed, orders("orders-1-1"))
		before = w.servers["a"].asked("GET", "/eureka/apps")
		w.pass(time.Minute)
		if reads := w.servers["a"].asked("GET", "/eureka/apps") - before; reads < 58 || reads > 62 {
			t.Errorf("%d looks in a restless minute", reads)
		}
	})
}

func TestOnlyOwnAndWatchedLeasesAreShown(t *testing.T) {
	inWorld(t, []string{"a"}, func(w *world) {
		d := w.drive()
		orphan, adopted, stranger := orders("orders-1-1"), orders(""), orders("")
		adopted.ID, stranger.ID = "box:orders:8080", owner+"2:orders:x"
		for _, order := range []reconcile.LeaseOrder{orphan, adopted, stranger} {
			w.starts(order)
		}
		d.Watch([]string{adopted.ID})
		w.pass((responseCache + 6) * time.Second)
		got := d.seen(0).Leases
		if len(got) != 2 || got[orphan.ID].Status != reconcile.LeaseUp || got[adopted.ID].Status != reconcile.LeaseUp {
			t.Errorf("shown are %v", got)
		}
		if d.toldOf(orphan.ID) == 0 || d.toldOf(stranger.ID) != 0 {
			t.Errorf("told was %v", d.told)
		}
		told := d.toldOf(orphan.ID)
		w.pass(2 * time.Minute)
		if again := d.toldOf(orphan.ID); again != told {
			t.Errorf("told %d times of what has not changed", again-told)
		}
		w.servers["a"].ask(func(c *eureka.Client) error {
			_, err := c.Override(w.ctx, "ORDERS", orphan.ID, reconcile.LeaseOutOfService)
			return err
		})
		w.pass(6 * time.Second)
		if again := d.toldOf(orphan.ID); again != told+1 && again != told+2 { // the lease, and the cached view of it
			t.Errorf("told %d times of a change", again-told)
		}
		w.servers["a"].ask(func(c *eureka.Client) error {
			_, err := c.ClearOverride(w.ctx, "ORDERS", orphan.ID, reconcile.LeaseUp)
			return err
		})
		w.pass(6 * time.Second)

		if shown := d.Describe().Servers[0].Leases; len(shown) != 1 || shown["UP"] != 1 {
			t.Errorf("described as %v", shown)
		}

		d.does(d.Close, reconcile.LeaseOrder{ID: adopted.ID, App: "ORDERS"})
		w.servers["a"].says("ORDERS", adopted.ID, dark)
		d.does(d.Open, reconcile.LeaseOrder{ID: adopted.ID, App: "ORDERS"})
		w.servers["a"].says("ORDERS", adopted.ID, open)

		d.does(d.Remove, orphan)
		w.servers["a"].says("ORDERS", orphan.ID, "")
	})
}

func TestPrepareIsCalledFirstAndItsErrorIsAReason(t *testing.T) {
	inWorld(t, []string{"a"}, func(w *world) {
		w.servers["a"].stop()
		var mu sync.Mutex
		calls := 0
		d := w.drive(func(o *eureka.Options) {
			o.Prepare = func(context.Context) error {
				mu.Lock()
				defer mu.Unlock()
				if calls++; calls == 3 {
					w.servers["a"].start()
				}
				if calls < 3 {
					return errors.New("the engine is away")
				}
				return nil
			}
		})
		if got := d.seen(0); got.State != reconcile.ServerUnknown || !strings.Contains(got.Reason, "the engine is away") {
			t.Errorf("it is %s: %s", got.State, got.Reason)
		}
		w.pass(20 * time.Second)
		if got := d.seen(0); got.State != reconcile.ServerUp || got.Reason != "" {
			t.Errorf("it is %s: %s", got.State, got.Reason)
		}
	})
}

func TestADriverThatOnlyReadsWritesNothing(t *testing.T) {
	inWorld(t, []string{"a"}, func(w *world) {
		d, order, seed := w.drive(), managed("orders-1-1"), orders("orders-1-2")
		d.does(d.Open, order)
		d.does(d.Seed, seed)
		w.pass(time.Minute)
		d.stop()
		reader := w.drive(func(o *eureka.Options) { o.ReadOnly = true })
		if got := reader.seen(0).Leases; got[order.ID].Status != reconcile.LeaseUp || got[seed.ID].Status != reconcile.LeaseOutOfService {
			t.Errorf("seen are %v", got)
		}
		for _, ask := range []func(context.Context, reconcile.LeaseOrder) error{reader.Seed, reader.Open, reader.Close, reader.Remove} {
			if err := ask(w.ctx, order); err == nil || !strings.Contains(err.Error(), "only reads") {
				t.Errorf("an order was taken: %v", err)
			}
		}
		writes := w.servers["a"].writes()
		w.pass(5 * time.Minute)
		if more := w.servers["a"].writes() - writes; more != 0 {
			t.Errorf("%d writes", more)
		}
		w.servers["a"].says("ORDERS", order.ID, "") // it has expired
	})
}

func TestAViewThatNobodyCanGiveEndsWithItsContext(t *testing.T) {
	inWorld(t, []string{"a"}, func(w *world) {
		d, err := eureka.New(eureka.Options{Owner: owner, Dial: w.dial, Log: w.log(), Spec: specOf(w.urls...)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(w.ctx, time.Second)
		defer cancel()
		if _, err := d.View(ctx, time.Now()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the error is %v", err)
		}
	})
}
