package reconcile

import (
	"reflect"
	"slices"
	"sort"
	"time"

	"github.com/segue-dev/segue/spec"
)

// checkDecision looks at a decision as a whole.
func (s *simulation) checkDecision(l *simLoop, d Desired, o Observed, decision Decision) {
	s.checkOrder(d, o, decision)
	if decision.Reason == "" {
		s.fail(11, "%s is %s and does not say why", d.Name, decision.Phase)
	}
	if (decision.Phase == Progressing || decision.Phase == Deleting) && len(decision.Steps) == 0 && decision.Again.IsZero() && len(decision.Waits) == 0 {
		s.fail(10, "%s is %s, takes no step, waits for nothing and does not look again", d.Name, decision.Phase)
	}
	for _, step := range decision.Steps {
		if o.Engine.Name != "" {
			s.fail(7, "%s decides to %s though the engine does not answer", d.Name, stepLine(step))
		}
	}
}

// checkOrder is invariant 6: the same world in any order gives the same decision.
func (s *simulation) checkOrder(d Desired, o Observed, decision Decision) {
	if s.rng.Intn(10) > 0 {
		return
	}
	shuffled := o
	shuffled.Instances = slices.Clone(o.Instances)
	s.rng.Shuffle(len(shuffled.Instances), func(i, j int) {
		shuffled.Instances[i], shuffled.Instances[j] = shuffled.Instances[j], shuffled.Instances[i]
	})
	for i := range shuffled.Instances {
		one := &shuffled.Instances[i]
		one.Nginx, one.Eureka = slices.Clone(one.Nginx), slices.Clone(one.Eureka)
		slices.Reverse(one.Nginx)
		slices.Reverse(one.Eureka)
	}
	other := s.next(d, shuffled, s.w.now)
	if !reflect.DeepEqual(decision, other) {
		s.fail(6, "the order of the world changes the decision:\n%+v\n%+v", decision, other)
	}
}

// sight is what one decision saw, counted anew and without the planner's own words.
type sight struct {
	d        *worldDeployment
	o        Observed
	decision Decision
	spec     spec.DeploymentSpec
	replicas int
}

// ready: an instance that may be sent to, by what was observed: running, not on its way out, its probes passed.
func (v sight) ready(i Instance) bool {
	if i.State != ContainerRunning || i.Retired || i.Health.Alive == No {
		return false
	}
	return i.Adopted && i.Health.Ready != No || i.Health.Ready == Yes || i.Health.Ready != No && v.routed(i)
}

func (v sight) routed(i Instance) bool {
	for _, fact := range i.Nginx {
		if fact.Routed == Yes && fact.State != ServerDown {
			return true
		}
	}
	return false
}

func (v sight) instance(name string) (Instance, bool) {
	for _, i := range v.o.Instances {
		if i.Name == name {
			return i, true
		}
	}
	return Instance{}, false
}

// budgets are counted here from the written words once more.
func (v sight) limits() (maxLive, floor int) {
	r := v.replicas
	switch v.spec.Strategy.Type {
	case spec.BlueGreen:
		return 2 * r, r
	case spec.Recreate:
		return r, 0
	}
	surge, unavailable := 1, 0
	if b := v.spec.Strategy.RollingUpdate; b != nil {
		surge, _ = b.MaxSurge.Of(r, true)
		unavailable, _ = b.MaxUnavailable.Of(r, false)
	}
	unavailable = min(unavailable, max(r-1, 0))
	if surge+unavailable == 0 {
		surge = 1
	}
	return r + surge, r - unavailable
}

// checkStep looks at one step just before it is taken.
func (s *simulation) checkStep(d *worldDeployment, o Observed, decision Decision, step Step) {
	v := sight{d: d, o: o, decision: decision, spec: d.desired.Wanted.Deployment.Spec}
	if decision.Target != d.desired.Wanted.Hash {
		v.spec = revisionOf(d.desired, decision.Target).Spec
	}
	v.replicas = *d.desired.Wanted.Deployment.Spec.Replicas
	switch step.Kind {
	case Route:
		s.checkRoute(v, step)
	case Start:
		s.checkStart(v, step)
	case Register:
		s.checkAdmission(v, step.Instance, 9)
	case Deregister:
		s.checkDeregister(v, step)
	case Retire:
		s.checkRetire(v, step)
	case Reject:
		s.checkReject(v, step)
	case Accept:
		s.checkAccept(v)
	case Remove:
		if i, ok := v.instance(step.Instance); ok && i.State == ContainerRunning {
			s.fail(3, "%s is removed while it runs", step.Instance)
		}
	}
	if step.Reason == "" {
		s.fail(11, "%s %s has no reason", step.Kind, step.Instance)
	}
}

