package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// poll is how soon to look again while something is under way that may end without an event.
const poll = time.Second

// sequence turns a shape into its first safe steps, in the fixed order: open the admitted in Eureka, route exactly
// the serving set, deregister the rest, start what is missing, retire what is drained. Every gate that is shut is a
// step that is not there.
func (s *scene) sequence(sh shape) {
	s.bury()
	s.stopping()
	s.open(sh)
	s.route(sh)
	s.close(sh)
	s.starts(sh)
	s.warm()
	s.retire(sh)
}

// bury removes debris and what is left of exited instances: first their leases, then, 35 s after the exit, themselves.
func (s *scene) bury() {
	for _, m := range s.created {
		s.step(Step{Kind: Remove, Instance: m.Name, Revision: m.Revision, Reason: "its start was cut short"})
	}
	kept := s.keptExits()
	for _, m := range s.exited {
		if m.Adopted {
			continue
		}
		clean := s.leaseGone(m)
		if clean && !contains(kept, m.Name) && !m.routed {
			s.step(Step{Kind: Remove, Instance: m.Name, Revision: m.Revision, Reason: exitReason(m)})
		}
	}
}

func exitReason(m *member) string {
	if m.Retired {
		return "it has stopped"
	}
	return fmt.Sprintf("it exited with code %d", m.ExitCode)
}

// leaseTime is how long after an exit an app's last heartbeat or a replicating peer may still bring its lease back.
const leaseTime = 35 * time.Second

// leaseGone proposes to delete what an exited instance left in Eureka, and answers whether nothing is left and will
// come back.
func (s *scene) leaseGone(m *member) bool {
	if m.EurekaID == "" {
		return true
	}
	gone, known := true, true
	for _, server := range s.observed.Eureka {
		fact := eurekaFact(m, server.URL)
		switch {
		case server.State == ServerDown || fact.State == ServerDown:
		case fact.State == ServerUnknown:
			known = false
		case fact.Lease.Status != LeaseNone:
			gone = false
		}
	}
	if !gone {
		s.step(Step{Kind: Deregister, Instance: m.Name, Revision: m.Revision, Reason: exitReason(m) + "; its lease is deleted"})
		s.again(s.now.Add(poll))
		return false
	}
	until := m.ExitedAt.Add(leaseTime)
	if s.now.Before(until) {
		s.again(until)
		return false
	}
	return known
}

// stopping goes on with what is being stopped.
func (s *scene) stopping() {
	for _, m := range s.retiring {
		s.step(Step{Kind: Retire, Instance: m.Name, Revision: m.Revision, Repeat: true, Reason: "it is being stopped"})
		s.again(s.now.Add(poll))
	}
}

// open proposes to make UP what serves: what is ready and, where the app registers itself, dark on every server that
// answers.
func (s *scene) open(sh shape) {
	for _, m := range sh.serve {
		if !m.available || m.EurekaID == "" || s.desired.Deleted {
			continue
		}
		missing, shut := s.notUp(m, sh)
		if shut.Gate != "" {
			s.wait(shut)
			s.again(s.now.Add(poll))
		}
		if missing == "" || shut.Gate == "register" {
			continue
		}
		s.step(Step{Kind: Register, Instance: m.Name, Revision: m.Revision, Reason: "it is ready and not UP yet at " + missing})
		s.again(s.now.Add(poll))
	}
}

// notUp names a server that has yet to show m UP, and the gate that is shut: "register" while the app's own POST is
// missing, "visible" while only the consumers' view lags.
func (s *scene) notUp(m *member, sh shape) (missing string, shut Wait) {
	for _, server := range s.observed.Eureka {
		fact := eurekaFact(m, server.URL)
		if server.State == ServerDown || fact.State == ServerDown {
			continue
		}
		if fact.State == ServerUnknown {
			if s.someoneServes(sh, m) {
				return missing, Wait{Gate: "register", On: m.Name, Reason: "eureka " + server.URL + " does not answer"}
			}
			continue
		}
		lease := fact.Lease
		switch {
		case !s.gatesOf(m.Revision).managed && !m.Adopted && !lease.Own:
			reason := "its own registration is not at eureka " + server.URL + " yet"
			if lease.Mismatch != "" {
				reason = "eureka " + server.URL + ": " + lease.Mismatch
			}
			return missing, Wait{Gate: "register", On: m.Name, Reason: reason}
		case lease.Status != LeaseUp:
			missing = strings.TrimPrefix(missing+", "+server.URL, ", ")
		case lease.Visible != Yes:
			shut = Wait{Gate: "visible", On: m.Name, Reason: "consumers of eureka " + server.URL + " do not see it yet"}
		}
	}
	return missing, shut
}

