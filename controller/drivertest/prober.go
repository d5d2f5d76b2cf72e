package drivertest

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// Prober knows how the world's containers feel, and remembers as the real one does.
type Prober struct {
	world   *World
	changed func(string)
	watched map[string]reconcile.ProbeTarget
	// homes are the Deployments of who is watched, members the other way round.
	homes   map[string]string
	members map[string][]string
	memory  map[string]reconcile.Health
}

// Run tells of changes until ctx ends.
func (p *Prober) Run(ctx context.Context, changed func(instance string)) error {
	p.world.Lock()
	p.changed = changed
	p.world.Unlock()
	<-ctx.Done()
	return ctx.Err()
}

// Watch forgets who of the Deployment is not named.
func (p *Prober) Watch(deployment string, targets []reconcile.ProbeTarget) {
	p.world.Lock()
	defer p.world.Unlock()
	named := map[string]bool{}
	for _, t := range targets {
		named[t.Instance] = true
		old, known := p.watched[t.Instance]
		p.watched[t.Instance], p.homes[t.Instance] = t, deployment
		if known && old.ContainerID == t.ContainerID {
			continue
		}
		health := reconcile.Health{Started: true}
		if t.BornReady {
			health.Ready, health.Since = reconcile.Yes, time.Now()
		}
		if t.BornReady || len(t.Warmup) == 0 {
			health.Warm = reconcile.Wish{State: reconcile.WishDone, At: time.Now()}
		}
		p.memory[t.Instance] = health
	}
	for _, name := range p.members[deployment] {
		if !named[name] && p.homes[name] == deployment {
			delete(p.watched, name)
			delete(p.memory, name)
			delete(p.homes, name)
		}
	}
	p.members[deployment] = slices.Collect(maps.Keys(named))
}

// reset forgets everything, as a restarted controller does.
func (p *Prober) reset() {
	p.watched, p.memory = map[string]reconcile.ProbeTarget{}, map[string]reconcile.Health{}
	p.homes, p.members = map[string]string{}, map[string][]string{}
}

// Health asks the container now.
func (p *Prober) Health(instance string) reconcile.Health {
	p.world.Lock()
	defer p.world.Unlock()
	health, watched := p.memory[instance]
	if !watched {
		return reconcile.Health{}
	}
	c := p.world.containers[instance]
	if c == nil && p.watched[instance].ContainerID == "" {
		// An adopted address answers.
		return health
	}
	ready, words := reconcile.No, "GET /health → 503"
	switch {
	case p.world.answers(c):
		ready, words = reconcile.Yes, "GET /health → 200"
	case health.Ready == reconcile.Unknown && c != nil && !c.image.NeverReady && !c.sick:
		ready, words = reconcile.Unknown, "GET /health → connection refused"
	}
	health.Last, health.LastAt = words, time.Now()
	if ready != health.Ready {
		health.Ready, health.Since = ready, time.Now()
	}
	p.memory[instance] = health
	return health
}

// Warm succeeds after a second.
func (p *Prober) Warm(instance string) {
	p.world.Lock()
	health, watched := p.memory[instance]
	if watched && health.Warm.State != reconcile.WishDone {
		health.Warm = reconcile.Wish{State: reconcile.WishPending, At: time.Now()}
		p.memory[instance] = health
	}
	p.world.Unlock()
	p.world.after(time.Second, func() {
		p.world.Lock()
		if health, watched := p.memory[instance]; watched {
			health.Warm = reconcile.Wish{State: reconcile.WishDone, At: time.Now()}
			p.memory[instance] = health
		}
		p.world.Unlock()
		p.tell(instance)
	})
}

func (p *Prober) tell(instance string) {
	p.world.Lock()
	changed := p.changed
	p.world.Unlock()
	changed(instance)
}
