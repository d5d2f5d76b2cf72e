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

// promptSource is a source that can be asked to read now: it hands over what is next.
type promptSource struct {
	*source
	next      func(rewritten bool) controller.Reading
	rewritten []bool
}

func (p *promptSource) Now(rewritten bool) {
	p.rewritten = append(p.rewritten, rewritten)
	go func() {
		reading := p.next(rewritten)
		reading.Asked = true
		p.readings <- reading
	}()
}

func (p *promptSource) From() string { return "https://git.shop/deploy.git, branch main" }

// commit is a reading of a commit.
func commit(hash, message string, manifests ...spec.Manifest) controller.Reading {
	return controller.Reading{
		Commit:    &controller.Commit{Hash: hash + "000000", Author: "Ann", Message: message, Time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)},
		Manifests: manifests,
	}
}

func (s *stage) followRepository(policy controller.Policy) *promptSource {
	repo := &promptSource{source: newSource("git:shop")}
	s.options = func(o *controller.Options) {
		o.Sources, o.Policies = []controller.Source{repo}, map[string]controller.Policy{"git:shop": policy}
	}
	s.begin()
	return repo
}

// source is how a source is.
func (s *stage) source(name string) *api.SourceStatus {
	s.t.Helper()
	list, err := s.c.List(s.t.Context(), api.Query{Kind: api.KindSource, Name: name})
	if err != nil || len(list.Items) != 1 {
		s.t.Fatalf("list source %s: %v, %v", name, list, err)
	}
	return list.Items[0].Source
}

// expectSource wants READY, the reason and the commit that holds, and words in the message.
func (s *stage) expectSource(want string, words ...string) {
	s.t.Helper()
	status := s.source("git:shop")
	ready := status.Conditions[0]
	got := ready.Status + " " + ready.Reason
	if status.Applied != nil {
		got += " " + status.Applied.Message
	}
	if got != want {
		s.t.Errorf("source is %q, want %q: %s", got, want, ready.Message)
	}
	for _, word := range words {
		if !strings.Contains(ready.Message, word) {
			s.t.Errorf("source says %q, want %q", ready.Message, word)
		}
	}
}

func (s *stage) objectStates() string {
	s.t.Helper()
	var words []string
	for _, o := range s.source("git:shop").Objects {
		words = append(words, o.Name.Name+" "+o.State)
	}
	return strings.Join(words, ", ")
}

func (s *stage) steer(verb string) (api.SteeredSource, error) {
	result, err := s.c.Steer(s.t.Context(), api.SourceOrder{Verb: verb, Name: "shop", By: "bob"})
	if err != nil || len(result.Items) != 1 {
		return api.SteeredSource{}, err
	}
	return result.Items[0], nil
}

func shopFiles(orders, stock string) []spec.Manifest {
	return []spec.Manifest{
		from(nginx("edge"), "edge.yaml:1"), from(service("orders", orders, 1), "orders.yaml:1"), from(service("stock", stock, 1), "stock.yaml:1"),
	}
}

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

func TestSuspendedSource(t *testing.T) {
	play(t, func(s *stage) {
		repo := s.followRepository(controller.Policy{})
		repo.readings <- commit("a", "first", shopFiles("orders:1", "stock:1")...)
		s.settled("orders")
		_, err := s.c.Apply(s.t.Context(), api.ApplyRequest{Manifests: []spec.Manifest{service("orders", "orders:9", 1)}})
		expectRefused(t, err, api.Owned, "deployment/orders is owned by git:shop; change it in orders.yaml:1 of https://git.shop/deploy.git, branch main, and push; or do `segue suspend git:shop` first")
		for _, verb := range []string{api.Scale, api.SetImage} {
			_, err = s.c.Intend(s.t.Context(), api.Intent{Verb: verb, Name: orders, Replicas: 2, Image: "orders:9"})
			expectRefused(t, err, api.Owned, "segue suspend git:shop")
		}
		if told, err := s.steer(api.Suspend); err != nil || told.Result != api.SourceSuspended {
			t.Fatalf("suspend: %+v, %v", told, err)
		}
		s.restart()
		repo.readings <- commit("b", "second", shopFiles("orders:2", "stock:2")...)
		s.later(time.Minute)
		s.expectSource("False Suspended first", "suspended by bob")
		if _, err = s.c.Intend(s.t.Context(), api.Intent{Verb: api.SetImage, Name: orders, Image: "orders:9"}); err != nil {
			t.Fatal(err)
		}
		s.until("orders", "changed by hand", func(d *api.DeploymentStatus) bool { return d.Settled && d.Image == "orders:9" })
		repo.next = func(bool) controller.Reading { return commit("b", "second", shopFiles("orders:2", "stock:2")...) }
		told, err := s.steer(api.ResumeSource)
		if err != nil || told.Result != api.SourceResumed || !strings.Contains(told.Note, `commit b000000 "second" by Ann: 2 of 3`) {
			t.Errorf("resume: %+v, %v", told, err)
		}
		s.until("orders", "git's again", func(d *api.DeploymentStatus) bool { return d.Settled && d.Image == "orders:2" })
		s.until("stock", "git's again", func(d *api.DeploymentStatus) bool { return d.Settled && d.Image == "stock:2" })
		s.later(time.Second)
		s.expectSource("True Applied second")
	})
}

func TestReconcileSaysWhatBecameOfIt(t *testing.T) {
	play(t, func(s *stage) {
		repo := s.followRepository(controller.Policy{})
		for _, test := range []struct {
			next         controller.Reading
			verb, result string
			note         string
		}{
			{commit("a", "first", shopFiles("orders:1", "stock:1")...), api.Reconcile, api.SourceApplied, `commit a000000 "first" by Ann: 3 of 3 objects are changed`},
			{commit("a", "first", shopFiles("orders:1", "stock:1")...), api.Reconcile, api.SourceUnchanged, `commit a000000 "first" by Ann`},
			{controller.Reading{Commit: commit("b", "bad").Commit, Failed: map[string]error{"x.yaml": errors.New("x.yaml:1 broken")}}, api.Reconcile, api.SourceRefused, "x.yaml:1 broken"},
			{controller.Reading{Err: errors.New("no route to host")}, api.Reconcile, api.SourceUnreadable, "no route to host; what runs stays as it is"},
			{commit("c", "forced", shopFiles("orders:2", "stock:1")...), api.AcceptRewrite, api.SourceApplied, "1 of 3"},
		} {
			repo.next = func(bool) controller.Reading { return test.next }
			told, err := s.steer(test.verb)
			if err != nil || told.Result != test.result || !strings.Contains(told.Note, test.note) {
				t.Errorf("got %+v, %v; want %s %s", told, err, test.result, test.note)
			}
		}
		if !repo.rewritten[4] || repo.rewritten[0] {
			t.Errorf("asked %v", repo.rewritten)
		}
		_, err := s.c.Steer(t.Context(), api.SourceOrder{Verb: api.Reconcile, Name: "shpo"})
		expectRefused(t, err, api.NotFound, `there is no source "shpo"; there are git:shop`)
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
