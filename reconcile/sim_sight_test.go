package reconcile

import "github.com/segue-dev/segue/spec"

// sight is what one decision saw, counted anew and without the planner's own words.
type sight struct {
	d        *worldDeployment
	o        Observed
	decision Decision
	spec     spec.DeploymentSpec
	// replicas is how many are to serve, most how many of any revision are whole.
	replicas, most int
}

// adopted are what ran before segue came: containers, and processes at an address.
func (w *world) adopted(d *worldDeployment) (containers, all int) {
	for _, c := range w.containers {
		if c.adopted && c.Deployment == d.desired.Name {
			all++
			containers += count(!c.addressOnly)
		}
	}
	return containers, all
}

// ready: an instance that may be sent to, by what was observed: running, not on its way out, its probes passed.
func (v sight) ready(i Instance) bool {
	if i.State != ContainerRunning || i.Leaving() || i.Health.Alive == No {
		return false
	}
	return i.Adopted && i.Health.Ready != No || i.Health.Ready == Yes || i.Health.Ready != No && v.routed(i)
}

func (v sight) routed(i Instance) bool {
	for _, fact := range i.Nginx {
		if fact.Routed == Yes && fact.State != ServerDown {
			return true
		}
	}
	return false
}

func (v sight) instance(name string) (Instance, bool) {
	for _, i := range v.o.Instances {
		if i.Name == name {
			return i, true
		}
	}
	return Instance{}, false
}

// budgets are counted here from the written words once more.
func (v sight) limits() (maxLive, floor int) {
	r := v.most
	switch v.spec.Strategy.Type {
	case spec.BlueGreen:
		return 2 * r, v.replicas
	case spec.Recreate:
		return r, 0
	}
	surge, unavailable := 1, 0
	if b := v.spec.Strategy.RollingUpdate; b != nil {
		surge, _ = b.MaxSurge.Of(r, true)
		unavailable, _ = b.MaxUnavailable.Of(r, false)
	}
	unavailable = min(unavailable, max(r-1, 0))
	if surge+unavailable == 0 {
		surge = 1
	}
	return r + surge, max(v.replicas-unavailable, min(v.replicas, 1))
}
