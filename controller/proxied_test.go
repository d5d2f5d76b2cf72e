package controller_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// proxied is a Deployment that nobody but consumers of Eureka calls, by nginx.
func proxied(name, image string, replicas int) spec.Manifest {
	return changed(service(name, image, replicas), func(d *spec.DeploymentSpec) {
		d.Routes, d.Eureka = nil, &spec.Registration{Mode: spec.ProxiedRegistration}
	})
}

// fronts are the statuses of the registered nginx servers, by server.
func (s *stage) fronts() map[string]reconcile.LeaseStatus {
	found := map[string]reconcile.LeaseStatus{}
	for id, status := range s.registry.Leases() {
		if _, front, isFront := strings.Cut(id, ":"+reconcile.FrontPrefix); isFront {
			found[strings.Split(front, ":")[1]] = status
		}
	}
	return found
}

func (s *stage) expectFronts(servers ...string) {
	s.t.Helper()
	found := s.fronts()
	for _, server := range servers {
		if found[server] != reconcile.LeaseUp {
			s.t.Fatalf("%s is not found: %v", server, found)
		}
	}
	if len(found) != len(servers) {
		s.t.Fatalf("registered are %v; want %v", found, servers)
	}
}

func TestProxiedRolloutLeavesEurekaAlone(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), eureka("main"), proxied("orders", "orders:1", 2))
		s.expectPhase(s.settled("orders"), "Converged")
		s.expectFronts("web-1", "web-2")
		if len(s.registry.Leases()) != 2 {
			t.Fatalf("instances are registered too: %v", s.registry.Leases())
		}
		began := time.Now()
		s.apply(proxied("orders", "orders:2", 2))
		d := s.settled("orders")
		s.expectPhase(d, "Converged")
		s.expectServing("orders", 2, d.Hash)
		s.expectFronts("web-1", "web-2")
		if took := time.Since(began); took > 40*time.Second {
			t.Errorf("it took %s", took)
		}
		if len(d.Fronts) != 2 || d.Fronts[0].Address != "10.83.128.2:21002" || d.Fronts[0].Eureka != "UP 1/1" || d.Instances[0].Eureka != "nginx UP 2/2" {
			t.Errorf("status: %+v, %+v", d.Fronts, d.Instances[0])
		}
	})
}

func TestProxiedServerThatIsDownLeavesEureka(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), eureka("main"), proxied("orders", "orders:1", 1))
		s.settled("orders")
		s.router.SetState("web-1", reconcile.ServerDown)
		s.later(3 * time.Second)
		s.expectFronts("web-2")
		s.router.SetState("web-2", reconcile.ServerDown)
		s.later(3 * time.Minute)
		s.expectFronts("web-2")
		s.router.SetState("web-1", reconcile.ServerUp)
		s.later(time.Minute)
		s.expectFronts("web-1")
		s.router.SetState("web-2", reconcile.ServerUp)
		s.later(time.Minute)
		s.expectFronts("web-1", "web-2")
	})
}

func TestProxiedIsMovedToAndFro(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), eureka("main"), registered(service("orders", "orders:1", 2), spec.SelfRegistered))
		s.expectPhase(s.settled("orders"), "Converged")
		for _, mode := range []spec.RegistrationMode{spec.ProxiedRegistration, spec.ManagedRegistration, spec.ProxiedRegistration, spec.SelfRegistered} {
			s.apply(changed(registered(service("orders", "orders:1", 2), spec.SelfRegistered), func(d *spec.DeploymentSpec) { d.Eureka = &spec.Registration{Mode: mode} }))
			d := s.settled("orders")
			s.expectPhase(d, "Converged")
			s.expectServing("orders", 2, d.Hash)
			if mode == spec.ProxiedRegistration {
				s.expectFronts("web-1", "web-2")
			} else {
				s.expectFronts()
			}
		}
	})
}

