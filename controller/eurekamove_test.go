package controller_test

import (
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/drivertest"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// TestMoveToAnotherEureka: who is new registers with the new object only, who is old stays with the old one until it is
// drained, and nothing of it is left there.
func TestMoveToAnotherEureka(t *testing.T) {
	for _, mode := range []spec.RegistrationMode{spec.SelfRegistered, spec.ManagedRegistration} {
		t.Run(string(mode), func(t *testing.T) {
			play(t, func(s *stage) {
				other := s.world.NewRegistry("http://other:8761/eureka")
				s.options = func(o *controller.Options) {
					o.NewRegistry = func(e spec.Eureka) (controller.Registry, error) {
						if e.Metadata.Name == "other" {
							return other, nil
						}
						return s.registry, nil
					}
				}
				s.begin()
				second := eureka("other")
				second.Eureka.Spec.Servers = []string{"http://other:8761/eureka"}
				at := func(version, registry string) spec.Manifest {
					m := registered(service("orders", "orders:"+version, 2), mode)
					return changed(m, func(d *spec.DeploymentSpec) {
						d.Eureka.Registry = registry
						d.Template.Env = map[string]string{"EUREKA": map[string]string{"main": "http://eureka:8761/eureka", "other": "http://other:8761/eureka"}[registry]}
					})
				}
				s.apply(nginx("edge"), eureka("main"), second, at("1", "main"))
				s.settled("orders")
				expectLeases(t, s.registry, 2)
				expectLeases(t, other, 0)
				s.apply(at("1", "other"))
				d := s.settled("orders")
				s.expectPhase(d, "Converged")
				s.expectServing("orders", 2, d.Hash)
				s.later(2 * time.Minute)
				expectLeases(t, s.registry, 0)
				expectLeases(t, other, 2)
				// And back, with the next version.
				s.apply(at("2", "main"))
				d = s.settled("orders")
				s.expectPhase(d, "Converged")
				s.later(2 * time.Minute)
				expectLeases(t, s.registry, 2)
				expectLeases(t, other, 0)
				if told := s.story("orders"); strings.Contains(told, "Warning") {
					t.Errorf("a move is no trouble:\n%s", told)
				}
			})
		})
	}
}

// expectLeases wants so many leases, all of them UP.
func expectLeases(t *testing.T, r *drivertest.Registry, n int) {
	t.Helper()
	leases := r.Leases()
	for id, status := range leases {
		if status != reconcile.LeaseUp {
			t.Errorf("%s is %s", id, status)
		}
	}
	if len(leases) != n {
		t.Errorf("%d leases, want %d: %v", len(leases), n, leases)
	}
}
