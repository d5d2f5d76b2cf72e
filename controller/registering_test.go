package controller_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

func reachedByHost(name string) spec.Manifest {
	m := eureka(name)
	m.Eureka.Spec.Reach = spec.ReachHost
	return m
}

func advertising(s *stage) {
	s.options = func(o *controller.Options) { o.Advertise = netip.MustParseAddr("192.0.2.10") }
}

// expectRegistered wants every instance of orders at a port of the machine that it publishes and no other has.
func expectRegistered(s *stage, mode spec.RegistrationMode, ports ...int) {
	s.t.Helper()
	seen := map[int]bool{}
	for id, lease := range s.registry.Clone() {
		name := id[len("me:orders:"):]
		launch, ok := s.world.Launch(name)
		if !ok {
			continue
		}
		published := launch.Ports[0]
		if lease.HostName != "192.0.2.10" || lease.Port != published.HostPort || published.HostIP != "192.0.2.10" || seen[lease.Port] {
			s.t.Errorf("%s is registered at %s:%d and publishes %+v", name, lease.HostName, lease.Port, published)
		}
		seen[lease.Port] = true
		var settings map[string]any
		if mode == spec.SelfRegistered {
			if err := json.Unmarshal([]byte(launch.Env["SPRING_APPLICATION_JSON"]), &settings); err != nil {
				s.t.Fatal(err)
			}
			told := fmt.Sprint(settings["eureka.instance.hostname"], settings["eureka.instance.ip-address"], settings["eureka.instance.non-secure-port"])
			if want := fmt.Sprint("192.0.2.10", "192.0.2.10", lease.Port); told != want {
				s.t.Errorf("%s is told %s, want %s", name, told, want)
			}
		}
	}
	for _, port := range ports {
		if !seen[port] {
			s.t.Errorf("nobody is registered at port %d but %v", port, seen)
		}
	}
}

func TestReachedByHostInstancesAreRegisteredAtPortsOfTheMachine(t *testing.T) {
	for _, mode := range []spec.RegistrationMode{spec.SelfRegistered, spec.ManagedRegistration} {
		t.Run(string(mode), func(t *testing.T) {
			play(t, func(s *stage) {
				advertising(s)
				s.world.Strangers = map[int]bool{30001: true}
				s.begin()
				s.apply(nginx("edge"), reachedByHost("main"), registered(service("orders", "orders:1", 2), mode))
				first := s.settled("orders")
				s.expectServing("orders", 2, first.Hash)
				expectRegistered(s, mode, 30000)
				if s.registry.Clone()["me:orders:"+first.Instances[0].Name].Port == 30001 {
					t.Error("a stranger's port was registered")
				}
				s.apply(registered(service("orders", "orders:2", 2), mode))
				d := s.settled("orders")
				s.expectPhase(d, "Converged")
				s.expectServing("orders", 2, d.Hash)
				expectRegistered(s, mode)
				s.restart()
				s.expectPhase(s.settled("orders"), "Converged")
				expectRegistered(s, mode)
			})
		})
	}
}

func TestReachedByHostInstancesStayWhereTheyAreUntilTheyAreReplaced(t *testing.T) {
	play(t, func(s *stage) {
		advertising(s)
		s.begin()
		s.apply(nginx("edge"), eureka("main"), registered(service("orders", "orders:1", 1), spec.SelfRegistered))
		s.settled("orders")
		starts := s.world.Starts()
		s.apply(reachedByHost("main"))
		s.later(2 * time.Minute)
		if d := s.settled("orders"); d.Phase != "Converged" || s.world.Starts() != starts {
			t.Errorf("%s: %s, %d starts", d.Phase, d.Reason, s.world.Starts()-starts)
		}
		s.intend(api.Intent{Verb: api.Restart, Name: orders})
		s.until("orders", "replaced", func(d *api.DeploymentStatus) bool { return d.Settled && s.world.Starts() > starts })
		expectRegistered(s, spec.SelfRegistered, 30000)
	})
}

func TestReachedByHostNeedsAnAddress(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), reachedByHost("main"), registered(service("orders", "orders:1", 1), spec.SelfRegistered))
		s.later(time.Minute)
		if told := s.story("orders"); s.world.Starts() > 0 || !strings.Contains(told, "start segue with --advertise-address") {
			t.Errorf("%d starts; told\n%s", s.world.Starts(), told)
		}
		if d := s.status("orders"); d.Phase == "Failed" {
			t.Errorf("that is not the revision's fault: %s", d.Reason)
		}
	})
}
