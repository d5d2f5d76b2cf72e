package reconcile

import (
	"slices"
	"strings"

	"github.com/segue-dev/segue/spec"
)

// checkFronts: whoever finds an nginx server in Eureka in place of the instances, or remembers it from there, dials a
// listener that is open.
func (s *simulation) checkFronts() {
	for _, e := range s.w.eureka {
		if e.state == ServerDown {
			continue // It tells nobody anything, for longer than they remember.
		}
		for _, lease := range e.leases {
			n, deployment := s.w.frontOf(lease.instance)
			if n != nil && s.known(lease) && n.state != ServerDown && !n.listens[deployment] {
				s.fail(3, "consumers of %s dial a closed listener of %s for %s", e.url, n.name, deployment)
			}
		}
	}
}

// known: some consumer finds the lease, or remembers it.
func (s *simulation) known(lease *worldLease) bool {
	return lease.status == LeaseUp || lease.cached || !lease.shownAt.IsZero() && s.w.now.Before(lease.shownAt.Add(longestMemory))
}

// frontOf is the server and the Deployment of a front; nil for an instance.
func (w *world) frontOf(name string) (*worldNginx, string) {
	rest, isFront := strings.CutPrefix(name, FrontPrefix)
	if !isFront {
		return nil, ""
	}
	parts := strings.Split(rest, ":")
	for _, n := range w.nginx {
		if n.name == parts[0] {
			return n, parts[1]
		}
	}
	return nil, ""
}

// remembered: some consumer of Eureka may still dial a listener of the Deployment.
func (s *simulation) remembered(deployment string) bool {
	for _, e := range s.w.eureka {
		for _, lease := range e.leases {
			n, of := s.w.frontOf(lease.instance)
			if n != nil && n.state == ServerUp && e.state != ServerDown && of == deployment && s.known(lease) {
				return true
			}
		}
	}
	return false
}

// checkLastFront: nobody is left behind a listener that consumers may still dial, unless nobody could be.
func (s *simulation) checkLastFront(v sight, step Step) {
	if len(step.Serving) > 0 || v.spec.Strategy.Type == spec.Recreate && !v.d.desired.Deleted && v.replicas > 0 || !s.remembered(v.d.desired.Name.String()) {
		return
	}
	for _, i := range v.o.Instances {
		if v.ready(i) && v.routed(i) {
			s.fail(2, "%s serves, consumers of Eureka may still dial nginx for it, and nobody is to be behind that", i.Name)
		}
	}
}

// checkFrontOpens: what is registered leads to somebody who has passed his gates.
func (s *simulation) checkFrontOpens(v sight, step Step) {
	n, _ := s.w.frontOf(step.Instance)
	for _, f := range v.o.Fronts {
		if f.Name != step.Instance || n == nil {
			continue
		}
		leads := slices.ContainsFunc(v.o.Instances, func(i Instance) bool {
			return v.ready(i) && slices.ContainsFunc(i.Nginx, func(fact NginxFact) bool { return fact.Server == n.name && fact.Routed == Yes })
		})
		if f.Listens != Yes || f.State != ServerUp || !leads && !f.IsUp() {
			s.fail(9, "%s is registered and leads to nobody", step.Instance)
		}
		return
	}
	s.fail(9, "%s is registered and nobody knows it", step.Instance)
}

// checkFrontCloses: consumers find somebody else by then.
func (s *simulation) checkFrontCloses(v sight, step Step) {
	n, _ := s.w.frontOf(step.Instance)
	if n == nil || v.d.desired.Deleted || v.replicas == 0 || v.spec.Eureka == nil {
		return
	}
	if !slices.ContainsFunc(v.o.Instances, func(i Instance) bool { return v.ready(i) && v.routed(i) }) {
		return
	}
	for k, server := range v.o.Eureka {
		if server.State != ServerUp {
			continue
		}
		found := false
		for _, f := range v.o.Fronts {
			found = found || f.Name != step.Instance && f.State == ServerUp && k < len(f.Eureka) && f.Eureka[k].Lease.Status == LeaseUp
		}
		for _, i := range v.o.Instances {
			found = found || v.ready(i) && k < len(i.Eureka) && i.Eureka[k].Lease.Status == LeaseUp
		}
		if !found {
			s.fail(4, "%s leaves %s and consumers find nobody", step.Instance, server.URL)
		}
	}
}

// checkFrontsEnd: every nginx server is found where it is to be, and nothing is left of it elsewhere.
func (s *simulation) checkFrontsEnd(d *worldDeployment, decision Decision) {
	name, proxied := d.desired.Name.String(), false
	target := revisionOf(d.desired, decision.Target).Spec
	switch decision.Phase {
	case Converged, RolledBack:
		// Revision 0 is as many as there are, whatever is written.
		proxied = target.Proxied() && (*d.desired.Wanted.Deployment.Spec.Replicas > 0 || decision.Target == AdoptedRevision)
	case Gone:
	default:
		return
	}
	for _, n := range s.w.nginx {
		for _, e := range s.w.eureka {
			for id, lease := range e.leases {
				if of, deployment := s.w.frontOf(lease.instance); of == n && deployment == name && lease.status != LeaseNone && !proxied {
					s.fail(10, "%s is left of %s on %s", id, name, e.url)
				}
			}
			if !proxied {
				continue
			}
			if lease := e.leases[eurekaIDOf(frontName(n, name, target.Eureka.App))]; lease == nil || lease.status != LeaseUp {
				s.fail(10, "%s: consumers of %s do not find %s", name, e.url, n.name)
			}
		}
		if decision.Phase == Gone && n.listens[name] {
			s.fail(10, "%s is gone and %s listens for it", name, n.name)
		}
	}
}
