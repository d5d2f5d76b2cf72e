package controller

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// readTime bounds one read of an engine, an nginx server's view or a registry's view.
const readTime = 15 * time.Second

// snapshot is the one read of something that all Deployments share. Whoever needs a newer one waits for it; the others
// take it too.
type snapshot[V any] struct {
	read func(ctx context.Context, began time.Time) (V, time.Time, error)

	// stale: something has changed since the read.
	stale atomic.Bool

	mu    sync.Mutex
	value V
	// began is when the read began, as the driver says; fetched when the driver was asked. Zero before the first.
	began, fetched time.Time
}

// get gives a value whose read began after floor and not longer ago than maxAge, as far as the driver can tell.
// With an error the value is the last one that was read, for the names in it.
func (s *snapshot[V]) get(ctx context.Context, floor time.Time, maxAge time.Duration) (V, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	oldest := now.Add(-maxAge)
	fresh := !s.fetched.IsZero() && !s.stale.Load() && s.began.After(floor) && !s.fetched.Before(oldest)
	if fresh {
		return s.value, s.began, nil
	}
	s.stale.Store(false)
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	if floor.Before(oldest) {
		floor = oldest
	}
	value, began, err := s.read(ctx, floor)
	if err != nil {
		s.stale.Store(true)
		return s.value, s.began, err
	}
	s.value, s.began, s.fetched = value, began, now
	return value, began, nil
}

// known is the last value that was read, however old, when its read began, and when the driver was asked.
func (s *snapshot[V]) known() (value V, began, fetched time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.value, s.began, s.fetched
}

// last is the last value that was read, however old.
func (s *snapshot[V]) last() V {
	value, _, _ := s.known()
	return value
}
