package controller_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/drivertest"
)

func TestFirstDeploymentServes(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		items := s.apply(nginx("edge"), service("orders", "orders:1", 2))
		if items[1].Result != "created" || items[1].Generation != 1 {
			t.Fatalf("applied %+v", items)
		}
		d := s.settled("orders")
		s.expectPhase(d, "Converged")
		s.expectServing("orders", 2, d.Hash)
		if d.Revision != 1 || d.AvailableReplicas != 2 || d.UpdatedReplicas != 2 || d.ReadyReplicas != 2 || d.Replicas != 2 || d.ObservedGeneration != 1 {
			t.Errorf("status %+v", d)
		}
		if d.Instances[0].Nginx != "2/2" || d.Instances[0].Eureka != "-" || d.Instances[0].Status != "Serving" {
			t.Errorf("instance %+v", d.Instances[0])
		}
		if len(d.History) != 1 || d.History[0].Result != "accepted" || d.History[0].By != "alice" {
			t.Errorf("history %+v", d.History)
		}
		if c := condition(d, api.ConditionAvailable); c.Status != "True" {
			t.Errorf("condition %+v", c)
		}
	})
}

func TestRollingUpdateReplacesAll(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 3))
		first := s.settled("orders")
		s.apply(service("orders", "orders:2", 3))
		second := s.settled("orders")
		s.expectPhase(second, "Converged")
		s.expectServing("orders", 3, second.Hash)
		if second.Hash == first.Hash || second.Revision != 2 {
			t.Errorf("revision %d %s after %d %s", second.Revision, second.Hash, first.Revision, first.Hash)
		}
		if s.world.Starts() != 6 {
			t.Errorf("%d containers were started", s.world.Starts())
		}
	})
}

func TestBadReleaseIsRolledBack(t *testing.T) {
	play(t, func(s *stage) {
		s.world.Images["orders:2"] = drivertest.Image{NeverReady: true, Log: []string{"connecting", "no database"}}
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 2))
		first := s.settled("orders")
		s.apply(service("orders", "orders:2", 2))
		d := s.settled("orders")
		s.expectPhase(d, "RolledBack")
		s.expectServing("orders", 2, first.Hash)
		r := d.Rejected
		if r == nil || r.Revision != 2 || !strings.Contains(r.LastProbe, "503") || !slices.Equal(r.Log, []string{"connecting", "no database"}) {
			t.Errorf("rejected %+v", r)
		}
		if c := condition(d, api.ConditionRolledBack); c.Status != "True" {
			t.Errorf("condition %+v", c)
		}
		for _, reason := range []string{"Warning Rejected", "Warning RolledBack"} {
			if !strings.Contains(s.story("orders"), reason) {
				t.Errorf("no event %s in\n%s", reason, s.story("orders"))
			}
		}
		s.apply(service("orders", "orders:3", 2))
		d = s.settled("orders")
		s.expectPhase(d, "Converged")
		s.expectServing("orders", 2, d.Hash)
	})
}

func TestCrashingReleaseIsRolledBack(t *testing.T) {
	play(t, func(s *stage) {
		s.world.Images["orders:2"] = drivertest.Image{CrashAfter: time.Second, Log: []string{"panic"}}
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 2))
		first := s.settled("orders")
		s.apply(service("orders", "orders:2", 2))
		d := s.settled("orders")
		s.expectPhase(d, "RolledBack")
		s.expectServing("orders", 2, first.Hash)
		if d.Rejected.ExitCode == nil || *d.Rejected.ExitCode != 1 || !slices.Equal(d.Rejected.Log, []string{"panic"}) {
			t.Errorf("rejected %+v", d.Rejected)
		}
	})
}

func TestKilledInstanceIsReplaced(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 2))
		s.settled("orders")
		s.world.Kill(s.world.Living()[0])
		s.until("orders", "unsettled", func(d *api.DeploymentStatus) bool { return !d.Settled })
		d := s.settled("orders")
		s.expectServing("orders", 2, d.Hash)
		if !strings.Contains(s.story("orders"), "Warning Exited") {
			t.Errorf("no event in\n%s", s.story("orders"))
		}
	})
}
