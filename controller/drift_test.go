package controller_test

import (
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// setLease is what somebody does with curl.
func (s *stage) setLease(instance string, status reconcile.LeaseStatus) {
	for id, lease := range s.registry.Clone() {
		if strings.Contains(id, instance) {
			one := *lease
			one.Status = status
			s.registry.AddLease(one)
		}
	}
}

func TestDriftIsReportedAndHealed(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), eureka("main"), registered(service("orders", "orders:1", 2), spec.SelfRegistered))
		d := s.settled("orders")
		first, second := d.Instances[0].Name, d.Instances[1].Name
		for _, test := range []struct {
			change func()
			diff   string
		}{
			{func() { s.world.Kill(first) }, "container " + first + ": -running +exited (137, SIGKILL)"},
			{func() { s.world.Discard(second) }, "container " + second + ": -running +removed"},
		} {
			test.change()
			drifted := s.until("orders", "drifted", func(d *api.DeploymentStatus) bool { return condition(d, api.ConditionDrift).Status == "True" })
			if c := condition(drifted, api.ConditionDrift); c.Message != test.diff || c.Reason != "Healing" {
				t.Errorf("drift is %+v, want %s", c, test.diff)
			}
			d = s.until("orders", "healed", func(d *api.DeploymentStatus) bool { return d.Settled && condition(d, api.ConditionDrift).Status == "" })
			s.expectServing("orders", 2, d.Hash)
		}
		ready := d.Instances[len(d.Instances)-1].Name
		s.setLease(ready, reconcile.LeaseOutOfService)
		s.until("orders", "drifted", func(d *api.DeploymentStatus) bool {
			return strings.Contains(condition(d, api.ConditionDrift).Message, "lease "+ready+" at http://eureka:8761/eureka: -UP +OUT_OF_SERVICE")
		})
		s.until("orders", "healed", func(d *api.DeploymentStatus) bool { return d.Settled && condition(d, api.ConditionDrift).Status == "" })
		if status := s.registry.Leases(); len(status) != 2 {
			t.Errorf("leases %v", status)
		}
		if story := s.story("orders"); strings.Count(story, "Warning Drift") != 3 || strings.Count(story, "DriftHealed") != 3 {
			t.Errorf("events\n%s", story)
		}
	})
}

// TestDriftIsOnlyReported: by its source, or by its own annotation; a change of its text ends that.
func TestDriftIsOnlyReported(t *testing.T) {
	play(t, func(s *stage) {
		repo := s.followRepository(controller.Policy{ReportDrift: true})
		files := shopFiles("orders:1", "stock:1")
		files[2].Deployment.Metadata.Annotations = map[string]string{spec.DriftPolicy: "heal"}
		repo.readings <- commit("a", "first", files...)
		order, stock := s.settled("orders").Instances[0].Name, s.settled("stock").Instances[0].Name
		s.world.Kill(order)
		s.world.Discard(stock)
		s.later(5 * time.Minute)
		if living := s.world.Living(); len(living) != 1 || !strings.HasPrefix(living[0], "stock-") {
			t.Errorf("living %v", living)
		}
		if got := s.objectStates(); got != "orders Drifted, stock Applied, edge Applied" {
			t.Errorf("objects: %s", got)
		}
		s.expectSource("False Progressing first", "deployment/orders: Drifted (container "+order+": -running +exited (137, SIGKILL))")
		if c := condition(s.status("orders"), api.ConditionDrift); c.Reason != "Reported" {
			t.Errorf("condition %+v", c)
		}
		// The next process leaves it as it is, too.
		s.restart()
		s.later(5 * time.Minute)
		if living := s.world.Living(); len(living) != 1 || condition(s.status("orders"), api.ConditionDrift).Reason != "Reported" {
			t.Errorf("after a restart: living %v, %+v", living, condition(s.status("orders"), api.ConditionDrift))
		}
		files = shopFiles("orders:2", "stock:1")
		files[2].Deployment.Metadata.Annotations = map[string]string{spec.DriftPolicy: "heal"}
		repo.readings <- commit("b", "second", files...)
		d := s.until("orders", "updated", func(d *api.DeploymentStatus) bool { return d.Settled && d.Image == "orders:2" })
		s.expectServing("orders", 1, d.Hash)
	})
}

