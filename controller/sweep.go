package controller

import (
	"context"
	"slices"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// leftoverTime is how long a lease of this owner may be without a container before it is deleted: an app's last
// heartbeat or a replicating peer brings it back until then.
const leftoverTime = 35 * time.Second

// sweep deletes the leases that no container belongs to. A seed whose start is still to come has none yet.
func (e *executor) sweep(ctx context.Context, p *pass) {
	if p.observed.Engine.Name != "" {
		return
	}
	still := map[string]time.Time{}
	for instance, leases := range p.leases {
		if reconcile.IsFront(instance) || p.instance(instance) != nil || p.isAboutTo(instance) || !slices.ContainsFunc(leases, leaseAt.exists) {
			continue
		}
		since, known := p.memory.leftover[instance]
		if !known {
			since = p.began
		}
		still[instance] = since
		if p.began.Before(since.Add(leftoverTime)) {
			p.decision.Again = earlier(p.decision.Again, since.Add(leftoverTime))
			continue
		}
		for _, at := range leases {
			e.removeLease(ctx, p, at)
		}
	}
	p.memory.leftover = still
}

func (at leaseAt) exists() bool { return at.lease.Status != reconcile.LeaseNone }

func (p *pass) isAboutTo(instance string) bool {
	for _, step := range p.decision.Steps {
		if step.Instance == instance {
			return true
		}
	}
	return false
}

func (e *executor) removeLease(ctx context.Context, p *pass, at leaseAt) {
	registry := e.around.registries.get(at.registry)
	if registry == nil || registry.err != nil || !at.exists() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	if err := registry.driver.Remove(ctx, reconcile.LeaseOrder{ID: at.id, App: at.lease.App}); err != nil {
		e.log.Error(err, "Deleting a lease without a container failed", "id", at.id)
		return
	}
	e.log.Info("Deleted a lease without a container", "id", at.id)
	e.journal.note(p.key(), normal, "LeaseDeleted", at.id+" has no container", "")
}
