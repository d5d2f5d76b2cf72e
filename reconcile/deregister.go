package reconcile

import (
	"fmt"
	"slices"
)

// close takes out of Eureka what no longer serves, once enough of the others are UP and visible everywhere. To close as
// soon as they are UP would save a turn of the servers' cached lists (30 s), and no list would ever be empty. But the
// first call would then come when nobody knows the old ones any more; as it is they share the calls for a turn, and a
// revision that dies of being called is found while the old one still is.
func (s *scene) close(sh shape) {
	visible, registered, serving, succeeding := 0, 0, 0, 0
	for _, m := range sh.serve {
		serving += count(m.available && m.serves())
		succeeding += count(m.target && m.available && m.serves())
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
		enough = enough || s.replacedIn(m, sh, max(floor, 1)) || s.inTheWay(m, sh) || registered == 0 && s.takesRoom(m, sh)
		others := succeeding
		if s.anyoneSucceeds(m) {
			others = serving
		}
		if !m.target && registered == 0 && others >= max(sh.floor, 1) && s.someFrontFound() {
			enough = true // Nobody registers any more, or nginx does.
		}
		if m.Leaving() || s.desired.Deleted || s.target.hold && contains(sh.retire, m.Name) || sh.gap || s.terms.replicas == 0 {
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

// anyoneSucceeds: whoever serves is as good as the target in place of m. Instances are not registered, or nginx is; or m
// was never accepted, so that without it things are as they were before.
func (s *scene) anyoneSucceeds(m *member) bool {
	accepted := slices.ContainsFunc(s.desired.Record.Accepted, func(r Revision) bool { return r.Hash == m.Revision })
	return !s.terms.hasEureka || s.terms.proxied || !m.Adopted && !accepted || slices.ContainsFunc(s.observed.Fronts, Front.IsUp)
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

// inTheWay: m is sick, another one holds the fort in nginx or stays registered, and nothing that could work may start
// before m has gone.
func (s *scene) inTheWay(m *member, sh shape) bool {
	if m.ready || m.routed || !contains(sh.retire, m.Name) || s.live < s.terms.maxLive() {
		return false
	}
	return len(sh.serve) > 0 || slices.ContainsFunc(s.current, func(other *member) bool {
		return other.up && !contains(sh.retire, other.Name)
	})
}

// takesRoom: m is left over from a revision that was overtaken, nobody who serves is registered, and the target lacks
// room for its instances. As many go as it lacks, and one stays for whoever finds them in Eureka.
func (s *scene) takesRoom(m *member, sh shape) bool {
	lacking := s.live + sh.missing - s.terms.maxLive()
	left := filter(s.current, func(other *member) bool {
		return !other.target && other.EurekaID != "" && s.isUp(other) && contains(sh.retire, other.Name)
	})
	last := max(len(left)-lacking, 1)
	return lacking > 0 && last < len(left) && contains(left[last:], m.Name)
}

// isUp: some server that is not down has m UP in its live registry.
func (s *scene) isUp(m *member) bool {
	return slices.ContainsFunc(m.Eureka, func(fact EurekaFact) bool { return fact.State != ServerDown && fact.Lease.Status == LeaseUp })
}
