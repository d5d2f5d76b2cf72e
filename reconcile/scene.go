package reconcile

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/segue-dev/segue/spec"
)

// scene is everything that one decision looks at, joined and sorted, and the decision as it grows.
type scene struct {
	desired  Desired
	observed Observed
	now      time.Time
	target   target
	terms    terms
	// accepted is the revision to heal with and to go back to; hasAccepted says whether there is one.
	accepted    Revision
	hasAccepted bool

	// current are the instances that run and are not retired, by name; next, of the target revision, and old, the
	// others, share them. live counts what has not exited and is segue's to stop.
	current, fresh, old       []*member
	created, exited, retiring []*member
	live                      int

	// heldStart says why no instance of a new revision may start, heldAdmit why none may be admitted; "" when they may.
	heldStart, heldAdmit string
	// fault: something around the Deployment does not work.
	fault Culprit

	decision Decision
}

func newScene(d Desired, o Observed, now time.Time) *scene {
	o.Nginx = inOrder(o.Nginx, func(a, b NginxServer) int { return strings.Compare(a.Name, b.Name) })
	o.Fronts = inOrder(o.Fronts, func(a, b Front) int {
		return cmp.Or(strings.Compare(a.Server, b.Server), strings.Compare(a.Name, b.Name), strings.Compare(a.Nginx, b.Nginx))
	})
	o.Eureka = inOrder(o.Eureka, func(a, b EurekaServer) int { return strings.Compare(a.URL, b.URL) })
	o.Peers = inOrder(o.Peers, func(a, b Peer) int { return strings.Compare(a.URL, b.URL) })
	s := &scene{desired: d, observed: o, now: now, target: chooseTarget(d)}
	s.terms = termsOf(s.target.revision.Deployment.Spec, d.Wanted.Deployment.Spec)
	s.accepted, s.hasAccepted = lastAccepted(d.Record.Accepted, "")
	if s.hasAccepted && (s.target.back || s.target.hold) {
		s.accepted, s.hasAccepted = lastAccepted(d.Record.Accepted, d.Wanted.Hash)
	}
	s.decision = Decision{Target: s.target.revision.Hash, Clock: d.Record.Clock, SwitchedAt: d.Record.SwitchedAt}
	switch {
	case s.target.hold:
		// Whoever tries it again begins anew.
		s.decision.Clock = Clock{}
	case s.decision.Clock.Revision != s.target.revision.Hash:
		s.decision.Clock = Clock{Revision: s.target.revision.Hash, Begun: now}
		s.decision.SwitchedAt = time.Time{}
	}
	s.decision.Revived = d.Record.Revived || s.target.adopted()
	s.sort()
	s.countAdopted()
	s.hold()
	return s
}

// inOrder is list, sorted; list itself is not changed.
func inOrder[T any](list []T, compare func(a, b T) int) []T {
	if slices.IsSortedFunc(list, compare) {
		return list
	}
	list = slices.Clone(list)
	slices.SortFunc(list, compare)
	return list
}

// sort puts every instance where it belongs.
func (s *scene) sort() {
	members := make([]*member, 0, len(s.observed.Instances))
	for _, i := range s.observed.Instances {
		worker := !s.terms.hasRoutes && !s.terms.hasEureka && s.hasAccepted && i.Revision == s.accepted.Hash
		trusted := i.Adopted && !s.hasAccepted
		m := memberOf(i, s.target.revision.Hash, s.gatesOf(i.Revision), worker, trusted, s.now)
		s.silence(m)
		members = append(members, m)
	}
	slices.SortFunc(members, func(a, b *member) int { return strings.Compare(a.Name, b.Name) })
	for _, m := range members {
		i := &m.Instance
		if s.inert(m) {
			continue
		}
		if i.Live() && !i.AddressOnly {
			s.live++
		}
		switch {
		case i.State == ContainerExited, i.Adopted && i.State == ContainerCreated:
			s.exited = append(s.exited, m)
		case i.State == ContainerCreated:
			s.created = append(s.created, m)
		case i.Leaving():
			s.retiring = append(s.retiring, m)
		default:
			s.current = append(s.current, m)
			if m.target {
				s.fresh = append(s.fresh, m)
			} else {
				s.old = append(s.old, m)
			}
		}
	}
}

