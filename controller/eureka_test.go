package controller_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/drivertest"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

func registered(m spec.Manifest, mode spec.RegistrationMode) spec.Manifest {
	return changed(m, func(d *spec.DeploymentSpec) { d.Eureka = &spec.Registration{Mode: mode} })
}

func TestSelfRegisteredStartsDark(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), eureka("main"), registered(service("orders", "orders:1", 2), spec.SelfRegistered))
		d := s.settled("orders")
		s.expectServing("orders", 2, d.Hash)
		for id, status := range s.registry.Leases() {
			if !strings.HasPrefix(id, "me:orders:orders-"+d.Hash) || status != reconcile.LeaseUp {
				t.Errorf("lease %s is %s", id, status)
			}
		}
		if d.Instances[0].Eureka != "UP 1/1" {
			t.Errorf("instance %+v", d.Instances[0])
		}
		launch, _ := s.world.Launch(d.Instances[0].Name)
		var settings map[string]any
		if err := json.Unmarshal([]byte(launch.Env["SPRING_APPLICATION_JSON"]), &settings); err != nil || settings["eureka.instance.ip-address"] != launch.Address.String() {
			t.Errorf("injected %v, %v", settings, err)
		}
		s.apply(registered(service("orders", "orders:2", 2), spec.SelfRegistered))
		d = s.settled("orders")
		s.expectServing("orders", 2, d.Hash)
		s.later(time.Minute)
		if leases := s.registry.Leases(); len(leases) != 2 {
			t.Errorf("leases %v", leases)
		}
	})
}

func TestManagedIsRegisteredBySegue(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), eureka("main"), registered(service("orders", "orders:1", 1), spec.ManagedRegistration))
		d := s.settled("orders")
		s.expectServing("orders", 1, d.Hash)
		if leases := s.registry.Leases(); len(leases) != 1 {
			t.Errorf("leases %v", leases)
		}
		if _, err := s.c.Delete(s.t.Context(), api.DeleteRequest{Kind: spec.KindDeployment, Name: orders}); err != nil {
			t.Fatal(err)
		}
		s.until("orders", "gone", func(d *api.DeploymentStatus) bool { return d.Phase == "Gone" })
		if leases := s.registry.Leases(); len(leases) != 0 {
			t.Errorf("leases %v", leases)
		}
	})
}

func TestLeasesWithoutContainersAreDeleted(t *testing.T) {
	play(t, func(s *stage) {
		s.registry.AddLease(reconcile.Lease{ID: "me:orders:orders-gone-7", App: "ORDERS", Status: reconcile.LeaseUp, Own: true})
		s.registry.AddLease(reconcile.Lease{ID: "me:nobody:nobody-x-1", App: "NOBODY", Status: reconcile.LeaseUp, Own: true})
		s.registry.AddLease(reconcile.Lease{ID: "other:orders:orders-x-1", App: "ORDERS", Status: reconcile.LeaseUp, Own: true})
		s.begin()
		s.apply(nginx("edge"), eureka("main"), registered(service("orders", "orders:1", 1), spec.SelfRegistered))
		d := s.settled("orders")
		if !strings.HasSuffix(d.Instances[0].Name, "-8") {
			t.Errorf("the first instance is %s though a lease names number 7", d.Instances[0].Name)
		}
		s.later(5 * time.Minute)
		leases := s.registry.Leases()
		if len(leases) != 2 || leases["other:orders:orders-x-1"] == "" {
			t.Errorf("leases %v", leases)
		}
	})
}

func TestWhatSaysDownIsWaitedForAndNoFailure(t *testing.T) {
	play(t, func(s *stage) {
		s.world.Images["orders:1"] = drivertest.Image{Boot: 2 * time.Second, SaysDown: 20 * time.Second}
		s.world.Images["orders:2"] = drivertest.Image{Boot: 2 * time.Second, SaysDown: time.Hour}
		s.begin()
		s.apply(nginx("edge"), eureka("main"), registered(service("orders", "orders:1", 1), spec.SelfRegistered))
		d := s.until("orders", "waiting for the app's own UP", func(d *api.DeploymentStatus) bool {
			return slices.ContainsFunc(d.WaitingFor, func(w api.Wait) bool { return w.Gate == "register" && strings.Contains(w.Reason, "says DOWN") })
		})
		if d.Deadline.IsZero() {
			t.Errorf("no deadline while %+v", d.WaitingFor)
		}
		first := s.settled("orders")
		s.expectPhase(first, "Converged")
		s.apply(registered(service("orders", "orders:2", 1), spec.SelfRegistered))
		d = s.settled("orders")
		s.expectPhase(d, "RolledBack")
		s.expectServing("orders", 1, first.Hash)
		if d.Rejected == nil || !strings.Contains(d.Rejected.Reason, "the app itself says DOWN at eureka") {
			t.Errorf("rejected %+v", d.Rejected)
		}
		if told := s.story("orders"); strings.Contains(told, "Warning Failed") || strings.Contains(told, "RegisterFailed") {
			t.Errorf("a wait was told as a failure:\n%s", told)
		}
	})
}

// pending is an error of a driver that waits for another.
type pending bool

func (pending) Error() string  { return "not yet" }
func (p pending) NotYet() bool { return bool(p) }

func TestNotYetOnEveryServer(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"alone":            {pending(true), true},
		"wrapped":          {fmt.Errorf("open: %w", errors.Join(nil, pending(true))), true},
		"beside a failure": {errors.Join(pending(true), errors.New("refused")), false},
		"a failure":        {errors.New("refused"), false},
		"not at all":       {pending(false), false},
	} {
		if got := controller.NotYet(c.err); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
