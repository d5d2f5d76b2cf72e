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

var orders = spec.ParseName("orders")

func twoRevisions(s *stage) (first, second *api.DeploymentStatus) {
	s.begin()
	s.apply(nginx("edge"), service("orders", "orders:1", 2))
	first = s.settled("orders")
	s.apply(service("orders", "orders:2", 2))
	return first, s.settled("orders")
}

func TestUndoGoesBackAndStays(t *testing.T) {
	play(t, func(s *stage) {
		first, second := twoRevisions(s)
		s.intend(api.Intent{Verb: api.Undo, Name: orders})
		d := s.settled("orders")
		s.expectServing("orders", 2, first.Hash)
		if d.Revision != 1 || d.Pinned != "undo" {
			t.Errorf("status %+v", d)
		}
		if items := s.apply(service("orders", "orders:2", 2)); items[0].Result != "unchanged" || !strings.Contains(items[0].Note, "retry") {
			t.Errorf("applied %+v", items)
		}
		s.apply(service("orders", "orders:2", 3))
		d = s.settled("orders")
		s.expectServing("orders", 3, second.Hash)
		if d.Pinned != "" {
			t.Errorf("pinned by %s though the text changed", d.Pinned)
		}
	})
}

func TestUndoToARevisionByNumber(t *testing.T) {
	play(t, func(s *stage) {
		first, _ := twoRevisions(s)
		s.apply(service("orders", "orders:3", 2))
		s.settled("orders")
		s.intend(api.Intent{Verb: api.Undo, Name: orders, ToRevision: 1})
		s.settled("orders")
		s.expectServing("orders", 2, first.Hash)
		_, err := s.c.Intend(s.t.Context(), api.Intent{Verb: api.Undo, Name: orders, ToRevision: 9})
		if refusal := (*api.Refusal)(nil); !errors.As(err, &refusal) || refusal.Kind != api.NotFound {
			t.Errorf("undo to revision 9: %v", err)
		}
		s.intend(api.Intent{Verb: api.Retry, Name: orders})
		d := s.settled("orders")
		if d.Revision != 3 || d.Pinned != "" {
			t.Errorf("after retry: %+v", d)
		}
	})
}

func TestAbortGoesBackUntilRetried(t *testing.T) {
	play(t, func(s *stage) {
		s.world.Images["orders:2"] = drivertest.Image{Boot: 30 * time.Second}
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 2))
		first := s.settled("orders")
		s.apply(service("orders", "orders:2", 2))
		s.later(5 * time.Second)
		s.intend(api.Intent{Verb: api.Abort, Name: orders})
		d := s.settled("orders")
		s.expectPhase(d, "RolledBack")
		s.expectServing("orders", 2, first.Hash)
		if d.Pinned != "abort" || d.History[1].Result != "aborted" {
			t.Errorf("status %+v", d)
		}
		s.intend(api.Intent{Verb: api.Retry, Name: orders})
		d = s.settled("orders")
		s.expectPhase(d, "Converged")
		if d.Revision != 2 {
			t.Errorf("revision %d", d.Revision)
		}
	})
}

func TestPauseHoldsARollout(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 2))
		first := s.settled("orders")
		s.intend(api.Intent{Verb: api.Pause, Name: orders})
		s.apply(service("orders", "orders:2", 2))
		d := s.until("orders", "paused", func(d *api.DeploymentStatus) bool { return d.Phase == "Paused" })
		s.later(20 * time.Minute)
		s.expectServing("orders", 2, first.Hash)
		if !d.Paused {
			t.Errorf("status %+v", d)
		}
		s.intend(api.Intent{Verb: api.Resume, Name: orders})
		d = s.settled("orders")
		s.expectServing("orders", 2, d.Hash)
		if d.Revision != 2 {
			t.Errorf("revision %d", d.Revision)
		}
	})
}

func TestBlueGreenWaitsForPromotion(t *testing.T) {
	play(t, func(s *stage) {
		blueGreen := func(image string) spec.Manifest {
			return changed(service("orders", image, 2), func(d *spec.DeploymentSpec) {
				d.Strategy = spec.Strategy{Type: spec.BlueGreen, BlueGreen: &spec.BlueGreenStrategy{AutoPromote: ptr(false), ScaleDownDelaySeconds: ptr(5)}}
			})
		}
		s.begin()
		s.apply(nginx("edge"), blueGreen("orders:1"))
		first := s.settled("orders")
		s.apply(blueGreen("orders:2"))
		d := s.until("orders", "waiting for promotion", func(d *api.DeploymentStatus) bool { return d.Phase == "WaitingForPromotion" })
		if c := condition(d, api.ConditionPromoted); c.Status != "False" {
			t.Errorf("condition %+v", c)
		}
		if serving := s.router.Serving("orders"); !strings.Contains(serving[0], first.Hash) {
			t.Errorf("serving %v before the promotion", serving)
		}
		s.intend(api.Intent{Verb: api.Promote, Name: orders})
		d = s.settled("orders")
		s.expectServing("orders", 2, d.Hash)
		if d.Revision != 2 {
			t.Errorf("revision %d", d.Revision)
		}
	})
}

