package controller_test

import (
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

func TestDeleteDrainsAndForgets(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 2))
		s.settled("orders")
		_, err := s.c.Delete(s.t.Context(), api.DeleteRequest{Kind: spec.KindNginx, Name: spec.ParseName("edge")})
		if err == nil || !strings.Contains(err.Error(), "deployment/orders") {
			t.Errorf("deleting an nginx in use: %v", err)
		}
		if _, err := s.c.Delete(s.t.Context(), api.DeleteRequest{Kind: spec.KindDeployment, Name: orders}); err != nil {
			t.Fatal(err)
		}
		s.until("orders", "gone", func(d *api.DeploymentStatus) bool { return d.Phase == "Gone" })
		if s.status("orders") != nil || len(s.world.Existing()) != 0 {
			t.Errorf("left: %+v, %v", s.status("orders"), s.world.Existing())
		}
		if _, err := s.c.Delete(s.t.Context(), api.DeleteRequest{Kind: spec.KindNginx, Name: spec.ParseName("edge")}); err != nil {
			t.Error(err)
		}
	})
}

func TestDeletingAllAtOnceDrainsFirst(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), eureka("main"), registered(service("orders", "orders:1", 2), spec.SelfRegistered))
		s.settled("orders")
		for _, k := range []struct{ kind, name string }{{spec.KindDeployment, "orders"}, {spec.KindEureka, "main"}, {spec.KindNginx, "edge"}} {
			if _, err := s.c.Delete(s.t.Context(), api.DeleteRequest{Kind: k.kind, Name: spec.ParseName(k.name)}); err != nil {
				t.Fatal(err)
			}
		}
		s.until("orders", "gone", func(d *api.DeploymentStatus) bool { return d.Phase == "Gone" })
		s.later(time.Second)
		list, err := s.c.List(s.t.Context(), api.Query{})
		if err != nil || len(list.Items) != 0 || len(s.world.Existing()) != 0 || len(s.registry.Leases()) != 0 {
			t.Errorf("left: %v, %v, %v, %v", list.Items, err, s.world.Existing(), s.registry.Leases())
		}
	})
}

// TestDependentsAreDeletedFirst: what depends on another is removed before that stops to answer.
func TestDependentsAreDeletedFirst(t *testing.T) {
	play(t, func(s *stage) {
		repo := s.followRepository(controller.Policy{Prune: true, PruneAll: true})
		all := shopFiles("orders:1", "stock:1")
		all[2] = changed(all[2], func(d *spec.DeploymentSpec) { d.DependsOn = []string{"orders"} })
		repo.readings <- commit("a", "first", append(all, from(service("web", "web:1", 1), "web.yaml:1"))...)
		first := s.settled("orders")
		s.settled("stock")
		s.settled("web")
		repo.readings <- commit("b", "only web", all[0], from(service("web", "web:1", 1), "web.yaml:1"))
		waits := s.until("orders", "waiting", func(d *api.DeploymentStatus) bool { return d.Phase == "Deleting" })
		if waits.Reason != "deployment/stock, which depends on it, is removed first" || waits.Settled {
			t.Errorf("orders: settled %v: %s", waits.Settled, waits.Reason)
		}
		s.expectServing("orders", 1, first.Hash)
		s.until("stock", "gone", func(d *api.DeploymentStatus) bool { return d.Phase == "Gone" })
		s.expectServing("orders", 1, first.Hash)
		s.until("orders", "gone", func(d *api.DeploymentStatus) bool { return d.Phase == "Gone" })
		if living := s.world.Living(); len(living) != 1 || !strings.HasPrefix(living[0], "web-") {
			t.Errorf("living %v", living)
		}
	})
}

func TestApplyCancelsADeletion(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 2))
		first := s.settled("orders")
		if _, err := s.c.Delete(s.t.Context(), api.DeleteRequest{Kind: spec.KindDeployment, Name: orders}); err != nil {
			t.Fatal(err)
		}
		s.later(1500 * time.Millisecond)
		s.apply(service("orders", "orders:1", 2))
		d := s.settled("orders")
		s.expectPhase(d, "Converged")
		s.expectServing("orders", 2, first.Hash)
	})
}