func TestProxiedSurvivesARestartOfSegue(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), eureka("main"), proxied("orders", "orders:1", 2))
		s.settled("orders")
		for after := range 12 {
			s.apply(proxied("orders", "orders:"+string(rune('a'+after)), 2))
			s.later(time.Duration(after) * 1500 * time.Millisecond)
			s.restart()
			d := s.settled("orders")
			s.expectPhase(d, "Converged")
			s.expectServing("orders", 2, d.Hash)
			s.expectFronts("web-1", "web-2")
		}
	})
}

func TestProxiedIsDeletedWhenNobodyRemembersIt(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), eureka("main"), proxied("orders", "orders:1", 1))
		s.settled("orders")
		if _, err := s.c.Delete(s.t.Context(), api.DeleteRequest{Kind: spec.KindDeployment, Name: spec.ParseName("orders")}); err != nil {
			t.Fatal(err)
		}
		s.later(8 * time.Second)
		if len(s.router.Serving("orders")) != 1 {
			t.Fatal("nobody is behind the listener while consumers remember it")
		}
		s.later(time.Minute)
		s.expectFronts()
		if s.status("orders") != nil || len(s.world.Living()) > 0 {
			t.Fatalf("left: %v, %+v", s.world.Living(), s.status("orders"))
		}
	})
}

func TestChangedRouteReachesNginx(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 2))
		before := s.settled("orders")
		s.apply(changed(service("orders", "orders:1", 2), func(d *spec.DeploymentSpec) {
			d.Routes = map[string]spec.Route{"http": {Hostnames: []string{"new.shop"}, TimeoutSeconds: ptr(5)}}
		}))
		after := s.settled("orders")
		s.expectPhase(after, "Converged")
		if after.Hash != before.Hash {
			t.Errorf("it is another revision: %s, %s", before.Hash, after.Hash)
		}
		if route := s.router.Wish("orders").Routes[0].Route; route.Hostnames[0] != "new.shop" || *route.TimeoutSeconds != 5 {
			t.Errorf("nginx has %+v", route)
		}
	})
}

func TestProxiedServerWithAnotherAddressIsAnotherRegistration(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), eureka("main"), proxied("orders", "orders:1", 1))
		s.settled("orders")
		s.router.SetHost("web-1", "10.83.128.9")
		s.later(time.Minute)
		d := s.settled("orders")
		s.expectPhase(d, "Converged")
		s.expectFronts("web-1", "web-2")
		var addresses []string
		for _, f := range d.Fronts {
			addresses = append(addresses, f.Address)
		}
		if slices.Sort(addresses); !slices.Equal(addresses, []string{"10.83.128.3:21002", "10.83.128.9:21002"}) {
			t.Errorf("registered at %v", addresses)
		}
	})
}

func TestProxiedServerThatNobodyCanCallIsTold(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.router.SetHost("web-1", "")
		s.apply(nginx("edge"), eureka("main"), proxied("orders", "orders:1", 1))
		d := s.until("orders", "told", func(d *api.DeploymentStatus) bool {
			return slices.ContainsFunc(d.WaitingFor, func(w api.Wait) bool { return w.Gate == "front" && strings.Contains(w.Reason, "--advertise-address") })
		})
		if d.Phase != "Progressing" {
			t.Errorf("phase %s", d.Phase)
		}
	})
}

func TestProxiedUnderAnotherNameIsMoved(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), eureka("main"), proxied("orders", "orders:1", 2))
		s.settled("orders")
		s.apply(changed(proxied("orders", "orders:1", 2), func(d *spec.DeploymentSpec) {
			d.Eureka = &spec.Registration{Mode: spec.ProxiedRegistration, App: "SHOP", TimeoutSeconds: ptr(5)}
		}))
		s.expectPhase(s.settled("orders"), "Converged")
		s.expectFronts("web-1", "web-2")
		for id := range s.registry.Leases() {
			if !strings.Contains(id, ":SHOP:") {
				t.Errorf("left: %s", id)
			}
		}
	})
}
