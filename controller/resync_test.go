package controller_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/drivertest"
)

func TestResyncOfWhatHasConvergedWritesNothing(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), eureka("main"), service("orders", "orders:1", 2), service("payments", "payments:1", 1))
		s.settled("orders")
		s.settled("payments")
		s.later(time.Minute)
		synctest.Wait()
		before := s.store.(*drivertest.Store).Puts()
		s.later(10 * time.Minute)
		synctest.Wait()
		if n := s.store.(*drivertest.Store).Puts() - before; n > 0 {
			t.Errorf("%d writes in ten minutes in which nothing happened", n)
		}
	})
}

func TestEventsOfOneMomentAreWrittenOnce(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 1))
		s.settled("orders")
		s.later(time.Minute)
		synctest.Wait()
		before := s.store.(*drivertest.Store).Puts()
		controller.Note(s.c, "first")
		s.later(time.Second)
		controller.Note(s.c, "second")
		s.later(time.Minute)
		synctest.Wait()
		if n := s.store.(*drivertest.Store).Puts() - before; n != 1 {
			t.Errorf("two events of one moment were %d writes", n)
		}
	})
}
