package reconcile

import (
	"reflect"
	"slices"

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
	for _, w := range decision.Waits {
		if s.w.now.Before(w.Until) && (decision.Again.IsZero() || decision.Again.After(w.Until)) {
			s.fail(10, "%s waits for %s until %s and looks again only at %s", d.Name, w.Gate, w.Until, decision.Again)
		}
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
	shuffled.Nginx, shuffled.Eureka = slices.Clone(o.Nginx), slices.Clone(o.Eureka)
	slices.Reverse(shuffled.Nginx)
	slices.Reverse(shuffled.Eureka)
	shuffled.Peers = slices.Clone(o.Peers)
	slices.Reverse(shuffled.Peers)
	other := s.next(d, shuffled, s.w.now)
	if !reflect.DeepEqual(decision, other) {
		s.fail(6, "the order of the world changes the decision:\n%+v\n%+v", decision, other)
	}
}

// checkStep looks at one step just before it is taken.
func (s *simulation) checkStep(d *worldDeployment, o Observed, decision Decision, step Step) {
	v := sight{d: d, o: o, decision: decision, spec: d.desired.Wanted.Deployment.Spec}
	if decision.Target != d.desired.Wanted.Hash {
		v.spec = revisionOf(d.desired, decision.Target).Spec
	}
	v.replicas = *d.desired.Wanted.Deployment.Spec.Replicas
	v.most = v.replicas
	if decision.Target == AdoptedRevision {
		_, v.replicas = s.w.adopted(d)
		v.most = max(v.most, v.replicas)
	}
	switch step.Kind {
	case Route:
		s.checkLastFront(v, step)
		s.checkRoute(v, step)
	case Start:
		s.checkStart(v, step)
	case Register:
		if IsFront(step.Instance) {
			s.checkFrontOpens(v, step)
			break
		}
		s.checkAdmission(v, step.Instance, 9)
		s.checkWord(v, step.Instance)
	case Deregister:
		if IsFront(step.Instance) {
			s.checkFrontCloses(v, step)
			break
		}
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
			if i.State != ContainerRunning || i.Leaving() {
				s.fail(1, "%s is routed and is %s, retired %v", i.Name, i.State, i.Retired)
			}
			continue
		}
		if v.routed(i) && i.State == ContainerRunning && !i.Leaving() {
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
	if !revisionOf(v.d.desired, step.Revision).Spec.SelfRegisters() {
		return
	}
	if i, ok := v.instance(step.Instance); ok && i.Adopted && i.EurekaID == "" {
		return // It was in no registry, whatever the manifest says by now.
	}
	for _, e := range v.o.Eureka {
		switch {
		case e.State == ServerUp && !holdsSeed(e, step.Instance):
			s.fail(9, "%s starts without a dark lease on %s", step.Instance, e.URL)
		case e.State == ServerUnknown && slices.ContainsFunc(v.o.Instances, func(i Instance) bool { return !i.Adopted && v.ready(i) }):
			s.fail(9, "%s starts although %s does not answer", step.Instance, e.URL)
		}
	}
}

func (s *simulation) checkReject(v sight, step Step) {
	r := step.Rejection
	if r == nil || r.Reason == "" {
		s.fail(11, "a rejection has no reason")
		return
	}
	if _, all := s.w.adopted(v.d); step.Revision == AdoptedRevision && all == 0 {
		return // Somebody removed them.
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
