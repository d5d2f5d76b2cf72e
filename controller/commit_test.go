package controller_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/drivertest"
	"github.com/segue-dev/segue/spec"
)

func TestBadCommitIsRefusedAsAWhole(t *testing.T) {
	play(t, func(s *stage) {
		repo := s.followRepository(controller.Policy{})
		repo.readings <- commit("a", "first", shopFiles("orders:1", "stock:1")...)
		first := s.settled("orders")
		s.settled("stock")
		s.later(time.Second)
		s.expectSource("True Applied first", `commit a000000 "first" holds`)
		bad := commit("b", "bad", shopFiles("orders:2", "stock:2")...)
		bad.Failed = map[string]error{"stock.yaml": spec.Problems{{File: "stock.yaml", Line: 3, Column: 5, Path: "spec.replica", Message: "unknown field"}}}
		repo.readings <- bad
		s.later(time.Minute)
		s.expectServing("orders", 1, first.Hash)
		s.expectSource("False Refused first", `commit b000000 "bad" by Ann is refused`, "stock.yaml:3:5  spec.replica: unknown field", `commit a000000 "first" holds`)
		across := changed(from(service("stock", "stock:2", 1), "stock.yaml:1"), func(d *spec.DeploymentSpec) {
			d.Routes = map[string]spec.Route{"http": {Nginx: "egde"}}
		})
		repo.readings <- commit("c", "across", append(shopFiles("orders:2", "stock:2")[:2], across)...)
		s.later(time.Minute)
		s.expectServing("orders", 1, first.Hash)
		s.expectSource("False Refused first", `no Nginx "egde"`, "stock.yaml:1")
		if story := s.story("git:shop"); strings.Count(story, "Warning CommitRefused") != 2 {
			t.Errorf("events\n%s", story)
		}
		repo.readings <- commit("d", "good", shopFiles("orders:2", "stock:2")...)
		s.until("orders", "updated", func(d *api.DeploymentStatus) bool { return d.Settled && d.Revision == 2 })
		d := s.until("stock", "updated", func(d *api.DeploymentStatus) bool { return d.Settled && d.Revision == 2 })
		s.later(time.Second)
		s.expectSource("True Applied good")
		if h := d.History[1]; h.By != "Ann" || h.Cause != `commit d000000 "good"` {
			t.Errorf("history says %q by %q", h.Cause, h.By)
		}
	})
}

// TestRefusedCommitIsTakenOnceTheRestIsThere: what it names may come from elsewhere, and later.
func TestRefusedCommitIsTakenOnceTheRestIsThere(t *testing.T) {
	play(t, func(s *stage) {
		repo := s.followRepository(controller.Policy{})
		only := func(bool) controller.Reading {
			d := changed(from(service("orders", "orders:1", 1), "orders.yaml:1"), func(d *spec.DeploymentSpec) {
				d.Routes = map[string]spec.Route{"http": {Nginx: "front", Hostnames: []string{"shop.test"}}}
			})
			return commit("a", "first", d)
		}
		repo.next = only
		repo.readings <- only(false)
		s.later(time.Minute)
		s.expectSource("False Refused", `no Nginx "front"`)
		s.apply(nginx("front"))
		s.until("orders", "served", func(d *api.DeploymentStatus) bool { return d.Settled && d.Revision == 1 })
		s.later(time.Second)
		s.expectSource("True Applied first")
	})
}

