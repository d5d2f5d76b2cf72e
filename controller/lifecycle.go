package controller

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// seed reserves the address and puts the dark lease.
func (e *executor) seed(ctx context.Context, p *pass, step reconcile.Step) error {
	if step.Revision == reconcile.AdoptedRevision {
		return e.seedKept(ctx, p, step)
	}
	revision := p.revisionOf(step.Revision)
	address, err := e.addresses.reserve(ctx, e.addresses.request(p, step.Instance, step.Revision))
	if err != nil {
		return fmt.Errorf("seed %s: %w", step.Instance, err)
	}
	at, err := e.registeredAt(p, revision.Deployment, step.Instance, step.Slot)
	if err != nil {
		return fmt.Errorf("seed %s: %w", step.Instance, err)
	}
	order := leaseOrder(eurekaID(e.owner, p.name, step.Instance), revision, address, at)
	return e.registries(e.objects.homesOf(p, revision), func(registry Registry) error { return registry.Seed(ctx, order) })
}

// seedKept puts the dark lease of an adopted container that is to be started again: under its own id, with its name for
// a host until the app says better.
func (e *executor) seedKept(ctx context.Context, p *pass, step reconcile.Step) error {
	i := p.instance(step.Instance)
	if i == nil {
		return fmt.Errorf("seed %s: it is gone", step.Instance)
	}
	order := p.order(i)
	if order.HostName == "" {
		order.HostName = i.Name
	}
	return e.eachRegistry(p, func(registry Registry) error { return registry.Seed(ctx, order) })
}

// start reserves the address, puts together what the instance is made of, and starts it.
func (e *executor) start(ctx context.Context, p *pass, step reconcile.Step) error {
	if step.Revision == reconcile.AdoptedRevision {
		return e.around.fleet.runtime.Start(ctx, reconcile.Launch{Deployment: p.name, Instance: step.Instance, Revision: step.Revision})
	}
	revision, err := e.imaged(ctx, p, p.revisionOf(step.Revision))
	if err != nil {
		return fmt.Errorf("start %s: %w", step.Instance, err)
	}
	files, err := e.objects.files(revision.Files)
	if err != nil {
		return fmt.Errorf("start %s: %w", step.Instance, err)
	}
	address, err := e.addresses.reserve(ctx, e.addresses.request(p, step.Instance, step.Revision))
	if err != nil {
		return fmt.Errorf("start %s: %w", step.Instance, err)
	}
	launch, err := launchOf(p.name, revision, step.Instance, step.Slot, address, files)
	if err != nil {
		return fmt.Errorf("start %s: %w", step.Instance, err)
	}
	if err := e.place(ctx, p, revision, &launch); err != nil {
		return fmt.Errorf("start %s: %w", step.Instance, err)
	}
	err = e.around.fleet.runtime.Start(ctx, launch)
	if portTaken(err) {
		e.mu.Lock()
		defer e.mu.Unlock()
		noteStranger(p, launch, time.Now())
	}
	return err
}

// place says where others reach the instance, and tells its app.
func (e *executor) place(ctx context.Context, p *pass, revision reconcile.Revision, launch *reconcile.Launch) error {
	d := revision.Deployment
	var err error
	if launch.Registered, err = e.registeredAt(p, d, launch.Instance, launch.Slot); err != nil {
		return err
	}
	if err := publishRegistered(d, launch); err != nil {
		return err
	}
	if err := e.inject(p, d, *launch); err != nil {
		return err
	}
	if err := e.reseed(ctx, p, revision, *launch); err != nil {
		return err
	}
	return e.publish(d, launch)
}

// inject tells a self-registering app who it is, and one that is registered by segue not to do it itself.
func (e *executor) inject(p *pass, d spec.Deployment, launch reconcile.Launch) error {
	switch e := d.Spec.Eureka; {
	case e == nil || e.Inject != nil && !*e.Inject:
		return nil
	case !d.Spec.SelfRegisters():
		return injectSilence(launch.Env)
	}
	in := injection{id: eurekaID(e.owner, p.name, launch.Instance), address: launch.Address, network: e.network}
	if at := launch.Registered; at.IsValid() {
		in.address, in.port = at.Addr(), int(at.Port())
	}
	if registry := e.around.registries.get(e.objects.registryOf(*d.Spec.Eureka, p.name.Namespace)); registry != nil && len(registry.spec.Spec.Servers) == 0 {
		for _, server := range registry.view.last().servers {
			in.serviceURL = server.URL
		}
	}
	return in.inject(launch.Env)
}

// imaged is the revision with what its image resolved to. The target was pulled before its first start; an older one
// that is started to heal was pulled once, and is here unless somebody removed it.
func (e *executor) imaged(ctx context.Context, p *pass, revision reconcile.Revision) (reconcile.Revision, error) {
	e.mu.Lock()
	asked, known := p.memory.pulls[revision.Hash]
	e.mu.Unlock()
	if !known || asked.wish.State != reconcile.WishDone {
		asked = askPull(ctx, e.around.fleet.runtime, revision)
		e.mu.Lock()
		p.memory.pulls[revision.Hash] = asked
		e.mu.Unlock()
	}
	if asked.wish.State != reconcile.WishDone {
		return revision, fmt.Errorf("its image is not here yet: %s", asked.wish.Reason)
	}
	if revision.Image == "" {
		revision.Image = asked.image.Reference
		err := e.objects.keepRecord(p.name, func(r *record) bool { return r.resolve(revision.Hash, revision.Image) })
		if err != nil {
			return revision, err
		}
	}
	return revision, nil
}