// someoneServes: another instance than m is UP somewhere.
func (s *scene) someoneServes(sh shape, m *member) bool {
	for _, other := range s.current {
		if other != m && other.up && other.ready {
			return true
		}
	}
	return false
}

// route proposes the one wish that makes every server send to exactly the serving set.
func (s *scene) route(sh shape) {
	if len(s.observed.Nginx) == 0 {
		return
	}
	serving := names(sh.serve)
	reason, allDown := "", true
	for _, server := range s.observed.Nginx {
		allDown = allDown && server.State == ServerDown
		if server.State == ServerDown || server.State == ServerUnknown && server.Serves == nil {
			continue
		}
		served, rendered := server.Serves[s.desired.Name.String()]
		served = slices.Sorted(slices.Values(served))
		if rendered && slices.Equal(served, serving) {
			continue
		}
		reason = routeReason(served, serving)
	}
	if allDown && s.observed.Wished != nil && !slices.Equal(s.observed.Wished, serving) {
		reason = routeReason(s.observed.Wished, serving) + "; once nginx is back"
	}
	if reason == "" {
		return
	}
	gate := Wait{Gate: "route", Since: s.observed.RouteWish.At, Reason: s.routeWait()}
	if server := s.missingInclude(); server != "" {
		gate.Gate, gate.On = "include", server
	}
	s.wait(gate)
	if s.observed.RouteWish.State == WishFailed && s.fault.Name == "" {
		s.fault = Culprit{Name: "nginx", Reason: s.observed.RouteWish.Reason}
	}
	repeat, retryAt := s.wished(serving)
	if s.now.Before(retryAt) {
		s.again(retryAt)
		return
	}
	s.again(s.now.Add(poll))
	s.step(Step{Kind: Route, Revision: s.target.revision.Hash, Serving: serving, Preview: s.preview(sh), Repeat: repeat, Reason: reason})
}

// wished answers whether the same was asked for before and what became of it is still to be seen, and when to ask
// again for what failed.
func (s *scene) wished(serving []string) (repeat bool, retryAt time.Time) {
	o := s.observed
	if o.Wished != nil && !slices.Equal(o.Wished, serving) {
		return false, time.Time{}
	}
	switch o.RouteWish.State {
	case WishPending:
		return true, time.Time{}
	case WishFailed:
		return true, o.RouteWish.At.Add(5 * poll)
	case WishDone:
		// The files say so and a server does not serve them: they are not included, or it has yet to come back.
		return o.Wished != nil && s.missingInclude() != "", time.Time{}
	default:
		return false, time.Time{}
	}
}

// missingInclude names a server that does not include segue's files; "" when all that answer do.
func (s *scene) missingInclude() string {
	for _, server := range s.observed.Nginx {
		if server.State == ServerUp && server.Included == No {
			return server.Name
		}
	}
	return ""
}

func (s *scene) routeWait() string {
	if server := s.missingInclude(); server != "" {
		return "its configuration does not include segue's files yet, so nothing is sent from there"
	}
	if s.observed.RouteWish.Reason != "" {
		return s.observed.RouteWish.Reason
	}
	return "nginx has yet to serve the new set"
}

func routeReason(served, serving []string) string {
	if len(serving) == 0 {
		return "nobody is left to send to: answer 503"
	}
	var in, out int
	for _, name := range serving {
		in += count(!slices.Contains(served, name))
	}
	for _, name := range served {
		out += count(!slices.Contains(serving, name))
	}
	switch {
	case in == 0:
		return fmt.Sprintf("send to %d; %d go", len(serving), out)
	case out == 0:
		return fmt.Sprintf("send to %d; %d new", len(serving), in)
	default:
		return fmt.Sprintf("send to %d; %d new, %d go", len(serving), in, out)
	}
}

// preview are the instances of the other colour that live beside the serving one.
func (s *scene) preview(sh shape) []string {
	if !s.blueGreen() {
		return nil
	}
	return names(filter(s.current, func(m *member) bool {
		return !contains(sh.serve, m.Name) && !contains(sh.retire, m.Name) && m.ready
	}))
}

