package controller_test

import (
	"testing"

	"github.com/segue-dev/segue/controller/drivertest"
	"github.com/segue-dev/segue/spec"
)

func TestRoutesAreRehearsedWhileInstancesStart(t *testing.T) {
	for name, strategy := range map[string]spec.Strategy{"rolling": {}, "blue/green": {Type: spec.BlueGreen}} {
		t.Run(name, func(t *testing.T) {
			play(t, func(s *stage) {
				as := func(image string) spec.Manifest {
					return changed(service("orders", image, 3), func(d *spec.DeploymentSpec) { d.Strategy = strategy })
				}
				s.begin()
				s.apply(nginx("edge"), as("orders:1"))
				s.settled("orders")
				before := s.router.Surprises()
				s.apply(as("orders:2"))
				d := s.settled("orders")
				s.expectServing("orders", 3, d.Hash)
				if n := s.router.Surprises() - before; n > 0 {
					t.Errorf("%d routes of the rollout were not rehearsed", n)
				}
			})
		})
	}
}

func TestRehearsalOfABadReleaseRoutesNothing(t *testing.T) {
	play(t, func(s *stage) {
		s.world.Images["orders:2"] = drivertest.Image{NeverReady: true}
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 2))
		first := s.settled("orders")
		before := s.router.Surprises()
		s.apply(service("orders", "orders:2", 2))
		s.expectPhase(s.settled("orders"), "RolledBack")
		s.expectServing("orders", 2, first.Hash)
		if n := s.router.Surprises() - before; n > 0 {
			t.Errorf("%d routes were asked for", n)
		}
	})
}