// hold finds what holds new revisions back and whose fault that is.
func (s *scene) hold() {
	switch {
	case s.target.hold:
		s.heldStart = s.target.reason
	case s.paused() && !s.carries():
		s.heldStart, s.heldAdmit = "the rollout is paused", "the rollout is paused"
		s.wait(Wait{Gate: "pause", Reason: "paused; segue rollout resume goes on"})
	case s.waitsForInclude():
		s.heldStart = "the user's nginx configuration does not include segue's files yet"
		s.wait(Wait{Gate: "include", On: s.missingInclude(), Reason: s.heldStart})
	case s.target.rollout && len(s.observed.Dependencies) > 0:
		dependencies := append([]string(nil), s.observed.Dependencies...)
		sort.Strings(dependencies)
		s.heldStart = "waits for " + dependencies[0]
		for _, on := range dependencies {
			s.wait(Wait{Gate: "dependency", On: on, Reason: "a new revision starts when it is available"})
		}
	case s.target.rollout:
		if shut, held := s.holdServer(); held {
			s.heldStart = shut.On + ": " + shut.Reason
			s.wait(shut)
			s.again(s.now.Add(poll))
		}
	}
	s.fault = s.culprit()
}

// paused: a person or the manifest wants the rollout to stand still.
func (s *scene) paused() bool {
	return (s.terms.paused || s.desired.Record.Paused) && s.target.rollout
}

// carries: the target alone has the traffic, or had it until its instances died and there is nothing proven to start
// instead. Then a pause holds no starts and no admissions any more: they are healing.
func (s *scene) carries() bool {
	for _, m := range s.old {
		if m.admitted() {
			return false
		}
	}
	for _, m := range s.fresh {
		if m.admitted() {
			return true
		}
	}
	return !s.mayHeal() && len(s.old) == 0 && len(s.exitsOf(s.target.revision.Hash)) > 0
}

// culprit is the first thing around the Deployment that does not work; its zero value when all does.
func (s *scene) culprit() Culprit {
	o := s.observed
	switch {
	case o.StartFailed.State == WishFailed && !o.StartFailed.Own:
		return Culprit{Name: "start", Reason: o.StartFailed.Reason}
	case o.Pull.State == WishFailed && !o.Pull.Own:
		return Culprit{Name: "pull", Reason: o.Pull.Reason}
	}
	down := 0
	for _, server := range o.Nginx {
		switch server.State {
		case ServerUnknown:
			return Culprit{Name: "nginx/" + server.Name, Reason: orWords(server.Reason, "it does not answer")}
		case ServerDown:
			down++
		}
	}
	if down > 0 && down == len(o.Nginx) {
		return Culprit{Name: "nginx/" + o.Nginx[0].Name, Reason: orWords(o.Nginx[0].Reason, "it is down")}
	}
	for _, server := range o.Eureka {
		if server.State == ServerUnknown {
			return Culprit{Name: "eureka " + server.URL, Reason: orWords(server.Reason, "it does not answer")}
		}
	}
	return Culprit{}
}

// orWords is what was said, or otherwise.
func orWords(said, otherwise string) string {
	if said == "" {
		return otherwise
	}
	return said
}

// waitsForInclude: something was adopted and some server does not serve what segue writes yet, so the user's own
// configuration still sends to what runs; that of a server which is down will when it is back. An instance that was
// started since proves that each did: one that does not answer for a while does not bring the wait back.
func (s *scene) waitsForInclude() bool {
	if s.hasAccepted || !s.anyAdopted() || slices.ContainsFunc(s.current, func(m *member) bool { return !m.Adopted }) {
		return false
	}
	return slices.ContainsFunc(s.observed.Nginx, func(server NginxServer) bool { return server.Included != Yes })
}

func (s *scene) anyAdopted() bool {
	return slices.ContainsFunc(s.current, func(m *member) bool { return m.Adopted })
}

// wait tells of a gate that is shut, and looks again when it opens.
func (s *scene) wait(w Wait) {
	s.decision.Waits = append(s.decision.Waits, w)
	if s.now.Before(w.Until) {
		s.again(w.Until)
	}
}

func (s *scene) step(step Step) { s.decision.Steps = append(s.decision.Steps, step) }

// again asks to look once more at t, or earlier if something else asks for that.
func (s *scene) again(t time.Time) {
	if s.decision.Again.IsZero() || t.Before(s.decision.Again) {
		s.decision.Again = t
	}
}

func (s *scene) blueGreen() bool { return s.terms.strategy == spec.BlueGreen }
