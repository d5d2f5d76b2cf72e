package controller

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// storePause is how soon a Deployment is looked at again when what is to be remembered could not be kept.
const storePause = 5 * time.Second

// looker looks at one object at a time: observe, decide, keep, execute, publish.
type looker struct {
	control  *Controller
	observer *observer
	executor *executor
	log      logr.Logger

	mu       sync.Mutex
	memories map[spec.Name]*memory
	// calms are what an earlier process saw last of each Deployment, until that is looked at for the first time.
	calms   map[spec.Name]*calm
	claimed map[spec.Name]conflicts
	// leftover are leases of Deployments that are gone, by Eureka object, and since when; warned are the certificates that were warned of.
	leftover map[key]map[string]time.Time
	warned   map[string]bool
}

func newLooker(c *Controller, reserved *addresses) *looker {
	l := &looker{control: c, log: c.options.Log, memories: map[spec.Name]*memory{}, leftover: map[key]map[string]time.Time{}, warned: map[string]bool{}}
	l.observer = &observer{owner: c.options.Owner, started: time.Now(), objects: c.objects, around: c.around, board: c.board, advertise: c.options.Advertise}
	l.executor = &executor{
		owner: c.options.Owner, network: c.options.Network, advertise: c.options.Advertise, objects: c.objects, addresses: reserved,
		around: c.around, journal: c.journal, log: c.options.Log,
	}
	l.claimed = c.objects.routeConflicts()
	return l
}

// began notes when the loop begins: what runs before it has passed its gates.
func (l *looker) began() { l.observer.started = time.Now() }

// look looks at one object and says when to look again; zero when only an event can change anything.
func (l *looker) look(ctx context.Context, k key) time.Time {
	switch k.kind {
	case spec.KindDeployment:
		return l.lookAtDeployment(ctx, k)
	case spec.KindNginx:
		return l.lookAtNginx(ctx, k)
	case spec.KindEureka:
		return l.lookAtEureka(ctx, k)
	default:
		return l.lookAtOrphans(ctx)
	}
}

func (l *looker) lookAtDeployment(ctx context.Context, k key) time.Time {
	p := l.newPass(k.name)
	if p == nil {
		l.forgetMemory(k.name)
		l.executor.turn.leave(k.name)
		return time.Time{}
	}
	p.decide(ctx, l.observer)
	if ctx.Err() != nil {
		// What was cut short says nothing.
		return time.Time{}
	}
	var result outcome
	if l.control.mayStep(k.name) {
		p.hold(time.Now())
		l.noteDrift(p)
		if err := l.keep(p); err != nil {
			l.log.Error(err, "Keeping what is to be remembered failed", "deployment", k.name.String())
			p.block(err)
			l.publish(p)
			return p.began.Add(storePause)
		}
		p.memory.unkept = time.Time{}
		p.memory.forgetStopped(p.due)
		l.keepCalm(p)
		result = l.executor.execute(ctx, p)
		l.executor.rehearse(p)
		l.executor.sweep(ctx, p)
		if p.decision.Phase == reconcile.Gone {
			l.forget(p)
			return time.Time{}
		}
	}
	if !result.turned {
		l.publish(p)
	}
	if result.acted {
		return time.Now()
	}
	return earlier(p.decision.Again, result.retryAt)
}

// newPass begins a look; nil when there is no such object.
func (l *looker) newPass(name spec.Name) *pass {
	o := l.control.objects.get(deploymentKey(name))
	if o == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	m := l.memories[name]
	if m == nil {
		m = newMemory()
		m.calm, m.keptCalm = l.calms[name], l.calms[name]
		delete(l.calms, name)
		l.memories[name] = m
	}
	return l.control.objects.pass(name, o, l.control.objects.record(name).clone(), m, l.claimed[name])
}

// pass joins what is desired of one Deployment.
func (o *objects) pass(name spec.Name, one *object, r *record, m *memory, taken conflicts) *pass {
	p := &pass{name: name, object: one, record: r, memory: m, conflicts: taken, began: time.Now()}
	p.desired = desiredOf(one, r, taken)
	if p.before = o.leaving(p.key()); len(p.before) > 0 {
		p.desired.Deleted = false
	}
	p.target = reconcile.TargetOf(p.desired)
	p.meant = p.target.Deployment.Defaulted()
	p.around = o.surround(p.target, r)
	p.desired.PropagationTime = o.propagation(p.around.registries)
	return p
}