// TestTroubleChangesNothing: nothing that can be wrong with a source removes or changes anything, pruning or not.
func TestTroubleChangesNothing(t *testing.T) {
	play(t, func(s *stage) {
		repo := s.followRepository(controller.Policy{Prune: true, PruneAll: true})
		repo.readings <- commit("a", "first", shopFiles("orders:1", "stock:1")...)
		first := s.settled("orders")
		for _, trouble := range []*controller.Trouble{
			{Reason: api.ReasonUnreadable, Message: "connection refused; it is tried again"},
			{Reason: api.ReasonRewritten, Message: "the branch was rewritten; accept it"},
			{Reason: api.ReasonMissing, Message: "branch main is gone; push it again"},
			{Reason: api.ReasonEmpty, Message: "it holds no manifest"},
		} {
			repo.readings <- controller.Reading{Err: trouble}
			s.later(10 * time.Second)
			s.expectSource("False "+trouble.Reason+" first", trouble.Message, `commit a000000 "first" holds`)
			s.expectServing("orders", 1, first.Hash)
		}
		repo.readings <- controller.Reading{Err: errors.New("anything else")}
		s.later(time.Second)
		s.expectSource("False Unreadable first", "anything else")
		s.restart()
		repo.readings <- controller.Reading{Err: errors.New("gone for good")}
		s.later(10 * time.Second)
		s.expectServing("orders", 1, first.Hash)
		s.expectSource("False Unreadable first", "gone for good", `commit a000000 "first" holds`)
		repo.readings <- controller.Reading{Same: true, Commit: commit("a", "first").Commit}
		s.later(10 * time.Second)
		s.expectSource("True Applied first")
		if len(s.world.Living()) != 2 {
			t.Errorf("living %v", s.world.Living())
		}
	})
}

// TestFailedCommitIsRemembered: what was rolled back is tried again only by a commit that changes the object, or retry.
func TestFailedCommitIsRemembered(t *testing.T) {
	play(t, func(s *stage) {
		s.world.Images["orders:2"] = drivertest.Image{NeverReady: true}
		repo := s.followRepository(controller.Policy{})
		repo.readings <- commit("a", "first", shopFiles("orders:1", "stock:1")...)
		first := s.settled("orders")
		bad := commit("b", "bad", shopFiles("orders:2", "stock:1")...)
		repo.readings <- bad
		s.expectPhase(s.until("orders", "rolled back", func(d *api.DeploymentStatus) bool { return d.Settled && d.Revision == 2 }), "RolledBack")
		s.later(time.Second)
		s.expectSource("False Failed bad", "1 of 3 failed: deployment/orders: Failed", "segue retry")
		if got := s.objectStates(); got != "orders Failed, stock Applied, edge Applied" {
			t.Errorf("objects: %s", got)
		}
		starts := s.world.Starts()
		for range 3 {
			repo.readings <- bad
			s.later(time.Minute)
		}
		moved := shopFiles("orders:2", "stock:1")
		moved[1].Origin = "orders.yaml:7"
		moved[1].Positions = map[string]spec.Position{"spec": {Line: 9, Column: 1}}
		repo.readings <- commit("c", "a comment above it", moved...)
		s.later(time.Minute)
		s.restart()
		repo.readings <- commit("c", "a comment above it", moved...)
		s.later(time.Minute)
		if s.world.Starts() != starts {
			t.Errorf("what failed was tried again:\n%s", s.story("orders"))
		}
		s.expectServing("orders", 1, first.Hash)
		s.expectSource("False Failed a comment above it")
		repo.readings <- commit("d", "Revert bad", shopFiles("orders:1", "stock:1")...)
		s.until("orders", "reverted", func(d *api.DeploymentStatus) bool { return d.Settled && d.Phase == "Converged" })
		s.later(time.Second)
		s.expectServing("orders", 1, first.Hash)
		s.expectSource("True Applied Revert bad")
		if s.world.Starts() != starts {
			t.Error("a revert started something")
		}
		repo.readings <- commit("e", "bad again", shopFiles("orders:2", "stock:1")...)
		s.until("orders", "rolled back again", func(d *api.DeploymentStatus) bool { return d.Settled && d.Phase == "RolledBack" })
		if s.world.Starts() == starts {
			t.Error("a newer commit that changes the object was not tried")
		}
		starts = s.world.Starts()
		s.intend(api.Intent{Verb: api.Retry, Name: orders})
		s.until("orders", "retried", func(d *api.DeploymentStatus) bool { return d.Settled && d.Phase == "RolledBack" })
		if s.world.Starts() == starts {
			t.Error("retry did not try")
		}
	})
}

