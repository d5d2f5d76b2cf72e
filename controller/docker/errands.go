package docker

import (
	"context"
	"sync"
)

// errands is the work that outlives the call that asked for it: pulls, preStop, reminders. It is done only while run
// runs; what was asked for before waits.
type errands struct {
	mu      sync.Mutex
	waiting []errand
	wake    chan struct{}
}

// errand is one piece of such work. changed is Runtime.Run's.
type errand func(ctx context.Context, changed func(deployment string))

func newErrands() *errands { return &errands{wake: make(chan struct{}, 1)} }

// add returns at once.
func (e *errands) add(work errand) {
	e.mu.Lock()
	e.waiting = append(e.waiting, work)
	e.mu.Unlock()
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// run does the errands until ctx ends, and then waits for those under way.
func (e *errands) run(ctx context.Context, changed func(deployment string)) {
	var underWay sync.WaitGroup
	defer underWay.Wait()
	for {
		e.mu.Lock()
		waiting := e.waiting
		e.waiting = nil
		e.mu.Unlock()
		for _, work := range waiting {
			underWay.Go(func() { work(ctx, changed) })
		}
		select {
		case <-e.wake:
		case <-ctx.Done():
			return
		}
	}
}