// checkAdmission is the first half of invariant 1, and 9: what is admitted has passed its gates.
func (s *simulation) checkAdmission(v sight, name string, invariant int) {
	i, ok := v.instance(name)
	if i.Adopted && slices.ContainsFunc(s.w.nginx, func(n *worldNginx) bool { return !n.included }) {
		return // The first generation names exactly what runs; until it is included it changes nothing.
	}
	if !ok || !v.ready(i) {
		s.fail(invariant, "%s is admitted and is not ready", name)
		return
	}
	accepted, _ := lastAccepted(v.d.desired.Record.Accepted, "")
	if v.routed(i) || i.Adopted || i.Revision == accepted.Hash {
		return
	}
	minReady := seconds(v.spec.MinReadySeconds, 0)
	if s.w.now.Before(i.Health.Since.Add(minReady)) && !s.opened[name] {
		s.fail(invariant, "%s is admitted before minReadySeconds", name)
	}
	if len(v.spec.Template.Warmup) > 0 && i.Health.Warm.State != WishDone {
		s.fail(invariant, "%s is admitted cold", name)
	}
}

func (s *simulation) checkRoute(v sight, step Step) {
	deployment := v.d.desired.Name.String()
	var routed, sickRouted int
	revisions := map[string]bool{}
	after, begun := 0, false
	for _, i := range v.o.Instances {
		if slices.Contains(step.Serving, i.Name) {
			revisions[i.Revision] = true
			after += count(v.ready(i))
			begun = begun || v.routed(i)
			if !v.routed(i) {
				s.checkAdmission(v, i.Name, 1)
			}
			if i.State != ContainerRunning || i.Retired {
				s.fail(1, "%s is routed and is %s, retired %v", i.Name, i.State, i.Retired)
			}
			continue
		}
		if v.routed(i) && i.State == ContainerRunning && !i.Retired {
			sickRouted++
			routed += count(v.ready(i))
		}
	}
	recreate := v.spec.Strategy.Type == spec.Recreate
	free := recreate || v.d.desired.Deleted || v.replicas == 0
	if len(step.Serving) == 0 && sickRouted > 0 && !free {
		s.fail(2, "the upstream of %s is emptied while %d living instances are in it", deployment, sickRouted)
	}
	_, floor := v.limits()
	for _, server := range v.o.Nginx {
		before := 0
		for _, name := range server.Serves[deployment] {
			if i, ok := v.instance(name); ok && v.ready(i) && i.State == ContainerRunning {
				before++
			}
		}
		// A second colour may be routed after an edit in mid-cut-over; leaving it is not a loss.
		if server.State == ServerUp && after < before && after < floor && !free && v.spec.Strategy.Type != spec.BlueGreen {
			s.fail(4, "%s: %d ready instances served by %s, now %d of at least %d", deployment, before, server.Name, after, floor)
		}
	}
	if v.spec.Strategy.Type == spec.BlueGreen {
		if len(revisions) > 1 {
			s.fail(5, "%s: nginx is to send to %d revisions", deployment, len(revisions))
		}
		if !free && !begun && routed > 0 && after < floor && after < routed {
			s.fail(4, "%s switches from %d ready instances to %d of %d", deployment, routed, after, floor)
		}
	}
}

func (s *simulation) checkStart(v sight, step Step) {
	live := 0
	for _, c := range s.w.containers {
		mine := c.Deployment == v.d.desired.Name && c.State != ContainerExited && !c.addressOnly
		i, seen := v.instance(c.Name)
		// What came back to life by another's hand since the read counts from the next one on.
		live += count(mine && !(seen && !i.Live()))
		if mine && step.Slot != "" && c.Slot == step.Slot && c.Name != step.Instance && !(seen && !i.Live()) {
			s.fail(4, "%s starts in slot %s beside %s", step.Instance, step.Slot, c.Name)
		}
	}
	maxLive, _ := v.limits()
	if s.w.container(step.Instance) == nil && live+1 > maxLive {
		s.fail(4, "%s would be number %d of at most %d", step.Instance, live+1, maxLive)
	}
	registration := revisionOf(v.d.desired, step.Revision).Spec.Eureka
	if registration == nil || registration.Mode == spec.ManagedRegistration {
		return
	}
	for _, e := range v.o.Eureka {
		switch {
		case e.State == ServerUp && !holdsSeed(e, step.Instance):
			s.fail(9, "%s starts without a dark lease on %s", step.Instance, e.URL)
		case e.State == ServerUnknown && slices.ContainsFunc(v.o.Instances, v.ready):
			s.fail(9, "%s starts although %s does not answer", step.Instance, e.URL)
		}
	}
}

