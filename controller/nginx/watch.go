package nginx

import (
	"context"
	"sync"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// The pace of looks: while a drain is under way, while a wish waits for somebody, and else.
const (
	paceDrain = 300 * time.Millisecond
	paceWish  = time.Second
	paceIdle  = 5 * time.Second
)

// drainPace is the pace of a drain after so many looks at it: the old workers of an idle nginx end at once, those of a
// busy one take their time.
//
//	looks  0   1    2    3 and more
//	pace   50  100  200  300 ms
func drainPace(looks int) time.Duration {
	return min(50*time.Millisecond<<min(looks, 3), paceDrain)
}

// watch looks at the servers until ctx ends.
func (s *Switcher) watch(ctx context.Context) {
	looks := 0
	for {
		pace := s.round(ctx)
		if pace == paceDrain {
			pace = drainPace(looks)
			looks++
		} else {
			looks = 0
		}
		timer := time.NewTimer(pace)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-s.kick:
			timer.Stop()
			looks = 0
		case <-timer.C:
		}
	}
}

// round looks at all servers side by side, publishes what it saw, and says when to look next.
func (s *Switcher) round(ctx context.Context) time.Duration {
	began := time.Now()
	sights := make([]sight, len(s.sites))
	err := s.prepare(ctx)
	var group sync.WaitGroup
	for i, site := range s.sites {
		group.Go(func() {
			sights[i] = site.look(ctx)
			if err != nil && sights[i].state != reconcile.ServerUp {
				sights[i].state, sights[i].reason = reconcile.ServerUnknown, err.Error()
			}
		})
	}
	group.Wait()
	if ctx.Err() != nil {
		return paceIdle
	}
	s.count(ctx, sights)
	s.publish(began, sights)
	pending := s.book.pending()
	if pending || s.isDue() {
		signal(s.wake)
	}
	switch {
	case busy(sights):
		return paceDrain
	case pending:
		return paceWish
	default:
		return paceIdle
	}
}

func (s *Switcher) prepare(ctx context.Context) error {
	if s.options.Prepare == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return s.options.Prepare(ctx)
}

// busy: something is draining, so the next look is awaited.
func busy(sights []sight) bool {
	for _, seen := range sights {
		if seen.leaving {
			return true
		}
		for _, n := range seen.connections {
			if n > 0 {
				return true
			}
		}
	}
	return false
}

// publish replaces the last look and tells whom it is news.
func (s *Switcher) publish(began time.Time, sights []sight) {
	s.mu.Lock()
	before := s.sights
	for i := range sights {
		if before != nil && before[i].state != reconcile.ServerUp && sights[i].state == reconcile.ServerUp {
			s.returned = true
		}
	}
	s.sights, s.began = sights, began
	close(s.fresh)
	s.fresh = make(chan struct{})
	s.mu.Unlock()
	for _, name := range news(before, sights) {
		s.tell(name)
	}
}

// isDue is due without taking note.
func (s *Switcher) isDue() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.returned {
		return true
	}
	for i, seen := range s.sights {
		if s.wants(i, seen) || s.unmended(i, time.Now()) {
			return true
		}
	}
	return false
}
