package probe

import (
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// instance is one watched instance. Its fields are guarded by the Prober's mutex, except target's probes and address,
// which never change.
type instance struct {
	target reconcile.ProbeTarget
	health reconcile.Health
	// warm: the warm-up was asked for.
	warm bool
}

// newInstance keeps what is known of the same container and begins anew with another one.
func newInstance(target reconcile.ProbeTarget, before *instance) *instance {
	i := &instance{target: target}
	now := time.Now()
	switch {
	case before != nil && before.target.ContainerID == target.ContainerID && before.target.Address == target.Address:
		i.health, i.warm = before.health, before.warm
		i.health.Failures = 0
	case target.BornReady:
		i.health.Ready, i.health.Started, i.health.Since = reconcile.Yes, true, now
		i.health.Warm = reconcile.Wish{State: reconcile.WishDone, At: now}
	}
	if target.Startup == nil {
		i.health.Started = true
	}
	if len(target.Warmup) == 0 && i.health.Warm.State != reconcile.WishDone {
		i.health.Warm = reconcile.Wish{State: reconcile.WishDone, At: now}
	}
	i.takeImageHealth()
	return i
}

// takeImageHealth passes the verdict of the image's HEALTHCHECK through, once the startup probe has passed; the engine
// has counted its retries already. It says whether anything changed.
func (i *instance) takeImageHealth() bool {
	if !i.target.UseImageHealth || !i.health.Started || i.target.ImageHealth == reconcile.Unknown {
		return false
	}
	i.health.Last, i.health.LastAt = "the image's HEALTHCHECK → healthy", time.Now()
	if i.target.ImageHealth == reconcile.No {
		i.health.Last = "the image's HEALTHCHECK → unhealthy"
	}
	return i.setReady(i.target.ImageHealth)
}

func (i *instance) setReady(ready reconcile.Tri) bool {
	if i.health.Ready == ready {
		return false
	}
	i.health.Ready, i.health.Since = ready, time.Now()
	return true
}