// decide observes and decides.
func (p *pass) decide(ctx context.Context, o *observer) {
	o.observe(ctx, p)
	p.decision = reconcile.Next(p.desired, p.observed, time.Now())
	p.markRepeats()
}

// markRepeats: a step that was taken in the look before and is proposed again is under way; having taken it once more
// is no reason to look again at once.
func (p *pass) markRepeats() {
	for i := range p.decision.Steps {
		step := &p.decision.Steps[i]
		if p.memory.taken[stepName(*step)] && !step.Repeat {
			step.Repeat = true
			p.decision.Again = earlier(p.decision.Again, p.began.Add(time.Second))
		}
	}
	p.memory.taken = map[string]bool{}
}

// stepName tells steps apart.
func stepName(step reconcile.Step) string {
	return strings.Join(append([]string{step.Kind.String(), step.Instance, step.Revision}, step.Serving...), " ")
}

// keep remembers what the decision says, before its steps are taken.
func (l *looker) keep(p *pass) error {
	var gap time.Duration
	err := l.control.objects.keepRecord(p.name, func(r *record) bool {
		resolved := p.observed.Pull.State == reconcile.WishDone && r.resolve(p.target.Hash, p.memory.pulls[p.target.Hash].image.Reference)
		ended, turned := r.turnUnserved(p)
		gap = ended
		return r.keep(p.decision, p.due) || resolved || turned
	})
	if err == nil {
		l.noteServed(p, gap)
	}
	return err
}

// settled: nothing is left to do for this generation, for good or ill.
func (p *pass) settled() bool {
	switch p.decision.Phase {
	case reconcile.Converged, reconcile.RolledBack, reconcile.Failed:
	default:
		return false
	}
	for _, i := range p.observed.Instances {
		if i.Leaving() || i.State == reconcile.ContainerCreated && !i.Adopted {
			return false
		}
	}
	return len(p.decision.Steps) == 0 && p.observed.RouteWish.State != reconcile.WishPending
}

// publish shows what the look found.
func (l *looker) publish(p *pass) {
	l.noteTurns(p)
	l.noteTroubles(p)
	l.noteIdle(p)
	p.memory.settled = p.settled()
	if p.memory.settled && p.decision.Phase == reconcile.Converged {
		if len(p.memory.drift) > 0 {
			l.control.journal.note(p.key(), normal, "DriftHealed", "it is as it should be again", "")
		}
		p.memory.settle(p)
		p.memory.drift = nil
		l.keepCalm(p)
	}
	if p.memory.settled {
		l.executor.turn.leave(p.name)
		p.memory.startFailed, p.memory.startFailedOf = reconcile.Wish{}, ""
	}
	k := p.key()
	before, _ := l.control.board.get(k)
	p.record = l.control.objects.record(p.name).clone()
	current := func() bool { return l.control.objects.get(k) == p.object }
	if l.control.board.publish(k, statusOfPass(p, p.memory.settled, before.status.Deployment), current) {
		l.control.wakeUsers(k)
	}
	if p.memory.settled && l.control.mayStep(p.name) {
		l.executor.leave(p)
	}
}

// reclaim works out anew who holds which route, and gives the Deployments for which that has changed.
func (l *looker) reclaim() []spec.Name {
	found := l.control.objects.routeConflicts()
	l.mu.Lock()
	defer l.mu.Unlock()
	var changed []spec.Name
	for name, one := range found {
		if !sameConflicts(one, l.claimed[name]) {
			changed = append(changed, name)
		}
	}
	for name := range l.claimed {
		if _, still := found[name]; !still {
			changed = append(changed, name)
		}
	}
	l.claimed = found
	slices.SortFunc(changed, compareNames)
	return changed
}

func sameConflicts(a, b conflicts) bool {
	if len(a) != len(b) {
		return false
	}
	for route, holder := range a {
		if b[route] != holder {
			return false
		}
	}
	return true
}
