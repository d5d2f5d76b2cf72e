package controller_test

import (
	"testing"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// TestEventsOfANamespace: what is in no namespace is listed beside those of any, and nothing of another namespace is.
func TestEventsOfANamespace(t *testing.T) {
	play(t, func(s *stage) {
		repo := s.followRepository(controller.Policy{})
		other := changed(from(service("stock", "stock:1", 1), "stock.yaml:1"), func(d *spec.DeploymentSpec) { d.Routes = nil })
		other.Deployment.Metadata.Namespace = "local"
		repo.readings <- commit("a", "first", from(nginx("edge"), "edge.yaml:1"), from(service("orders", "orders:1", 1), "orders.yaml:1"), other)
		s.settled("orders")
		for namespace, want := range map[string]map[string]bool{
			spec.DefaultNamespace: {"orders": true, "git:shop": true},
			"local":               {"stock": true, "git:shop": true},
			"":                    {"orders": true, "stock": true, "git:shop": true},
		} {
			got := map[string]bool{}
			if err := s.c.Events(t.Context(), api.EventQuery{Namespace: namespace}, func(e api.Event) error {
				got[e.Name.Name] = true
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"orders", "stock", "git:shop"} {
				if got[name] != want[name] {
					t.Errorf("in namespace %q: events of %s: %v", namespace, name, got[name])
				}
			}
		}
	})
}
