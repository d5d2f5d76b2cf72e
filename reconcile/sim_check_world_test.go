package reconcile

import (
	"slices"
	"sort"
	"strings"
	"time"
)

// checkWorld looks at what every dialler would reach now.
func (s *simulation) checkWorld() {
	s.checkConsumers()
	s.checkFronts()
	for _, n := range s.w.nginx {
		s.checkDead(n)
		if n.state == ServerDown {
			continue
		}
		s.checkDials(n, n.loaded)
		for _, worker := range n.workers {
			s.checkDials(n, worker.loaded)
		}
	}
}

// checkConsumers: whoever finds an instance in Eureka, or remembers it from there, dials that one or nobody.
func (s *simulation) checkConsumers() {
	for _, e := range s.w.eureka {
		for _, lease := range e.leases {
			if lease.hiddenSince.IsZero() || s.w.now.Before(lease.hiddenSince.Add(longestMemory)) {
				for _, c := range s.w.containers {
					if c.State == ContainerRunning && c.Address.IsValid() && c.Address == lease.address && c.Name != lease.instance {
						s.fail(1, "consumers of %s mean %s and reach %s", e.url, lease.instance, c.Name)
					}
				}
			}
		}
	}
}

// checkDials: an address is never another instance's while anything may dial it.
func (s *simulation) checkDials(n *worldNginx, loaded map[string][]worldBackend) {
	for deployment, backends := range loaded {
		for _, b := range backends {
			for _, c := range s.w.containers {
				if c.State == ContainerRunning && c.Address == b.address && c.Name != b.instance {
					s.fail(1, "%s means %s of %s and reaches %s", n.name, b.instance, deployment, c.Name)
				}
			}
		}
	}
}

// checkDead: a dead instance leaves nginx within seconds while everything around it works.
func (s *simulation) checkDead(n *worldNginx) {
	var keys []string
	for deployment, backends := range n.loaded {
		d := s.w.deployment(deployment)
		for _, b := range backends {
			if !n.included {
				continue // Nobody is sent there; what is in its files is changed once it sends.
			}
			c := s.w.container(b.instance)
			if c == nil || c.State == ContainerExited {
				keys = append(keys, n.name+" "+b.instance)
				if d.desired.Deleted {
					continue
				}
			}
		}
	}
	sort.Strings(keys)
	for key := range s.dead {
		if strings.HasPrefix(key, n.name+" ") && !slices.Contains(keys, key) {
			delete(s.dead, key) // It left, or lives again.
		}
	}
	healthy := !s.w.engineDown && s.w.now.After(s.calmAt)
	for _, other := range s.w.nginx {
		healthy = healthy && other.state == ServerUp && !other.failing
	}
	for _, key := range keys {
		if since, ok := s.dead[key]; !ok || !healthy {
			s.dead[key] = s.w.now
		} else if s.w.now.Sub(since) > 15*time.Second {
			s.fail(1, "a dead instance is still sent to after 15 s: %s", key)
		}
	}
}

// checkEnd looks at where the world has settled.
func (s *simulation) checkEnd() {
	for _, l := range s.loops {
		d := l.d
		decision := s.next(d.desired, s.w.observe(d), s.w.now)
		if len(decision.Steps) > 0 {
			s.fail(10, "%s is settled and would still %s", d.desired.Name, stepLine(decision.Steps[0]))
		}
		running := 0
		for _, c := range s.w.containers {
			if c.Deployment != d.desired.Name || c.State != ContainerRunning || c.addressOnly || c.adopted && decision.Phase == Gone {
				continue
			}
			running++
			if c.Revision != decision.Target && (decision.Phase == Converged || decision.Phase == RolledBack) {
				s.fail(12, "%s still runs beside %s", c.Name, decision.Target)
			}
		}
		s.checkPhase(d, decision, running)
		s.checkFrontsEnd(d, decision)
	}
}

func (s *simulation) checkPhase(d *worldDeployment, decision Decision, running int) {
	replicas := *d.desired.Wanted.Deployment.Spec.Replicas
	routed := replicas
	if decision.Target == AdoptedRevision {
		replicas, routed = s.w.adopted(d)
	}
	r := d.desired.Record
	switch decision.Phase {
	case Gone:
		if running > 0 {
			s.fail(10, "%s is gone and %d run", d.desired.Name, running)
		}
	case Converged, RolledBack:
		if running != replicas {
			s.fail(10, "%s: %d of %d run", d.desired.Name, running, replicas)
		}
		if decision.Phase == Converged && decision.Target != d.desired.Wanted.Hash {
			s.fail(12, "%s has not come to what is wanted", d.desired.Name)
		}
		if decision.Phase == RolledBack && r.Aborted != d.desired.Wanted.Hash && (r.Rejected == nil || r.Rejected.Revision.Hash != d.desired.Wanted.Hash) {
			s.fail(12, "%s was rolled back for no reason", d.desired.Name)
		}
		for _, n := range s.w.nginx {
			if len(revisionOf(d.desired, decision.Target).Spec.AllRoutes()) > 0 && len(n.loaded[d.desired.Name.String()]) != routed {
				s.fail(10, "%s: %s sends to %d of %d", d.desired.Name, n.name, len(n.loaded[d.desired.Name.String()]), routed)
			}
		}
	}
}
