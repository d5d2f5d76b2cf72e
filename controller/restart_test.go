package controller_test

import (
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/drivertest"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// TestKilledHalfWayGoesOn ends the controller at every second of a rolling update; the next one converges.
func TestKilledHalfWayGoesOn(t *testing.T) {
	for second := range 40 {
		play(t, func(s *stage) {
			s.begin()
			s.apply(nginx("edge"), service("orders", "orders:1", 2))
			s.settled("orders")
			s.apply(service("orders", "orders:2", 2))
			s.later(time.Duration(second)*time.Second + 100*time.Millisecond)
			s.restart()
			d := s.settled("orders")
			s.expectPhase(d, "Converged")
			s.expectServing("orders", 2, d.Hash)
			if d.Revision != 2 || s.world.Starts() != 4 {
				t.Errorf("killed after %d s: revision %d after %d starts\n%s", second, d.Revision, s.world.Starts(), s.story("orders"))
			}
		})
	}
}

func TestRestartOfTheConvergedChangesNothing(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 2))
		before := s.settled("orders")
		s.restart()
		if err := s.c.Ready(s.t.Context()); err != nil {
			t.Fatal(err)
		}
		d := s.settled("orders")
		s.expectServing("orders", 2, before.Hash)
		if s.world.Starts() != 2 || d.ReadyReplicas != 2 || d.Revision != 1 {
			t.Errorf("%d starts, status %+v", s.world.Starts(), d)
		}
	})
}

func TestEngineThatDoesNotAnswerStopsNothing(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 2))
		first := s.settled("orders")
		s.world.Lock()
		s.world.EngineDown = true
		s.world.Unlock()
		s.apply(service("orders", "orders:2", 2))
		d := s.until("orders", "blocked", func(d *api.DeploymentStatus) bool { return d.Phase == "Blocked" })
		if !strings.Contains(d.Reason, "does not answer") || d.Settled || len(d.Instances) != 2 {
			t.Errorf("status %+v", d)
		}
		s.later(10 * time.Minute)
		s.expectServing("orders", 2, first.Hash)
		s.world.Lock()
		s.world.EngineDown = false
		s.world.Unlock()
		d = s.settled("orders")
		s.expectPhase(d, "Converged")
		s.expectServing("orders", 2, d.Hash)
	})
}

func TestOrphansAreListedAndKept(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 2))
		first := s.settled("orders")
		s.stop()
		s.world.Restarted()
		s.store = drivertest.NewStore()
		s.begin()
		s.apply(nginx("edge"))
		d := s.until("orders", "an orphan", func(d *api.DeploymentStatus) bool { return d.Orphan })
		if len(d.Instances) != 2 || d.LiveReplicas != 2 {
			t.Errorf("status %+v", d)
		}
		s.later(5 * time.Minute)
		s.expectServing("orders", 2, first.Hash)
		s.apply(service("orders", "orders:1", 2))
		d = s.settled("orders")
		s.expectServing("orders", 2, first.Hash)
		if d.Orphan || s.world.Starts() != 2 {
			t.Errorf("%d starts, status %+v", s.world.Starts(), d)
		}
	})
}

func TestOrphansAreDeletedWhenAskedFor(t *testing.T) {
	play(t, func(s *stage) {
		s.world.AddContainer(reconcile.Container{
			Name: "old-abc-1", ID: "1", Deployment: spec.ParseName("old"), Revision: "abc", N: 1, Image: "old:1",
			State: reconcile.ContainerRunning, StartedAt: time.Now(),
		})
		s.begin()
		s.until("old", "an orphan", func(d *api.DeploymentStatus) bool { return d.Orphan })
		request := api.DeleteRequest{Kind: spec.KindDeployment, Name: spec.ParseName("old"), Orphans: true}
		if _, err := s.c.Delete(s.t.Context(), request); err != nil {
			t.Fatal(err)
		}
		s.until("old", "gone", func(d *api.DeploymentStatus) bool { return d.Phase == "Gone" })
		if len(s.world.Existing()) != 0 {
			t.Errorf("%v is left", s.world.Existing())
		}
	})
}

func TestAddressesAreNotGivenToTheNext(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 1))
		s.settled("orders")
		seen := map[string]bool{}
		for round := range 4 {
			launch, _ := s.world.Launch(s.world.Living()[0])
			if seen[launch.Address.String()] {
				t.Errorf("round %d: %s was given out twice", round, launch.Address)
			}
			seen[launch.Address.String()] = true
			s.intend(api.Intent{Verb: api.Restart, Name: spec.ParseName("orders")})
			s.settled("orders")
		}
	})
}

func TestStoreThatLostItsAddressesGivesNoneOutTwice(t *testing.T) {
	play(t, func(s *stage) {
		s.world.Images["stock:1"] = drivertest.Image{}
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 2))
		s.settled("orders")
		s.stop()
		s.world.Restarted()
		s.store = drivertest.NewStore()
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 2), service("stock", "stock:1", 2))
		s.settled("stock")
		if s.world.Starts() != 4 {
			t.Errorf("%d starts", s.world.Starts())
		}
	})
}
