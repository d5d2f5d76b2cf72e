package controller_test

import (
	"testing"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/drivertest"
	"github.com/segue-dev/segue/spec"
)

// TestAnEditInTheDelayGoesBackToWhatServes: revision 2 serves everywhere and revision 1 is kept warm when a bad
// revision 3 is applied.
func TestAnEditInTheDelayGoesBackToWhatServes(t *testing.T) {
	play(t, func(s *stage) {
		s.world.Images["orders:3"] = drivertest.Image{NeverReady: true}
		s.begin()
		release := func(image string) spec.Manifest {
			return changed(service("orders", image, 2), func(d *spec.DeploymentSpec) {
				d.Strategy = spec.Strategy{Type: spec.BlueGreen, BlueGreen: &spec.BlueGreenStrategy{ScaleDownDelaySeconds: ptr(300)}}
			})
		}
		s.apply(nginx("edge"), release("orders:1"))
		s.settled("orders")
		s.apply(release("orders:2"))
		second := s.until("orders", "in its delay", func(d *api.DeploymentStatus) bool {
			return len(d.WaitingFor) > 0 && d.WaitingFor[0].Gate == "delay"
		})
		s.later(10 * time.Second)
		s.apply(release("orders:3"))
		d := s.settled("orders")
		s.expectPhase(d, "RolledBack")
		s.expectServing("orders", 2, second.Hash)
		results := map[int]string{}
		for _, h := range d.History {
			results[h.Revision] = h.Result
		}
		if d.TargetRevision != 2 || results[1] != "accepted" || results[2] != "accepted" || results[3] != "rejected" {
			t.Errorf("went to revision %d; history %v", d.TargetRevision, results)
		}
		if s.world.Starts() != 6 {
			t.Errorf("%d containers were started; revision 2 ran and had only to stay", s.world.Starts())
		}
	})
}
