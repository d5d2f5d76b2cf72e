package controller

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/segue-dev/segue/spec"
)

func testKey(name string) key { return deploymentKey(spec.ParseName(name)) }

func startQueue(t *testing.T) *queue {
	q := newQueue()
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() { q.run(ctx) })
	t.Cleanup(func() { cancel(); group.Wait() })
	return q
}

func TestQueueHoldsEachNameOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := startQueue(t)
		q.add(testKey("orders"))
		q.add(testKey("orders"))
		q.add(testKey("stock"))
		first, _ := q.get()
		second, _ := q.get()
		if first != testKey("orders") || second != testKey("stock") {
			t.Fatalf("got %v, %v", first, second)
		}
		var third key
		var group sync.WaitGroup
		group.Go(func() { third, _ = q.get() })
		synctest.Wait()
		q.add(testKey("orders"))
		synctest.Wait()
		if third != (key{}) {
			t.Fatalf("%v is held by two workers", third)
		}
		q.done(first, time.Time{})
		group.Wait()
		if third != testKey("orders") {
			t.Fatalf("a name that was dirtied while it was held came back as %v", third)
		}
	})
}

func TestQueueWaitsForTheLastTimeNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := startQueue(t)
		begin := time.Now()
		q.add(testKey("orders"))
		k, _ := q.get()
		q.done(k, begin.Add(time.Minute))
		q.add(k)
		k, _ = q.get()
		q.done(k, begin.Add(10*time.Second))
		k, _ = q.get()
		if waited := time.Since(begin); waited != 10*time.Second {
			t.Errorf("waited for %s", waited)
		}
		q.done(k, time.Time{})
		if len(q.entries) != 0 {
			t.Errorf("%d entries are left", len(q.entries))
		}
	})
}

func TestQueueEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() { q.run(ctx) })
		group.Go(func() {
			if k, ok := q.get(); ok {
				t.Errorf("got %v from an empty queue", k)
			}
		})
		synctest.Wait()
		cancel()
		group.Wait()
	})
}