func TestUndoAndAbortPinUntilGitChangesTheObject(t *testing.T) {
	play(t, func(s *stage) {
		repo := s.followRepository(controller.Policy{})
		repo.readings <- commit("a", "first", shopFiles("orders:1", "stock:1")...)
		first := s.settled("orders")
		repo.readings <- commit("b", "second", shopFiles("orders:2", "stock:1")...)
		s.until("orders", "updated", func(d *api.DeploymentStatus) bool { return d.Settled && d.Revision == 2 })
		s.intend(api.Intent{Verb: api.Undo, Name: orders})
		s.until("orders", "undone", func(d *api.DeploymentStatus) bool { return d.Settled && d.Pinned == "undo" })
		repo.readings <- commit("c", "stock only", shopFiles("orders:2", "stock:2")...)
		s.until("stock", "updated", func(d *api.DeploymentStatus) bool { return d.Settled && d.Revision == 2 })
		s.later(time.Minute)
		s.expectServing("orders", 1, first.Hash)
		if got := s.objectStates(); got != "orders Pinned, stock Applied, edge Applied" {
			t.Errorf("objects: %s", got)
		}
		repo.readings <- commit("d", "third", shopFiles("orders:3", "stock:2")...)
		d := s.until("orders", "updated", func(d *api.DeploymentStatus) bool { return d.Settled && d.Image == "orders:3" })
		if d.Pinned != "" {
			t.Errorf("still pinned by %s", d.Pinned)
		}
	})
}

func TestDependentsOfAFailedObjectWait(t *testing.T) {
	play(t, func(s *stage) {
		s.world.Images["orders:2"] = drivertest.Image{NeverReady: true}
		files := func(orders, stock, web string) []spec.Manifest {
			list := shopFiles(orders, stock)
			list[2] = changed(list[2], func(d *spec.DeploymentSpec) { d.DependsOn = []string{"orders"} })
			return append(list, from(service("web", web, 1), "web.yaml:1"))
		}
		repo := s.followRepository(controller.Policy{})
		repo.readings <- commit("a", "first", files("orders:1", "stock:1", "web:1")...)
		s.settled("orders")
		first := s.settled("stock")
		repo.readings <- commit("b", "bad", files("orders:2", "stock:2", "web:2")...)
		s.until("orders", "rolled back", func(d *api.DeploymentStatus) bool { return d.Settled && d.Phase == "RolledBack" })
		s.until("web", "updated", func(d *api.DeploymentStatus) bool { return d.Settled && d.Revision == 2 })
		s.later(time.Minute)
		s.expectServing("stock", 1, first.Hash)
		if got := s.objectStates(); got != "orders Failed, stock Waiting, web Applied, edge Applied" {
			t.Errorf("objects: %s", got)
		}
		if o := s.source("git:shop").Objects[1]; !strings.Contains(o.Reason, "deployment/orders") {
			t.Errorf("stock says %q", o.Reason)
		}
	})
}

func TestCommitMayRenameAndPrune(t *testing.T) {
	play(t, func(s *stage) {
		repo := s.followRepository(controller.Policy{Prune: true})
		repo.readings <- commit("a", "first", shopFiles("orders:1", "stock:1")...)
		s.settled("orders")
		s.settled("stock")
		renamed := shopFiles("orders:1", "stock:1")
		renamed[2] = changed(from(service("goods", "stock:1", 1), "goods.yaml:1"), func(d *spec.DeploymentSpec) {
			d.Routes = map[string]spec.Route{"http": {Hostnames: []string{"stock.shop"}}}
		})
		repo.readings <- commit("b", "rename", renamed...)
		s.until("stock", "gone", func(d *api.DeploymentStatus) bool { return d.Phase == "Gone" })
		s.until("goods", "serving", func(d *api.DeploymentStatus) bool { return d.Settled && d.AvailableReplicas == 1 })
		repo.readings <- commit("c", "almost nothing", renamed[0])
		s.later(time.Minute)
		if len(s.world.Living()) != 2 {
			t.Errorf("living %v", s.world.Living())
		}
		if story := s.story("git:shop"); !strings.Contains(story, "NotPruned") || !strings.Contains(story, "--prune-all") {
			t.Errorf("events\n%s", story)
		}
	})
}