// TestDriftOfOneObjectIsOnlyReported: its own annotation says so, whatever holds for the others of its source.
func TestDriftOfOneObjectIsOnlyReported(t *testing.T) {
	play(t, func(s *stage) {
		repo := s.followRepository(controller.Policy{})
		files := shopFiles("orders:1", "stock:1")
		files[0].Nginx.Metadata.Annotations = map[string]string{spec.DriftPolicy: "report"}
		files[2].Deployment.Metadata.Annotations = map[string]string{spec.DriftPolicy: "report"}
		repo.readings <- commit("a", "first", files...)
		order, stock := s.settled("orders").Instances[0].Name, s.settled("stock").Instances[0].Name
		s.world.Kill(order)
		s.world.Discard(stock)
		s.later(5 * time.Minute)
		if living := s.world.Living(); len(living) != 1 || !strings.HasPrefix(living[0], "orders-") {
			t.Errorf("living %v", living)
		}
		if c := condition(s.status("stock"), api.ConditionDrift); c.Reason != "Reported" || c.Message != "container "+stock+": -running +removed" {
			t.Errorf("condition %+v", c)
		}
		for kind, name := range map[string]string{spec.KindNginx: "edge", spec.KindDeployment: "stock"} {
			if !s.c.ReportsDrift(kind, spec.ParseName(name)) {
				t.Errorf("%s is put right", name)
			}
		}
		if s.c.ReportsDrift(spec.KindDeployment, orders) {
			t.Error("orders is only reported")
		}
	})
}

// TestCrashesAndRolloutsAreNoDrift: what ends by its own fault or by segue's hand was changed by nobody.
func TestCrashesAndRolloutsAreNoDrift(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 2))
		s.settled("orders")
		s.apply(service("orders", "orders:2", 2))
		s.settled("orders")
		s.intend(api.Intent{Verb: api.Restart, Name: orders})
		s.settled("orders")
		s.intend(api.Intent{Verb: api.Scale, Name: orders, Replicas: 1})
		s.settled("orders")
		s.intend(api.Intent{Verb: api.Undo, Name: orders})
		s.settled("orders")
		if story := s.story("orders"); strings.Contains(story, "Drift") {
			t.Errorf("events\n%s", story)
		}
	})
}

// TestDriftWhileNobodyLookedIsTold: what was changed while segue did not run, and only that.
func TestDriftWhileNobodyLookedIsTold(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), eureka("main"), registered(service("orders", "orders:1", 3), spec.SelfRegistered))
		d := s.settled("orders")
		first, second, third := d.Instances[0].Name, d.Instances[1].Name, d.Instances[2].Name
		s.stop()
		s.world.Restarted()
		s.world.Kill(first)
		s.world.Discard(second)
		s.setLease(third, reconcile.LeaseOutOfService)
		s.later(time.Minute)
		s.begin()
		s.until("orders", "healed", func(d *api.DeploymentStatus) bool {
			return d.Settled && condition(d, api.ConditionDrift).Status == "" && len(s.world.Living()) == 3
		})
		story := s.story("orders")
		for _, want := range []string{
			"container " + first + ": -running +exited (137, SIGKILL); it is put right, as it was found after segue had not run",
			"container " + second + ": -running +removed; it is put right, as it was found after segue had not run",
			"lease " + third + " at http://eureka:8761/eureka: -UP +OUT_OF_SERVICE",
		} {
			if strings.Count(story, want) != 1 {
				t.Errorf("not told once: %s\n%s", want, story)
			}
		}
		// What was told is not told again, and what a restart of the engine ends was changed by nobody.
		s.restart()
		s.settled("orders")
		s.stop()
		s.world.Restarted()
		s.world.RestartEngine()
		s.begin()
		s.until("orders", "healed", func(d *api.DeploymentStatus) bool { return d.Settled && len(s.world.Living()) == 3 })
		if after := s.story("orders"); strings.Count(after, "Warning Drift") != 3 {
			t.Errorf("events\n%s", after)
		}
	})
}

// TestSegueKilledWhileItChangesIsNoDrift: whenever it dies, the next one takes nothing of its work for a person's.
func TestSegueKilledWhileItChangesIsNoDrift(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 2))
		s.settled("orders")
		for version, change := range map[string]func(){
			"orders:2": func() { s.apply(service("orders", "orders:2", 2)) },
			"orders:3": func() { s.apply(service("orders", "orders:3", 1)) },
			"crash":    func() { s.world.Crash(s.world.Living()[0]) },
		} {
			change()
			for range 12 {
				s.later(1500 * time.Millisecond)
				s.restart()
			}
			s.settled("orders")
			if story := s.story("orders"); strings.Contains(story, "Drift") {
				t.Fatalf("%s: events\n%s", version, story)
			}
		}
		// An object of the same name later on has no past.
		if _, err := s.c.Delete(t.Context(), api.DeleteRequest{Kind: spec.KindDeployment, Name: orders, By: "alice"}); err != nil {
			t.Fatal(err)
		}
		for s.status("orders") != nil {
			s.later(time.Second)
		}
		s.apply(service("orders", "orders:1", 2))
		s.restart()
		s.settled("orders")
		if story := s.story("orders"); strings.Contains(story, "Drift") {
			t.Errorf("events\n%s", story)
		}
	})
}
