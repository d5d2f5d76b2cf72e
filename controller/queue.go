package controller

import (
	"context"
	"sync"
	"time"
)

// queue holds the keys that are to be looked at: each at most once, each held by at most one worker, and added again
// when it was dirtied while it was held.
type queue struct {
	mu      sync.Mutex
	changed *sync.Cond
	ready   []key
	entries map[key]*queueEntry
	closed  bool
}

// queueEntry is one key that is queued, held, or waits for its time.
type queueEntry struct {
	queued, held, dirty bool
	// timer adds the key at its time; nil when it has none.
	timer *time.Timer
}

func newQueue() *queue {
	q := &queue{entries: map[key]*queueEntry{}}
	q.changed = sync.NewCond(&q.mu)
	return q
}

// add asks for a look at k, now.
func (q *queue) add(k key) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.enqueue(k)
}

func (q *queue) enqueue(k key) {
	if q.closed {
		return
	}
	e := q.entry(k)
	switch {
	case e.held:
		e.dirty = true
	case !e.queued:
		e.queued = true
		q.ready = append(q.ready, k)
		q.changed.Signal()
	}
}

func (q *queue) entry(k key) *queueEntry {
	e := q.entries[k]
	if e == nil {
		e = &queueEntry{}
		q.entries[k] = e
	}
	return e
}

// get waits for a key and holds it until done; false when the queue was closed.
func (q *queue) get() (key, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.ready) == 0 && !q.closed {
		q.changed.Wait()
	}
	if q.closed {
		return key{}, false
	}
	k := q.ready[0]
	q.ready = q.ready[1:]
	e := q.entries[k]
	e.queued, e.held, e.dirty = false, true, false
	return k, true
}

// done lets k go. It is looked at again at again, when that is not zero, or at once when it was dirtied meanwhile.
// The time of an earlier done no longer counts.
func (q *queue) done(k key, again time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.entry(k)
	if e.timer != nil {
		e.timer.Stop()
		e.timer = nil
	}
	e.held = false
	if e.dirty {
		e.dirty = false
		q.enqueue(k)
	}
	switch {
	case q.closed:
	case !again.IsZero():
		e.timer = time.AfterFunc(time.Until(again), func() { q.add(k) })
	case !e.queued:
		delete(q.entries, k)
	}
}

// run closes the queue when ctx ends, and returns then.
func (q *queue) run(ctx context.Context) {
	<-ctx.Done()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for _, e := range q.entries {
		if e.timer != nil {
			e.timer.Stop()
		}
	}
	q.changed.Broadcast()
}
