package controller_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// taken is an object that takes over the container orders-old.
func taken(image string) spec.Manifest {
	return changed(service("orders", image, 2), func(d *spec.DeploymentSpec) {
		d.Adopt = []spec.Adopt{{Container: "orders-old"}}
	})
}

func TestUndoToWhatWasAdopted(t *testing.T) {
	play(t, func(s *stage) {
		s.addStranger("orders-old", "172.18.0.9")
		s.begin()
		s.apply(nginx("edge"), taken("orders:1"))
		first := s.settled("orders")
		if len(first.History) != 2 || first.History[0].Revision != 0 || first.History[0].Result != "adopted" || first.History[0].Image != "" {
			t.Errorf("history %+v", first.History)
		}

		s.intend(api.Intent{Verb: api.Undo, Name: orders, ToRevision: 0, HasRevision: true})
		d := s.settled("orders")
		s.expectOld()
		if d.Revision != 0 || d.Replicas != 1 || d.AvailableReplicas != 1 || d.Pinned != "undo" || d.Phase != "Converged" {
			t.Errorf("status %+v", d)
		}
		if len(d.History) != 2 || d.History[0].Revision != 0 || d.History[0].Result != "accepted" {
			t.Errorf("history %+v", d.History)
		}

		s.apply(service("orders", "orders:2", 2))
		d = s.settled("orders")
		s.expectServing("orders", 2, d.Hash)
		if d.Revision != 2 {
			t.Errorf("revision %d", d.Revision)
		}
		s.intend(api.Intent{Verb: api.Undo, Name: orders, ToRevision: 0, HasRevision: true})
		s.settled("orders")
		s.expectOld()
		s.intend(api.Intent{Verb: api.Undo, Name: orders, ToRevision: 1, HasRevision: true})
		s.settled("orders")
		s.expectServing("orders", 2, first.Hash)
	})
}

// expectOld wants the adopted container alone.
func (s *stage) expectOld() {
	s.t.Helper()
	if living, serving := s.world.Living(), s.router.Serving("orders"); len(living) != 1 || !slices.Equal(living, serving) || living[0] != "orders-old" {
		s.t.Fatalf("living %v, serving %v", living, serving)
	}
}

func TestUndoToNothingAdopted(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 1))
		s.settled("orders")
		_, err := s.c.Intend(s.t.Context(), api.Intent{Verb: api.Undo, Name: orders, ToRevision: 0, HasRevision: true})
		if err == nil || !strings.Contains(err.Error(), "no revision 0") {
			t.Errorf("undo: %v", err)
		}
	})
}

// The container starts again and a restarted segue asks it before it is sent to.
func TestUndoToAdoptedOverARestart(t *testing.T) {
	play(t, func(s *stage) {
		s.addStranger("orders-old", "172.18.0.9")
		s.begin()
		s.apply(nginx("edge"), taken("orders:1"))
		s.settled("orders")
		s.intend(api.Intent{Verb: api.Undo, Name: orders, ToRevision: 0, HasRevision: true})
		s.restart()
		d := s.settled("orders")
		s.expectOld()
		if d.Revision != 0 {
			t.Errorf("revision %d", d.Revision)
		}
	})
}