func (s *simulation) checkDeregister(v sight, step Step) {
	i, ok := v.instance(step.Instance)
	if !ok || !v.ready(i) || v.d.desired.Deleted || v.replicas == 0 || v.spec.Strategy.Type == spec.Recreate || !s.opened[step.Instance] {
		return
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
	timedOut := !v.decision.Drains[step.Instance].IsZero() && !s.w.now.Before(v.decision.Drains[step.Instance].Add(seconds(v.spec.DrainTimeoutSeconds, 60)))
	for k, n := range s.w.nginx {
		if k >= len(v.o.Nginx) || n.state == ServerDown {
			continue
		}
		switch {
		case v.o.Nginx[k].State == ServerUnknown:
			s.fail(3, "%s is stopped although %s does not answer", c.Name, n.name)
		case n.changedAt.After(v.o.Began):
			// Nobody could know.
		case c.adopted && !n.included:
			s.fail(3, "%s is stopped and the user's own configuration of %s sends to it", c.Name, n.name)
		case n.routes(name, c.Name):
			s.fail(3, "%s is stopped and %s sends to it", c.Name, n.name)
		case n.mayReach(name, c.Name) && !timedOut:
			s.fail(3, "%s is stopped and an old worker of %s knows it", c.Name, n.name)
		}
	}
	if c.eurekaID != "" && !recreate {
		for _, e := range v.o.Eureka {
			if e.State == ServerUnknown {
				s.fail(3, "%s is stopped although %s does not answer", c.Name, e.URL)
			}
		}
		restarted := slices.ContainsFunc(s.w.eureka, func(e *worldEureka) bool { return e.restartedAt.After(v.o.Began) })
		if !restarted && !c.shownAt.IsZero() && s.w.now.Before(c.shownAt.Add(v.d.desired.PropagationTime)) {
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
	} else if fresh == 0 && v.o.Pull.State != WishDone {
		s.fail(7, "%s is stopped and the image of %s is not there", i.Name, v.decision.Target)
	}
}

func (s *simulation) checkReject(v sight, step Step) {
	r := step.Rejection
	if r == nil || r.Reason == "" {
		s.fail(11, "a rejection has no reason")
		return
	}
	exits := 0
	for _, i := range v.o.Instances {
		exits += count(i.Revision == step.Revision && i.State == ContainerExited && i.ExitCounts && !i.Retired)
	}
	if v.d.behaviours[step.Revision] == (behaviour{}) && exits < crashLoop {
		s.fail(11, "%s is rejected and is not at fault: %s", step.Revision, r.Reason)
	}
}

func (s *simulation) checkAccept(v sight) {
	ready := 0
	for _, i := range v.o.Instances {
		if i.Revision == v.decision.Target && v.ready(i) {
			ready++
		} else if i.Live() && !i.AddressOnly {
			s.fail(10, "%s is accepted while %s is live", v.decision.Target, i.Name)
		}
	}
	if ready != v.replicas {
		s.fail(10, "%s is accepted with %d of %d", v.decision.Target, ready, v.replicas)
	}
}

// checkWorld looks at what every dialler would reach now.
func (s *simulation) checkWorld() {
	s.checkConsumers()
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
	}
}

func (s *simulation) checkPhase(d *worldDeployment, decision Decision, running int) {
	replicas := *d.desired.Wanted.Deployment.Spec.Replicas
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
			if len(d.desired.Wanted.Deployment.Spec.Routes) > 0 && len(n.loaded[d.desired.Name.String()]) != replicas {
				s.fail(10, "%s: %s sends to %d of %d", d.desired.Name, n.name, len(n.loaded[d.desired.Name.String()]), replicas)
			}
		}
	}
}
