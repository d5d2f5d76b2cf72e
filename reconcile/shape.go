package reconcile

import (
	"slices"
	"sort"

	"github.com/segue-dev/segue/spec"
)

// shape is what a strategy wants now: how many to start, who serves, who retires. The sequencer finds the first safe
// steps towards it.
type shape struct {
	// heal is how many instances of the accepted revision to start, start how many of the target.
	heal, start int
	// missing is how many of the target are to start sooner or later: its image is fetched before room is made.
	missing int
	// serve are those that traffic goes to; all others get none.
	serve []*member
	// retire are those to stop once they are drained.
	retire []*member
	// floor is how many of serve must serve everywhere before an old one is taken out of Eureka.
	floor int
	// gap: nobody may serve for a while, and Eureka's caches are not waited for (Recreate).
	gap bool
	// promotion: everything is ready and waits for a person.
	promotion bool
}

// shapeOf asks the strategy.
func (s *scene) shapeOf() shape {
	var sh shape
	switch {
	case s.desired.Deleted:
		sh = s.emptied()
	case s.waitsForInclude():
		sh = s.untouched()
	case s.target.hold:
		sh = s.held()
	case s.lost():
		sh = s.unchanged()
	case s.blueGreen():
		sh = s.blueGreenShape()
	case s.terms.strategy == spec.Recreate:
		sh = s.recreateShape()
	default:
		sh = s.rollingShape()
	}
	s.lastServing(&sh)
	sort.Slice(sh.serve, func(i, j int) bool { return sh.serve[i].Name < sh.serve[j].Name })
	sort.Slice(sh.retire, func(i, j int) bool { return sh.retire[i].Name < sh.retire[j].Name })
	return sh
}

// emptied is the shape of a Deployment that is deleted. What segue did not start is only unrouted.
func (s *scene) emptied() shape {
	sh := shape{}
	for _, m := range s.current {
		if !m.Adopted {
			sh.retire = append(sh.retire, m)
		}
	}
	return sh
}

// untouched is the shape until the user's configuration includes segue's files: the first generation names exactly
// what runs, so that including it changes nothing.
func (s *scene) untouched() shape {
	return shape{serve: filter(s.current, func(m *member) bool { return m.Adopted || m.routed })}
}

// held is the shape after a rejection with nothing to go back to: what was never accepted and has been unready
// for long, is cold or sick goes, everything else stays, nothing starts.
func (s *scene) held() shape {
	sh := shape{}
	rejected := s.desired.Record.Rejected
	for _, m := range s.current {
		proven := m.Adopted || !m.target && s.hasAccepted && m.Revision == s.accepted.Hash
		cold := s.gatesOf(m.Revision).warmup && m.Health.Warm.State == WishFailed && !m.admitted()
		late := m.Health.Ready != Yes && !m.admitted() && rejected != nil && !m.Health.Since.After(rejected.At)
		if !proven && (m.failing() || cold || late || m.unreadyFor(s.now) >= patience) {
			sh.retire = append(sh.retire, m)
		}
	}
	sh.serve = available(s.current)
	if s.blueGreen() {
		sh.serve = available(ofRevision(s.current, s.servedRevision(s.current)))
	}
	sh.serve = s.neverNobody(sh.serve, s.current)
	sh.floor = min(1, len(sh.serve))
	return sh
}

// neverNobody keeps sick but living instances when nobody else is left: those of from that are sent to now. What is
// UP in Eureka only is not put into nginx for it, be that wanted or only left over.
func (s *scene) neverNobody(serve, from []*member) []*member {
	if len(serve) > 0 {
		return serve
	}
	var sick []*member
	for _, m := range from {
		if m.routed || m.up && len(s.observed.Nginx) == 0 {
			sick = append(sick, m)
		}
	}
	return sick
}

// surplus are the members beyond keep that a smaller number of replicas does without: failing and unavailable ones
// first, then idle ones, then the youngest.
func surplus(members []*member, keep int) (kept, gone []*member) {
	sorted := append([]*member(nil), members...)
	sort.SliceStable(sorted, func(i, j int) bool {
		a, b := sorted[i], sorted[j]
		switch {
		case a.failing() != b.failing():
			return b.failing()
		case a.available != b.available:
			return a.available
		case a.admitted() != b.admitted():
			return a.admitted()
		case a.routed != b.routed:
			return a.routed
		case a.N != b.N:
			return a.N < b.N
		default:
			return a.Name < b.Name
		}
	})
	keep = min(max(keep, 0), len(sorted))
	return sorted[:keep], sorted[keep:]
}

func available(members []*member) []*member {
	return filter(members, func(m *member) bool { return m.available })
}

func alive(members []*member) []*member {
	return filter(members, func(m *member) bool { return !m.failing() })
}

func ofRevision(members []*member, hash string) []*member {
	return filter(members, func(m *member) bool { return m.Revision == hash })
}

func filter(members []*member, keep func(*member) bool) []*member {
	var kept []*member
	for _, m := range members {
		if keep(m) {
			kept = append(kept, m)
		}
	}
	return kept
}

func contains(members []*member, name string) bool {
	return slices.ContainsFunc(members, func(m *member) bool { return m.Name == name })
}

func names(members []*member) []string {
	list := make([]string, 0, len(members))
	for _, m := range members {
		list = append(list, m.Name)
	}
	sort.Strings(list)
	return list
}
