package controller_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

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
