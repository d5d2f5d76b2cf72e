package probe

import (
	"context"
	"reflect"
	"slices"
	"sync"

	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// parallel bounds the questions that are open at once: 10,000 instances with a period of 10 s ask 1,000 times a second,
// and an answer takes milliseconds.
const parallel = 512

// Exec runs a command in a container and gives its exit code and output; an error means that it could not be run.
type Exec func(ctx context.Context, container string, command []string) (code int, output []byte, err error)

// Prober watches instances. All of its methods may be called before, during and after Run; nothing is asked outside it.
type Prober struct {
	exec  Exec
	log   logr.Logger
	slots chan struct{}
	wake  chan struct{}

	mu        sync.Mutex
	instances map[string]*instance
	// homes are the Deployments of the instances, members the instances of the Deployments.
	homes   map[string]string
	members map[string][]string
	// dirty names the instances whose goroutines Run has to start or stop.
	dirty   map[string]struct{}
	changed func(instance string)
}

// New makes a Prober that runs the commands of exec probes through exec.
func New(exec Exec, log logr.Logger) *Prober {
	return &Prober{
		exec:      exec,
		log:       log,
		slots:     make(chan struct{}, parallel),
		wake:      make(chan struct{}, 1),
		instances: map[string]*instance{},
		homes:     map[string]string{},
		members:   map[string][]string{},
		dirty:     map[string]struct{}{},
		changed:   func(string) {},
	}
}

// Run owns the probes until ctx ends and waits for them. changed is called with an instance's name when a verdict, the
// state of its warm-up or the words of its last answer have changed; it must not block.
func (p *Prober) Run(ctx context.Context, changed func(instance string)) error {
	p.mu.Lock()
	p.changed = changed
	for name := range p.instances {
		p.dirty[name] = struct{}{}
	}
	p.mu.Unlock()

	var probing sync.WaitGroup
	defer probing.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	running := map[string]*running{}
	for {
		for _, name := range p.takeDirty() {
			p.follow(ctx, name, running, &probing)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.wake:
		}
	}
}

// running is one instance's goroutines.
type running struct {
	instance *instance
	warming  bool
	ctx      context.Context
	stop     context.CancelFunc
}

// follow makes the goroutines of one instance those that are wanted.
func (p *Prober) follow(ctx context.Context, name string, all map[string]*running, probing *sync.WaitGroup) {
	p.mu.Lock()
	wanted := p.instances[name]
	warm := wanted != nil && wanted.warm
	p.mu.Unlock()

	r := all[name]
	if r != nil && r.instance != wanted {
		r.stop()
		delete(all, name)
		r = nil
	}
	if wanted == nil {
		return
	}
	if r == nil {
		r = &running{instance: wanted}
		r.ctx, r.stop = context.WithCancel(ctx)
		all[name] = r
		probing.Go(func() { p.probe(r.ctx, wanted) })
	}
	if warm && !r.warming {
		r.warming = true
		probing.Go(func() { p.warmUp(r.ctx, wanted) })
	}
}

func (p *Prober) takeDirty() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	names := make([]string, 0, len(p.dirty))
	for name := range p.dirty {
		names = append(names, name)
	}
	clear(p.dirty)
	return names
}

// Watch says which instances of a Deployment are probed from now on. Targets that are as they were cost a comparison.
func (p *Prober) Watch(deployment string, targets []reconcile.ProbeTarget) {
	p.mu.Lock()
	var moved, members []string
	for i := range targets {
		target := &targets[i]
		members = append(members, target.Instance)
		p.homes[target.Instance] = deployment
		known := p.instances[target.Instance]
		if known != nil && same(&known.target, target) {
			if known.target.ImageHealth != target.ImageHealth {
				known.target.ImageHealth = target.ImageHealth
				if known.takeImageHealth() {
					moved = append(moved, target.Instance)
				}
			}
			continue
		}
		p.instances[target.Instance] = newInstance(*target, known)
		p.dirty[target.Instance] = struct{}{}
	}
	p.forget(deployment, members)
	anything := len(p.dirty) > 0
	changed := p.changed
	p.mu.Unlock()

	if anything {
		p.poke()
	}
	for _, name := range moved {
		changed(name)
	}
}

// forget leaves out who is no longer of a Deployment. The caller holds the lock.
func (p *Prober) forget(deployment string, members []string) {
	if slices.Equal(p.members[deployment], members) {
		return
	}
	stays := make(map[string]bool, len(members))
	for _, name := range members {
		stays[name] = true
	}
	for _, name := range p.members[deployment] {
		if p.homes[name] == deployment && !stays[name] {
			delete(p.instances, name)
			delete(p.homes, name)
			p.dirty[name] = struct{}{}
		}
	}
	p.members[deployment] = members
	if len(members) == 0 {
		delete(p.members, deployment)
	}
}

// Health is what is known of an instance; the zero Health when it is not watched.
func (p *Prober) Health(instance string) reconcile.Health {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known := p.instances[instance]; known != nil {
		return known.health
	}
	return reconcile.Health{}
}

// Warm starts the instance's warm-up requests, or finds them under way or done. They are repeated until they succeed or
// the instance is no longer watched.
func (p *Prober) Warm(instance string) {
	p.mu.Lock()
	known := p.instances[instance]
	asked := known != nil && !known.warm && known.health.Warm.State != reconcile.WishDone
	if asked {
		known.warm = true
		p.dirty[instance] = struct{}{}
	}
	p.mu.Unlock()
	if asked {
		p.poke()
	}
}

func (p *Prober) poke() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// update changes an instance's health under the lock and tells of it when change says that there is something to tell.
func (p *Prober) update(i *instance, change func() bool) {
	p.mu.Lock()
	tell := change() && p.instances[i.target.Instance] == i
	changed := p.changed
	p.mu.Unlock()
	if tell {
		changed(i.target.Instance)
	}
}

// same says whether two targets are probed alike. ImageHealth is a fact that changes and BornReady counts only once.
func same(a, b *reconcile.ProbeTarget) bool {
	return a.ContainerID == b.ContainerID && a.Address == b.Address && a.UseImageHealth == b.UseImageHealth &&
		sameProbe(a.Startup, b.Startup) && sameProbe(a.Readiness, b.Readiness) && sameProbe(a.Liveness, b.Liveness) &&
		(len(a.Ports) == 0 && len(b.Ports) == 0 || reflect.DeepEqual(a.Ports, b.Ports)) &&
		(len(a.Warmup) == 0 && len(b.Warmup) == 0 || reflect.DeepEqual(a.Warmup, b.Warmup))
}

// sameProbe compares by pointer first: unchanged revisions keep theirs.
func sameProbe(a, b *spec.Probe) bool { return a == b || reflect.DeepEqual(a, b) }
