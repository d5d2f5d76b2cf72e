package reconcile

import (
	"slices"

	"github.com/segue-dev/segue/spec"
)

func (s *simulation) checkDeregister(v sight, step Step) {
	i, ok := v.instance(step.Instance)
	if !ok || !v.ready(i) || v.d.desired.Deleted || v.replicas == 0 || v.spec.Strategy.Type == spec.Recreate || !s.opened[step.Instance] {
		return
	}
	if !v.spec.Proxied() && !slices.ContainsFunc(v.o.Instances, func(other Instance) bool {
		return other.Revision == v.decision.Target && other.EurekaID != ""
	}) {
		return // Nobody registers any more.
	}
	accepted, some := lastAccepted(v.d.desired.Record.Accepted, "")
	if (!some || accepted.Deployment.Spec.Eureka == nil) && !i.Adopted && !slices.ContainsFunc(v.d.desired.Record.Accepted, func(r Revision) bool { return r.Hash == i.Revision }) {
		return // It was never accepted, and what was is in no registry.
	}
	_, floor := v.limits()
	for k, server := range v.o.Eureka {
		if server.State != ServerUp || i.Eureka[k].Lease.Status != LeaseUp {
			continue
		}
		seen := 0
		for _, other := range v.o.Instances {
			if other.Name != i.Name && v.ready(other) && k < len(other.Eureka) && !slices.ContainsFunc(v.decision.Steps, func(one Step) bool {
				return one.Kind == Deregister && one.Instance == other.Name
			}) {
				// What consumers do not see yet they need not be shown a successor of.
				seen += count(other.Eureka[k].Lease.Status == LeaseUp && (other.Eureka[k].Lease.Visible == Yes || i.Eureka[k].Lease.Visible != Yes))
			}
		}
		for _, f := range v.o.Fronts {
			goes := slices.ContainsFunc(v.decision.Steps, func(one Step) bool { return one.Kind == Deregister && one.Instance == f.Name })
			seen += count(!goes && f.State == ServerUp && k < len(f.Eureka) && f.Eureka[k].Lease.Status == LeaseUp &&
				(f.Eureka[k].Lease.Visible == Yes || i.Eureka[k].Lease.Visible != Yes))
		}
		if seen < floor && seen == 0 {
			s.fail(4, "%s leaves Eureka and consumers see %d of at least %d", i.Name, seen, floor)
		}
	}
}

func (s *simulation) checkRetire(v sight, step Step) {
	c := s.w.container(step.Instance)
	if c == nil || c.State == ContainerExited || !c.signalled.IsZero() || c.Retired {
		return
	}
	i, _ := v.instance(step.Instance)
	recreate := v.spec.Strategy.Type == spec.Recreate && (i.Revision != v.decision.Target || i.Health.Alive == No)
	name := v.d.desired.Name.String()
	drains := v.decision.Drains[step.Instance]
	for k, n := range s.w.nginx {
		if k >= len(v.o.Nginx) || n.state == ServerDown {
			continue
		}
		switch {
		case v.o.Nginx[k].State == ServerUnknown:
			s.fail(3, "%s is stopped although %s does not answer", c.Name, n.name)
		case !n.changedAt.Before(v.o.Began):
			// Nobody could know.
		case c.adopted && !n.included:
			s.fail(3, "%s is stopped and the user's own configuration of %s sends to it", c.Name, n.name)
		case n.routes(name, c.Name):
			s.fail(3, "%s is stopped and %s sends to it", c.Name, n.name)
		case slices.ContainsFunc(n.workers, func(old worldWorker) bool {
			return old.knows(name, c.Name) && s.w.now.Before(old.since.Add(n.keepAlive))
		}):
			s.fail(3, "%s is stopped and an old worker of %s takes requests for it", c.Name, n.name)
		case n.mayReach(name, c.Name) && (drains.IsZero() || s.w.now.Before(drains.Add(n.keepAlive+seconds(v.spec.DrainTimeoutSeconds, 60)))):
			s.fail(3, "%s is stopped and an old worker of %s knows it", c.Name, n.name)
		}
	}
	if c.eurekaID != "" && !recreate {
		for _, e := range v.o.Eureka {
			if e.State == ServerUnknown {
				s.fail(3, "%s is stopped although %s does not answer", c.Name, e.URL)
			}
		}
		changed := slices.ContainsFunc(s.w.eureka, func(e *worldEureka) bool {
			return e.restartedAt.After(v.o.Began) || !e.refusedAt.Before(v.o.Began)
		})
		if !changed && !c.shownAt.IsZero() && s.w.now.Before(c.shownAt.Add(v.d.desired.PropagationTime)) {
			s.fail(3, "%s is stopped and consumers saw it UP %s ago", c.Name, s.w.now.Sub(c.shownAt))
		}
	}
	s.checkHealthyStop(v, i)
}

// checkHealthyStop is invariants 7 and 8: what is ready and of the accepted revision is not stopped while its
// successor cannot even be pulled, nor in a rollback, beyond what a smaller number of replicas does without.
func (s *simulation) checkHealthyStop(v sight, i Instance) {
	accepted, ok := lastAccepted(v.d.desired.Record.Accepted, "")
	if !ok || i.Revision != accepted.Hash || !v.ready(i) || v.d.desired.Deleted {
		return
	}
	peers, fresh := 0, 0
	for _, other := range v.o.Instances {
		peers += count(v.ready(other))
		if v.spec.Strategy.Type == spec.BlueGreen && v.routed(other) && !v.routed(i) && other.Revision != i.Revision {
			return // It is left over of a colour that lost.
		}
		fresh += count(other.Revision == v.decision.Target && other.State == ContainerRunning)
	}
	if peers > v.replicas {
		return
	}
	if v.decision.Target == accepted.Hash {
		s.fail(8, "%s is healthy, of the revision to go back to, and is stopped", i.Name)
	} else if fresh == 0 && v.decision.Target != AdoptedRevision && v.o.Pull.State != WishDone {
		s.fail(7, "%s is stopped and the image of %s is not there", i.Name, v.decision.Target)
	}
}

// checkServer: nobody who answers as a Eureka server is stopped while the server beside it is away or shows consumers
// less.
func (s *simulation) checkServer(d *worldDeployment, o Observed, step Step) {
	own, c := s.w.serverOf(d), s.w.container(step.Instance)
	if own == nil || c == nil || !s.w.answers(c) || own.state != ServerUp || own.restartedAt.After(o.Began) {
		return
	}
	for _, e := range s.w.eureka {
		if e == own || e.restartedAt.After(o.Began) || e.refusedAt.After(o.Began) {
			continue
		}
		if e.refusing {
			s.fail(3, "%s is stopped, which is %s, while %s does not answer", c.Name, own.url, e.url)
		}
		for id, lease := range own.leases {
			here := e.leases[id]
			lost := here == nil || here.status == LeaseNone || here.status == LeaseUp && !here.cached
			if one := s.w.container(lease.instance); one == nil || one.State != ContainerRunning {
				continue
			}
			if lease.cached && lost && !lease.visibleSince.After(o.Began) {
				s.fail(3, "%s is stopped, which is %s, while clients do not find %s at %s", c.Name, own.url, id, e.url)
			}
		}
	}
}
