package controller_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/drivertest"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// fullEngine is an engine with room for so many more containers.
type fullEngine struct {
	*drivertest.World
	room atomic.Int32
}

func (e *fullEngine) Start(ctx context.Context, launch reconcile.Launch) error {
	if e.room.Add(-1) < 0 {
		return fmt.Errorf("start %s: no space left on device", launch.Instance)
	}
	return e.World.Start(ctx, launch)
}

// The start of a second instance fails, and then nobody wants a second one: the deadline of the first, which never gets
// ready, does not stand still for it.
func TestUnwantedStartHoldsNoDeadline(t *testing.T) {
	play(t, func(s *stage) {
		engine := &fullEngine{World: s.world}
		engine.room.Store(2)
		s.options = func(o *controller.Options) { o.Runtime = engine }
		s.world.Images["orders:2"] = drivertest.Image{NeverReady: true}
		s.begin()
		first := changed(service("orders", "orders:1", 2), func(d *spec.DeploymentSpec) {
			d.Strategy.RollingUpdate = &spec.RollingUpdateStrategy{MaxSurge: ptr(spec.IntOrPercent("2"))}
		})
		s.apply(nginx("edge"), first)
		s.settled("orders")
		engine.room.Store(1)
		second := changed(first, func(d *spec.DeploymentSpec) { d.Template.Image = "orders:2" })
		s.apply(second)
		s.until("orders", "a start has failed", func(d *api.DeploymentStatus) bool {
			return condition(d, api.ConditionReplicaFailure).Status == "True"
		})
		s.apply(changed(second, func(d *spec.DeploymentSpec) { d.Replicas = ptr(1) }))
		s.until("orders", "rolled back", func(d *api.DeploymentStatus) bool { return d.Phase == "RolledBack" })
	})
}
