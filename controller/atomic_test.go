package controller_test

import (
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/drivertest"
	"github.com/segue-dev/segue/spec"
)

func TestAtomicCommitGoesBackAsAWhole(t *testing.T) {
	play(t, func(s *stage) {
		s.world.Images["orders:2"] = drivertest.Image{NeverReady: true}
		repo := s.followRepository(controller.Policy{Atomic: true})
		repo.readings <- commit("a", "first", shopFiles("orders:1", "stock:1")...)
		firstOrders, firstStock := s.settled("orders"), s.settled("stock")
		s.later(time.Second)
		withNew := func(orders, stock string) []spec.Manifest {
			return append(shopFiles(orders, stock), from(service("web", "web:1", 1), "web.yaml:1"))
		}
		bad := commit("b", "bad", withNew("orders:2", "stock:2")...)
		repo.readings <- bad
		s.until("stock", "updated", func(d *api.DeploymentStatus) bool { return d.Settled && d.Image == "stock:2" })
		s.until("web", "there", func(d *api.DeploymentStatus) bool { return d.Settled })
		s.until("web", "gone", func(d *api.DeploymentStatus) bool { return d.Phase == "Gone" })
		s.until("stock", "back", func(d *api.DeploymentStatus) bool { return d.Settled && d.Image == "stock:1" })
		s.until("orders", "back", func(d *api.DeploymentStatus) bool {
			return d.Settled && d.Phase == "Converged" && d.Image == "orders:1"
		})
		s.later(time.Second)
		s.expectServing("orders", 1, firstOrders.Hash)
		s.expectServing("stock", 1, firstStock.Hash)
		s.expectSource("False WentBack first", `commit b000000 "bad" went back as a whole (deployment/orders:`, "segue reconcile --retry")
		starts := s.world.Starts()
		repo.readings <- bad
		s.later(time.Minute)
		s.restart()
		repo.readings <- bad
		s.later(time.Minute)
		repo.readings <- commit("c", "stock once more", withNew("orders:2", "stock:3")...)
		s.later(time.Minute)
		s.expectSource("False WentBack first")
		if s.world.Starts() != starts {
			t.Errorf("what went back was tried again:\n%s", s.story("git:shop"))
		}
		if story := s.story("git:shop"); !strings.Contains(story, "it leaves deployment/orders as it failed in commit b000000") {
			t.Errorf("events\n%s", story)
		}
		_, err := s.c.Intend(t.Context(), api.Intent{Verb: api.Retry, Name: orders})
		expectRefused(t, err, api.Invalid, "segue reconcile git:shop --retry")
		repo.readings <- commit("d", "better", withNew("orders:3", "stock:3")...)
		s.until("orders", "updated", func(d *api.DeploymentStatus) bool { return d.Settled && d.Image == "orders:3" })
		s.until("stock", "updated", func(d *api.DeploymentStatus) bool { return d.Settled && d.Image == "stock:3" })
		s.settled("web")
		s.later(time.Second)
		s.expectSource("True Applied better")
	})
}

// TestWhatHasProvenItselfDoesNotGoBackWithALaterCommit, nor when that is tried again.
func TestWhatHasProvenItselfDoesNotGoBackWithALaterCommit(t *testing.T) {
	play(t, func(s *stage) {
		s.world.Images["orders:2"] = drivertest.Image{NeverReady: true}
		repo := s.followRepository(controller.Policy{Atomic: true})
		repo.readings <- commit("a", "first", shopFiles("orders:1", "stock:1")...)
		s.settled("orders")
		s.settled("stock")
		repo.readings <- commit("b", "stock alone", shopFiles("orders:1", "stock:2")...)
		s.until("stock", "updated", func(d *api.DeploymentStatus) bool { return d.Settled && d.Image == "stock:2" })
		s.later(time.Second)
		s.expectSource("True Applied stock alone")
		bad := commit("c", "bad", shopFiles("orders:2", "stock:2")...)
		repo.readings <- bad
		s.until("orders", "on its way", func(d *api.DeploymentStatus) bool { return !d.Settled })
		s.until("orders", "back", func(d *api.DeploymentStatus) bool {
			return d.Settled && d.Phase == "Converged" && d.Image == "orders:1"
		})
		s.later(time.Second)
		s.expectSource("False WentBack stock alone")
		if d := s.status("stock"); d.Image != "stock:2" {
			t.Errorf("stock is at %s", d.Image)
		}
		repo.next = func(bool) controller.Reading { return bad }
		starts := s.world.Starts()
		if told, err := s.steer(api.RetrySource); err != nil || told.Result != api.SourceApplied {
			t.Errorf("retry: %+v, %v", told, err)
		}
		s.later(5 * time.Minute)
		s.expectSource("False WentBack stock alone")
		if s.world.Starts() == starts {
			t.Error("retry did not try")
		}
	})
}
