package controller

import (
	"context"
	"sync"
)

// feed hands every value to every subscription, in order. Sending never blocks: a slow reader's values wait for it.
type feed[T any] struct {
	mu            sync.Mutex
	subscriptions map[*subscription[T]]struct{}
}

// subscription is one reader of a feed.
type subscription[T any] struct {
	feed   *feed[T]
	values []T
	wake   chan struct{}
}

func newFeed[T any]() *feed[T] {
	return &feed[T]{subscriptions: map[*subscription[T]]struct{}{}}
}

func (f *feed[T]) send(value T) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for s := range f.subscriptions {
		s.values = append(s.values, value)
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

// subscribe reads what is sent from now on. The reader closes it.
func (f *feed[T]) subscribe() *subscription[T] {
	s := &subscription[T]{feed: f, wake: make(chan struct{}, 1)}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.subscriptions[s] = struct{}{}
	return s
}

func (s *subscription[T]) close() {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	delete(s.feed.subscriptions, s)
}

// next waits for values, or for ctx to end.
func (s *subscription[T]) next(ctx context.Context) ([]T, error) {
	for {
		s.feed.mu.Lock()
		values := s.values
		s.values = nil
		s.feed.mu.Unlock()
		if len(values) > 0 {
			return values, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-s.wake:
		}
	}
}
