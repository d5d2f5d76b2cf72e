package controller

import "github.com/segue-dev/segue/reconcile"

// joinHealth has the running instances probed and fills in how they feel.
func (o *observer) joinHealth(p *pass, adopted adoptions) {
	if p.memory.probingGeneration != p.object.Generation {
		clear(p.memory.probing)
		p.memory.probingGeneration = p.object.Generation
	}
	var targets []reconcile.ProbeTarget
	for _, i := range p.observed.Instances {
		if i.State != reconcile.ContainerRunning || i.Retired || !i.Address.IsValid() {
			continue
		}
		how := p.probing(i.Revision)
		if port := adopted.port(i.Name); port != 0 {
			how = how.at(port)
		}
		if i.AddressOnly {
			how = how.readOnly()
		}
		targets = append(targets, how.target(i, o.bornReady(p, i)))
	}
	if !p.imagined {
		o.around.patients.watch(p.name, targets)
	}
	for i := range p.observed.Instances {
		one := &p.observed.Instances[i]
		one.Health = o.around.patients.prober.Health(one.Name)
		if one.Revision == p.target.Hash && one.Health.Ready == reconcile.Yes && one.StartedAt.After(o.started) && one.Health.Since.After(one.StartedAt) {
			p.memory.boot = one.Health.Since.Sub(one.StartedAt)
		}
	}
}

// probing is how the instances of a revision are probed.
func (p *pass) probing(hash string) probing {
	how, known := p.memory.probing[hash]
	if !known {
		how = probingOf(p.revisionOf(hash).Deployment)
		p.memory.probing[hash] = how
	}
	return how
}

// bornReady: it was admitted before this process could ask it, so it starts as ready: a served generation names it, a
// Eureka server shows it UP, or, with neither routes nor eureka, it is of the accepted revision.
func (o *observer) bornReady(p *pass, i reconcile.Instance) bool {
	if i.Adopted && len(p.record.Accepted) == 0 {
		return true
	}
	for _, fact := range i.Nginx {
		if fact.Routed == reconcile.Yes {
			return true
		}
	}
	for _, fact := range i.Eureka {
		if fact.Lease.Status == reconcile.LeaseUp {
			return true
		}
	}
	if !i.StartedAt.Before(o.started) {
		return false
	}
	s := p.revisionOf(i.Revision).Deployment.Spec
	accepted := p.record.Accepted
	return len(s.Routes) == 0 && s.Eureka == nil && len(accepted) > 0 && accepted[len(accepted)-1].Hash == i.Revision
}
