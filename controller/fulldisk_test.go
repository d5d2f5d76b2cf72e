package controller_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/drivertest"
)

var errFull = errors.New("put: no space left on device")

// TestAFullDiskChangesNothingThatServes: a commit that cannot be written down is not taken, and says so; it is taken
// when there is room again, though nobody pushed anything.
func TestAFullDiskChangesNothingThatServes(t *testing.T) {
	play(t, func(s *stage) {
		src := s.followRepository(controller.Policy{})
		src.readings <- commit("aaaaaaa", "Begin", nginx("edge"), service("orders", "orders:1", 2))
		first := s.settled("orders")
		s.fillDisk(errFull)
		second := commit("bbbbbbb", "Release 2", nginx("edge"), service("orders", "orders:2", 2))
		src.next = func(bool) controller.Reading { return second }
		src.readings <- second
		s.later(45 * time.Second)
		s.expectSource("False NotKept Begin", "no space left on device", `"Begin" holds`)
		s.expectServing("orders", 2, first.Hash)
		s.fillDisk(nil)
		s.later(11 * time.Second)
		d := s.settled("orders")
		s.expectServing("orders", 2, d.Hash)
		if d.Hash == first.Hash {
			t.Error("the commit is not taken though there is room")
		}
	})
}

// TestAFullDiskInMidRollout: what is to be remembered cannot be, so nothing is done; the Deployment says so and goes on
// when there is room again.
func TestAFullDiskInMidRollout(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 2))
		first := s.settled("orders")
		s.apply(service("orders", "orders:2", 2))
		s.fillDisk(errFull)
		s.later(30 * time.Second)
		d := s.status("orders")
		s.expectPhase(d, "Blocked")
		if c := condition(d, api.ConditionProgressing); c.Reason != api.ReasonNotKept || c.Status != "Unknown" || !strings.Contains(c.Message, "no space left on device") {
			t.Errorf("it says %+v", c)
		}
		if shut := d.WaitingFor[0]; shut.Gate != "culprit" || shut.On != "state directory" || !strings.Contains(shut.Reason, "no space left on device") || d.Settled {
			t.Errorf("it waits for %+v, settled %v", shut, d.Settled)
		}
		if told := strings.Count(s.story("orders"), api.ReasonNotKept); told != 1 {
			t.Errorf("told %d times:\n%s", told, s.story("orders"))
		}
		if serving := s.router.Serving("orders"); len(serving) != 2 || !strings.HasPrefix(serving[0], "orders-"+first.Hash) {
			t.Errorf("serving %v", serving)
		}
		s.fillDisk(nil)
		s.expectPhase(s.settled("orders"), "Converged")
		s.expectServing("orders", 2, s.status("orders").Hash)
	})
}

// fillDisk has the store refuse all that is written; nil ends that.
func (s *stage) fillDisk(err error) { s.store.(*drivertest.Store).SetFail(err) }

// TestAFullDiskIsNotTheRevisionsFault: a deadline that passes while nothing can be written down rejects nobody.
func TestAFullDiskIsNotTheRevisionsFault(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 2))
		s.settled("orders")
		s.apply(service("orders", "orders:2", 2))
		s.until("orders", "timed", func(d *api.DeploymentStatus) bool { return !d.Deadline.IsZero() })
		s.fillDisk(errFull)
		s.later(10 * time.Minute)
		s.fillDisk(nil)
		d := s.settled("orders")
		s.expectPhase(d, "Converged")
		s.expectServing("orders", 2, d.Hash)
	})
}

// TestAFullDiskAtTheStart: a controller that finds no room looks after what runs, and goes on when there is some.
func TestAFullDiskAtTheStart(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 2))
		s.settled("orders")
		s.apply(service("orders", "orders:2", 2))
		s.fillDisk(errFull)
		s.restart()
		d := s.until("orders", "blocked", func(d *api.DeploymentStatus) bool { return d.Phase == "Blocked" })
		if serving := s.router.Serving("orders"); len(serving) != 2 {
			t.Errorf("serving %v: %+v", serving, d)
		}
		s.fillDisk(nil)
		d = s.settled("orders")
		s.expectPhase(d, "Converged")
		s.expectServing("orders", 2, d.Hash)
	})
}
