package controller

import (
	"fmt"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// pass is one look at one Deployment: what is desired, what was seen and what was decided. It lives as long as a
// worker holds the Deployment's key.
type pass struct {
	name   spec.Name
	object *object
	record *record
	memory *memory
	// conflicts are its routes that older Deployments hold; desired does not have them.
	conflicts conflicts
	// before are the Deployments that are deleted before it is: desired does not have its own deletion until they are gone.
	before  []spec.Name
	desired reconcile.Desired
	// target is the revision that the steps lead to.
	target reconcile.Revision
	// meant is the target's Deployment with defaults, routesOf its routes through each Nginx object as text, where that was
	// asked for.
	meant    spec.Deployment
	routesOf map[spec.Name]string
	around   surroundings
	observed reconcile.Observed
	// servers are those of observed.Nginx, with the objects that they belong to.
	servers []serverAt
	// leases are the instances' leases by instance name, for those that no container has any more too.
	leases map[string][]leaseAt
	// homes are, by instance, the registries that it registers with and those that show it.
	homes    map[string]map[spec.Name]bool
	decision reconcile.Decision
	// began is when the look began.
	began time.Time
	// imagined: it is only looked at what would be; nobody is probed or adopted for it.
	imagined bool
	// due are the steps of the decision that are taken now; the others failed and wait until heldUntil.
	due       []reconcile.Step
	heldUntil time.Time
	// notKept is why what the decision says could not be remembered, so that no step of it was taken; "" when it was.
	notKept string
}

// leaseAt is a lease at one registry.
type leaseAt struct {
	registry spec.Name
	id       string
	lease    reconcile.Lease
}

// hold leaves the steps alone that failed a moment ago.
func (p *pass) hold(now time.Time) {
	p.due = nil
	for _, step := range p.decision.Steps {
		if until := p.memory.holdUntil(step, now); until.IsZero() {
			p.due = append(p.due, step)
		} else {
			p.heldUntil = earlier(p.heldUntil, until)
		}
	}
}

// block leaves everything as it is, because what was decided could not be written down.
func (p *pass) block(err error) {
	if p.memory.unkept.IsZero() {
		p.memory.unkept = p.began
	}
	p.notKept = fmt.Sprintf("nothing is done until it can be written down, which is tried every %s: %v", storePause, err)
	p.decision.Phase, p.decision.Reason = reconcile.Blocked, "state directory: "+p.notKept
	shut := reconcile.Wait{Gate: "culprit", On: "state directory", Since: p.memory.unkept, Reason: p.notKept}
	p.decision.Waits = append([]reconcile.Wait{shut}, p.decision.Waits...)
}

func (p *pass) key() key { return deploymentKey(p.name) }

// revisionOf is the revision of that hash; the target where it is not remembered (an orphan's that came home).
func (p *pass) revisionOf(hash string) reconcile.Revision {
	if revision, ok := p.record.revision(hash); ok {
		return revision
	}
	return p.target
}

// instance is one of the observed; nil when there is none of that name.
func (p *pass) instance(name string) *reconcile.Instance {
	for i := range p.observed.Instances {
		if p.observed.Instances[i].Name == name {
			return &p.observed.Instances[i]
		}
	}
	return nil
}

// desiredOf is what reconcile gets to see: the manifest without the routes that it may not have, and the count that
// holds.
func desiredOf(o *object, r *record, taken conflicts) reconcile.Desired {
	d := reconcile.Desired{Name: o.Manifest.Name(), Wanted: r.Wanted, Record: r.Record, Overtaken: revisionsOf(r.Others), Deleted: o.Deleting}
	replicas := o.replicas()
	d.Wanted.Deployment = taken.without(d.Wanted.Deployment)
	d.Wanted.Deployment.Spec.Replicas = &replicas
	d.Wanted.Deployment.Spec.Paused = o.Manifest.Deployment.Spec.Paused
	if len(taken) > 0 {
		d.Record.Accepted = append([]reconcile.Revision(nil), d.Record.Accepted...)
		for i := range d.Record.Accepted {
			d.Record.Accepted[i].Deployment = taken.without(d.Record.Accepted[i].Deployment)
		}
	}
	return d
}