func TestScaleAndSetImageBelongToTheOwner(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 2))
		s.settled("orders")
		s.intend(api.Intent{Verb: api.Scale, Name: orders, Replicas: 4})
		d := s.settled("orders")
		s.expectServing("orders", 4, d.Hash)
		s.intend(api.Intent{Verb: api.SetImage, Name: orders, Image: "orders:7"})
		d = s.settled("orders")
		if d.Image != "orders:7" || d.Revision != 2 {
			t.Errorf("status %+v", d)
		}
		items := s.apply(service("orders", "orders:1", 2))
		if items[0].Result != "configured" || items[0].Note != "undoes scale to 4, set image orders:7" {
			t.Errorf("applied %+v", items)
		}
		d = s.settled("orders")
		s.expectServing("orders", 2, d.Hash)
		if d.Revision != 1 {
			t.Errorf("the first text again is revision %d", d.Revision)
		}
	})
}

func TestReplicasThatNobodyNamesStay(t *testing.T) {
	play(t, func(s *stage) {
		silent := changed(service("orders", "orders:1", 2), func(d *spec.DeploymentSpec) { d.Replicas = nil })
		s.begin()
		s.apply(nginx("edge"), silent)
		d := s.settled("orders")
		s.expectServing("orders", 1, d.Hash)
		s.intend(api.Intent{Verb: api.Scale, Name: orders, Replicas: 3})
		d = s.settled("orders")
		s.expectServing("orders", 3, d.Hash)
		s.apply(changed(silent, func(d *spec.DeploymentSpec) { d.Template.Image = "orders:2" }))
		d = s.settled("orders")
		s.expectServing("orders", 3, d.Hash)
	})
}

func TestOnlyTheNamedAreStepped(t *testing.T) {
	play(t, func(s *stage) {
		s.options = func(o *controller.Options) { o.Only = func(name spec.Name) bool { return name == orders } }
		s.begin()
		managed := changed(service("stock", "stock:1", 1), func(d *spec.DeploymentSpec) { d.Eureka = &spec.Registration{Mode: spec.ManagedRegistration} })
		if _, err := s.c.Apply(s.t.Context(), api.ApplyRequest{Manifests: []spec.Manifest{nginx("edge"), eureka("main"), managed}}); err == nil || !strings.Contains(err.Error(), "segue run") {
			t.Errorf("managed without a daemon: %v", err)
		}
		s.apply(nginx("edge"), service("orders", "orders:1", 1), service("stock", "stock:1", 1))
		d := s.settled("orders")
		s.expectServing("orders", 1, d.Hash)
		s.later(5 * time.Minute)
		if s.world.Starts() != 1 {
			t.Errorf("%d starts", s.world.Starts())
		}
		if d := s.status("stock"); d == nil || len(d.NextSteps) == 0 || d.Settled {
			t.Errorf("stock %+v", d)
		}
	})
}

func TestReadOnlyChangesNothing(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 2))
		s.settled("orders")
		s.stop()
		s.world.Restarted()
		s.world.Kill(s.world.Living()[0])
		s.options = func(o *controller.Options) { o.ReadOnly = true }
		s.begin()
		if err := s.c.Ready(s.t.Context()); err != nil {
			t.Fatal(err)
		}
		s.later(5 * time.Minute)
		if d := s.status("orders"); d.ReadyReplicas != 1 || s.world.Starts() != 2 {
			t.Errorf("%d starts, status %+v", s.world.Starts(), d)
		}
		if _, err := s.c.Apply(s.t.Context(), api.ApplyRequest{Manifests: []spec.Manifest{service("orders", "orders:2", 2)}}); err == nil {
			t.Error("a reader applied")
		}
	})
}

func TestFlagModeKnowsTheNextAddresses(t *testing.T) {
	play(t, func(s *stage) {
		flagged := func(image string) spec.Manifest {
			return changed(service("orders", image, 2), func(d *spec.DeploymentSpec) {
				d.Strategy = spec.Strategy{Type: spec.BlueGreen, BlueGreen: &spec.BlueGreenStrategy{ScaleDownDelaySeconds: ptr(5)}}
				d.Routes = map[string]spec.Route{"http": {Variable: "service_url"}}
			})
		}
		s.begin()
		s.apply(nginx("edge"), flagged("orders:1"))
		s.settled("orders")
		known := map[string]bool{}
		for _, b := range append(s.router.Wish("orders").Routes[0].Backends, s.router.Wish("orders").Routes[0].Standby...) {
			known[b.Address.String()] = true
		}
		if len(known) != 4 {
			t.Errorf("known addresses %v", known)
		}
		for _, image := range []string{"orders:2", "orders:3", "orders:4"} {
			s.apply(flagged(image))
			d := s.settled("orders")
			s.expectServing("orders", 2, d.Hash)
			for _, b := range s.router.Wish("orders").Routes[0].Backends {
				if !known[b.Address.String()] {
					t.Errorf("%s serves at %s, which no earlier wish named", b.Instance, b.Address)
				}
			}
		}
	})
}
