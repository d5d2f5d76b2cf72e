package eureka

import (
	"testing"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

func TestWhatIsRemovedIsNotFoundAgainInAnOlderRead(t *testing.T) {
	now := time.Now()
	lease := Instance{ID: "shop:a:a-1", App: "A", LastDirty: 1000}
	w := newWishes()
	has := func(want bool, when string) {
		t.Helper()
		if _, got := w.get(lease.ID); got != want {
			t.Errorf("%s: wanted is %v", when, got)
		}
	}
	w.adopt(lease, now)
	has(true, "found")
	w.remove(lease.ID, now.Add(time.Second))
	has(false, "being removed")
	w.adopt(lease, now.Add(2*time.Second))
	has(false, "read while it is being removed")
	w.gone(lease.ID, now.Add(3*time.Second))
	w.adopt(lease, now.Add(2500*time.Millisecond))
	has(false, "read before it was gone")
	w.adopt(lease, now.Add(4*time.Second))
	has(true, "read after it was gone: somebody has registered it again")
	w.remove(lease.ID, now.Add(5*time.Second))
	w.order(opened, reconcile.LeaseOrder{ID: lease.ID, App: "A", Managed: true}, now.Add(6*time.Second))
	has(true, "ordered anew")
}

func TestTimestampsOnlyGrowAndAreSharedByServers(t *testing.T) {
	now := time.UnixMilli(5000)
	order := reconcile.LeaseOrder{ID: "shop:a:a-1", App: "A", Managed: true}
	w := newWishes()
	dirty := func(than, want int64) {
		t.Helper()
		if got, _ := w.stamp(order.ID, than, now); got.dirty != want {
			t.Errorf("newer than %d is %d, want %d", than, got.dirty, want)
		}
	}
	w.order(opened, order, now)
	dirty(0, 5000)
	dirty(4999, 5000) // the next server's copy is older: it gets the same
	dirty(5000, 5001)
	dirty(9000, 9001) // a registry whose clock is ahead
	w.order(opened, order, now)
	dirty(0, 9001) // the same order again
	w.order(closed, order, now)
	dirty(0, 9002)
	w.order(opened, order, now.Add(time.Minute))
	dirty(0, 65000)
}