// close takes out of Eureka what no longer serves, once enough of the others are UP and visible everywhere.
func (s *scene) close(sh shape) {
	visible, registered := 0, 0
	for _, m := range sh.serve {
		registered += count(m.EurekaID != "")
		visible += count(m.available && m.servesEureka && m.EurekaID != "")
	}
	floor := min(sh.floor, registered)
	for _, m := range append(append([]*member(nil), s.current...), s.retiring...) {
		if contains(sh.serve, m.Name) || m.EurekaID == "" || !s.isUp(m) {
			continue
		}
		enough := visible >= floor && visible > 0
		if dark := m.target && !contains(sh.retire, m.Name); dark || !m.available {
			// It should not be UP at all: it is sick, or its server restarted and forgot that it is dark.
			enough = s.replacedIn(m, sh, 1)
		}
		enough = enough || s.replacedIn(m, sh, max(floor, 1))
		if m.Retired || s.desired.Deleted || s.target.hold && contains(sh.retire, m.Name) || sh.gap || s.terms.replicas == 0 {
			enough = true
		}
		if !enough {
			s.wait(Wait{Gate: "visible", On: m.Name, Reason: fmt.Sprintf("stays registered until %d others are seen by every consumer; %d are", floor, visible)})
			s.again(s.now.Add(poll))
			continue
		}
		s.step(Step{Kind: Deregister, Instance: m.Name, Revision: m.Revision, Reason: "it no longer serves"})
		s.again(s.now.Add(poll))
	}
}

// replacedIn: on every server that has m UP, so many instances that serve are UP too, available or no sicker than m, so
// that the view that consumers read next has those without m; a server that shows m to consumers shows them those as
// well.
func (s *scene) replacedIn(m *member, sh shape, need int) bool {
	for _, fact := range m.Eureka {
		if fact.State == ServerDown || fact.Lease.Status != LeaseUp {
			continue
		}
		found := 0
		for _, other := range sh.serve {
			lease := eurekaFact(other, fact.Server).Lease
			found += count((other.available || !m.ready) && lease.Status == LeaseUp && (lease.Visible == Yes || fact.Lease.Visible != Yes))
		}
		if found < need {
			return false
		}
	}
	return true
}

// isUp: some server that is not down has m UP in its live registry.
func (s *scene) isUp(m *member) bool {
	for _, fact := range m.Eureka {
		if fact.State != ServerDown && fact.Lease.Status == LeaseUp {
			return true
		}
	}
	return false
}

// warm asks for the warm-up of what is ready but not yet warm. A failed one is tried again after a while.
func (s *scene) warm() {
	if s.desired.Deleted {
		return
	}
	for _, m := range s.current {
		if !m.ready || m.available || m.Adopted || !s.gatesOf(m.Revision).warmup {
			continue
		}
		wish := m.Health.Warm
		retryAt := wish.At.Add(5 * time.Second)
		switch {
		case wish.State == WishNone, wish.State == WishFailed && !s.target.hold && !s.now.Before(retryAt):
			s.step(Step{Kind: Warm, Instance: m.Name, Revision: m.Revision, Reason: "it is ready and gets its first requests"})
		case wish.State == WishFailed && !s.target.hold:
			s.again(retryAt)
		}
	}
}

// retire stops what is drained, and says of the others what they wait for.
func (s *scene) retire(sh shape) {
	for _, m := range sh.retire {
		if contains(sh.serve, m.Name) || m.AddressOnly && !m.admitted() {
			continue
		}
		drained, shut := s.drained(m, sh.gap && (!m.target || m.failing()))
		if !drained {
			s.wait(shut)
			if !shut.Until.IsZero() {
				s.again(shut.Until)
			} else {
				s.again(s.now.Add(poll))
			}
			continue
		}
		if m.AddressOnly {
			continue
		}
		s.step(Step{Kind: Retire, Instance: m.Name, Revision: m.Revision, Repeat: !m.RetiredAt.IsZero(), Reason: s.retireReason(m)})
		s.again(s.now.Add(poll))
	}
}

func (s *scene) retireReason(m *member) string {
	switch {
	case s.desired.Deleted:
		return "the deployment is deleted and nothing sends to it"
	case m.failing():
		return "its liveness probe failed: " + m.Health.Last
	case s.target.hold:
		return "it is not ready and " + s.target.reason
	case m.target:
		return fmt.Sprintf("%d replicas are enough", s.terms.replicas)
	default:
		return "nothing sends to it and its revision goes"
	}
}
