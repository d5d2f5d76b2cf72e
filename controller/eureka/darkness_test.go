package eureka_test

import (
	"testing"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

func TestAServerThatStartsAgainShowsWhatIsDarkForAMomentOnly(t *testing.T) {
	inWorld(t, []string{"a"}, func(w *world) {
		d, order := w.drive(), orders("orders-1-1")
		d.does(d.Seed, order)
		app := w.starts(order)
		w.pass(10 * time.Second)
		for range 20 {
			w.servers["a"].stop()
			w.pass(1370 * time.Millisecond)
			w.servers["a"].start()
			app.says(reconcile.LeaseUp)
			w.pass(300 * time.Millisecond)
			w.servers["a"].says("ORDERS", order.ID, dark)
		}
	})
}
