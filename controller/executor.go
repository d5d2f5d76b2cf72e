package controller

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// stepTime bounds one step: all of them return at once or say why not.
const stepTime = 15 * time.Second

// executor takes steps through the drivers. It decides nothing.
type executor struct {
	owner     string
	network   netip.Prefix
	advertise netip.Addr
	objects   *objects
	addresses *addresses
	around    *drivers
	journal   *journal
	log       logr.Logger
	turn      serverTurn

	// mu guards the memory of a pass while its steps are taken side by side.
	mu sync.Mutex
}

// tagger is a Runtime that can keep an image from being pruned.
type tagger interface {
	Tag(ctx context.Context, image, deployment, revision string) error
}

// logSaver is a Runtime that can keep an instance's whole log beyond its removal.
type logSaver interface {
	SaveLog(ctx context.Context, instance string) (path string, err error)
}

// outcome is what became of a pass's steps.
type outcome struct {
	// acted: something was done that was not a repetition, so it is worth looking again at once.
	acted bool
	// turned: a verdict was remembered, so what was decided before it is not worth showing.
	turned bool
	// retryAt is when a step that failed may be taken again; zero when none failed.
	retryAt time.Time
}

// execute takes the steps that are due side by side. What tidies up waits for what starts: an engine that does both at
// once is slower at both, and only the start is waited for.
func (e *executor) execute(ctx context.Context, p *pass) outcome {
	result := outcome{retryAt: p.heldUntil}
	starts := slices.ContainsFunc(p.due, func(step reconcile.Step) bool { return step.Kind == reconcile.Start })
	var first, tidying []reconcile.Step
	for _, step := range p.due {
		if starts && step.Kind == reconcile.Remove {
			tidying = append(tidying, step)
		} else {
			first = append(first, step)
		}
	}
	for _, steps := range [][]reconcile.Step{first, tidying} {
		var group sync.WaitGroup
		for _, step := range steps {
			group.Go(func() {
				ctx, cancel := context.WithTimeout(ctx, stepTime)
				defer cancel()
				err := e.take(ctx, p, step)
				e.conclude(ctx, p, step, err, &result)
			})
		}
		group.Wait()
	}
	if len(p.due) > 0 {
		p.memory.floor = time.Now()
	}
	return result
}

// conclude notes what became of one step: once in the log, once in the events.
func (e *executor) conclude(ctx context.Context, p *pass, step reconcile.Step, err error, result *outcome) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	log := e.log.WithValues("deployment", p.name.String(), "step", step.Kind.String(), "instance", step.Instance, "revision", step.Revision)
	if step.Kind == reconcile.Start {
		noteStart(p, step, err, now)
	}
	if err != nil {
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			return
		}
		p.memory.fail(step, err, now)
		result.retryAt = earlier(result.retryAt, p.memory.holdUntil(step, now))
		if notYet(err) {
			log.V(1).Info("A step has to wait", "reason", err.Error())
			return
		}
		log.Error(err, "A step failed")
		e.journal.note(p.key(), warning, failureReason(step.Kind), err.Error(), "")
		return
	}
	p.memory.succeed(step)
	p.memory.taken[stepName(step)] = true
	if step.Repeat {
		return
	}
	result.acted = true
	result.turned = result.turned || step.Kind == reconcile.Accept || step.Kind == reconcile.Reject
	log.Info("Took a step", "reason", step.Reason)
	if reason, kind := eventReason(step.Kind); reason != "" {
		e.journal.note(p.key(), kind, reason, eventMessage(p, step), "")
	}
}

// noteStart keeps why the last start failed, whose fault it was, and which slot turned out to be taken.
func noteStart(p *pass, step reconcile.Step, err error, now time.Time) {
	if err == nil {
		p.memory.startFailed, p.memory.startFailedOf = reconcile.Wish{}, ""
		return
	}
	// The image may be gone; it is asked for again.
	delete(p.memory.pulls, step.Revision)
	p.memory.startFailedOf = step.Revision
	var own interface{ OwnFault() bool }
	p.memory.startFailed = reconcile.Wish{
		State: reconcile.WishFailed, Reason: err.Error(), At: now, Own: errors.As(err, &own) && own.OwnFault(),
	}
	if step.Slot != "" && portTaken(err) {
		p.memory.slots[step.Slot] = takenSlot{who: "a stranger", at: now}
	}
}

// portTaken: somebody else holds a port of the machine that the instance publishes.
func portTaken(err error) bool {
	var port interface{ PortTaken() bool }
	return errors.As(err, &port) && port.PortTaken()
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// take takes one step.
func (e *executor) take(ctx context.Context, p *pass, step reconcile.Step) error {
	if reconcile.IsFront(step.Instance) {
		return e.frontStep(ctx, p, step)
	}
	switch step.Kind {
	case reconcile.Pull:
		return e.pull(ctx, p, step)
	case reconcile.Seed:
		return e.seed(ctx, p, step)
	case reconcile.Start:
		return e.start(ctx, p, step)
	case reconcile.Warm:
		e.around.patients.prober.Warm(step.Instance)
		return nil
	case reconcile.Register:
		return e.register(ctx, p, step)
	case reconcile.Route:
		return e.route(ctx, p, step)
	case reconcile.Deregister:
		return e.deregister(ctx, p, step)
	case reconcile.Retire:
		return e.retire(ctx, p, step)
	case reconcile.Remove:
		return e.remove(ctx, p, step)
	case reconcile.Accept:
		return e.accept(ctx, p, step)
	case reconcile.Reject:
		return e.reject(ctx, p, step)
	default:
		return fmt.Errorf("take %s: not a step", step.Kind)
	}
}

// pull asks for the image and keeps what it resolved to.
func (e *executor) pull(ctx context.Context, p *pass, step reconcile.Step) error {
	asked := askPull(ctx, e.around.fleet.runtime, p.revisionOf(step.Revision))
	e.mu.Lock()
	p.memory.pulls[step.Revision] = asked
	e.mu.Unlock()
	return nil
}

// register opens the instance at every registry that it belongs to: at its own, and where it is known.
func (e *executor) register(ctx context.Context, p *pass, step reconcile.Step) error {
	i := p.instance(step.Instance)
	if i == nil {
		return fmt.Errorf("register %s: it is gone", step.Instance)
	}
	return e.registries(p.homesOf(i), func(registry Registry) error { return registry.Open(ctx, p.order(i)) })
}

// deregister closes a living instance's lease and deletes that of one that has exited.
func (e *executor) deregister(ctx context.Context, p *pass, step reconcile.Step) error {
	i := p.instance(step.Instance)
	if i == nil {
		return fmt.Errorf("deregister %s: it is gone", step.Instance)
	}
	if i.State == reconcile.ContainerExited {
		return e.eachRegistry(p, func(registry Registry) error { return registry.Remove(ctx, p.order(i)) })
	}
	return e.registries(p.homesOf(i), func(registry Registry) error { return registry.Close(ctx, p.order(i)) })
}

// eachRegistry asks every registry around the Deployment.
func (e *executor) eachRegistry(p *pass, ask func(Registry) error) error {
	return e.registries(p.around.registries, ask)
}

func (e *executor) registries(names []spec.Name, ask func(Registry) error) error {
	var errs []error
	for _, name := range names {
		registry := e.around.registries.get(name)
		switch {
		case registry == nil:
			errs = append(errs, fmt.Errorf("eureka/%s: there is no such object", name))
		case registry.err != nil:
			errs = append(errs, fmt.Errorf("eureka/%s: %w", name, registry.err))
		default:
			errs = append(errs, ask(registry.driver))
		}
	}
	return errors.Join(errs...)
}