// retire stops an instance as its own revision says.
func (e *executor) retire(ctx context.Context, p *pass, step reconcile.Step) error {
	i := p.instance(step.Instance)
	if i == nil {
		return fmt.Errorf("retire %s: it is gone", step.Instance)
	}
	if len(p.observed.Peers) > 0 && !i.Leaving() {
		if err := e.turn.enter(p.name, p.observed.Began); err != nil {
			return fmt.Errorf("retire %s: %w", step.Instance, err)
		}
	}
	return e.around.fleet.runtime.Retire(ctx, step.Instance, stopOf(p.revisionOf(i.Revision).Deployment, i.Adopted))
}

// stopOf says how an instance of a Deployment is ended.
func stopOf(d spec.Deployment, adopted bool) reconcile.Stop {
	t := d.Defaulted().Spec.Template
	otherwise := 30
	if d.Spec.Eureka != nil {
		otherwise = 45
	}
	stop := reconcile.Stop{Grace: secondsOf(t.TerminationGracePeriodSeconds, otherwise), Keep: adopted}
	if t.Lifecycle != nil {
		stop.PreStop, stop.Signal = t.Lifecycle.PreStop, t.Lifecycle.StopSignal
	}
	return stop
}

// remove takes away the container, then its lease, then its address. The log of one that failed is kept.
func (e *executor) remove(ctx context.Context, p *pass, step reconcile.Step) error {
	i := p.instance(step.Instance)
	failed := i != nil && i.State == reconcile.ContainerExited && !i.Retired && !i.Adopted
	if failed {
		if err := e.saveLog(ctx, p, step.Instance); err != nil {
			e.log.Error(err, "Keeping the log of a failed instance failed", "instance", step.Instance)
		}
	}
	if err := e.around.fleet.runtime.Remove(ctx, step.Instance); err != nil {
		return err
	}
	if i != nil && i.EurekaID != "" {
		if err := e.eachRegistry(p, func(registry Registry) error { return registry.Remove(ctx, p.order(i)) }); err != nil {
			return err
		}
	}
	return e.addresses.release(step.Instance)
}

// saveLog keeps the whole log where the runtime can.
func (e *executor) saveLog(ctx context.Context, p *pass, instance string) error {
	saver, ok := e.around.fleet.runtime.(logSaver)
	if !ok {
		return nil
	}
	path, err := saver.SaveLog(ctx, instance)
	if err != nil {
		return err
	}
	return e.objects.keepRecord(p.name, func(r *record) bool {
		changed := r.FailedInstance != instance || r.FailedLog != path
		r.FailedInstance, r.FailedLog = instance, path
		return changed
	})
}

// accept remembers the revision as good and tags its image, so that undo finds it.
func (e *executor) accept(ctx context.Context, p *pass, step reconcile.Step) error {
	limit := 10
	if written := p.desired.Wanted.Deployment.Spec.RevisionHistoryLimit; written != nil {
		limit = *written
	}
	err := e.objects.keepRecord(p.name, func(r *record) bool {
		r.accept(step.Revision, limit)
		r.Promoted = ""
		return true
	})
	if err != nil {
		return fmt.Errorf("accept revision %s: %w", step.Revision, err)
	}
	revision := p.revisionOf(step.Revision)
	if tags, ok := e.around.fleet.runtime.(tagger); ok && revision.Image != "" {
		if err := tags.Tag(ctx, revision.Image, p.name.String(), step.Revision); err != nil {
			e.log.Error(err, "Tagging the image of an accepted revision failed", "deployment", p.name.String())
		}
	}
	return nil
}

// reject remembers the revision as bad, with the last words of the instance that failed last.
func (e *executor) reject(ctx context.Context, p *pass, step reconcile.Step) error {
	rejection := *step.Rejection
	if rejection.At.IsZero() {
		rejection.At = time.Now()
	}
	guilty := p.guilty(step.Revision)
	var logError error
	if guilty != nil {
		if rejection.LastProbe == "" {
			rejection.LastProbe = guilty.Health.Last
		}
		if len(rejection.Log) == 0 {
			rejection.Log, logError = e.around.fleet.runtime.Tail(ctx, guilty.Name, tailLines)
		}
		logError = errors.Join(logError, e.saveLog(ctx, p, guilty.Name))
	}
	if logError != nil {
		e.log.Error(logError, "Reading the log of a rejected instance failed", "deployment", p.name.String())
	}
	return e.objects.keepRecord(p.name, func(r *record) bool {
		r.Rejected = &rejection
		r.settleAttempt(step.Revision, resultRejected)
		return true
	})
}

// guilty is the instance of a revision that failed last: the last that exited by itself, else one that is not ready.
func (p *pass) guilty(hash string) *reconcile.Instance {
	var last, unready *reconcile.Instance
	for k := range p.observed.Instances {
		i := &p.observed.Instances[k]
		switch {
		case i.Revision != hash || i.Adopted || i.Retired:
		case i.State == reconcile.ContainerExited:
			if last == nil || i.ExitedAt.After(last.ExitedAt) {
				last = i
			}
		case i.Health.Ready != reconcile.Yes && unready == nil:
			unready = i
		}
	}
	if last != nil {
		return last
	}
	return unready
}
