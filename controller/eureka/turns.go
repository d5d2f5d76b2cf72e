package eureka

import (
	"context"
	"sync"
)

// turns lets one at a time act on an id. The zero value is ready.
type turns struct {
	mu    sync.Mutex
	taken map[string]*turn
}

type turn struct {
	free chan struct{}
	// waiting counts those who have it or wait for it.
	waiting int
}

// take waits for the turn and gives what ends it.
func (t *turns) take(ctx context.Context, id string) (end func(), err error) {
	t.mu.Lock()
	if t.taken == nil {
		t.taken = map[string]*turn{}
	}
	mine := t.taken[id]
	if mine == nil {
		mine = &turn{free: make(chan struct{}, 1)}
		t.taken[id] = mine
	}
	mine.waiting++
	t.mu.Unlock()
	select {
	case mine.free <- struct{}{}:
		return func() { <-mine.free; t.leave(id, mine) }, nil
	case <-ctx.Done():
		t.leave(id, mine)
		return nil, ctx.Err()
	}
}

func (t *turns) leave(id string, mine *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if mine.waiting--; mine.waiting == 0 {
		delete(t.taken, id)
	}
}
