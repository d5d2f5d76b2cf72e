package reconcile

import (
	"fmt"
	"slices"
	"sort"
)

// blueGreenShape: all blue until every green is ready and promoted; then all green. nginx never routes to two
// revisions.
//
//	may start   min(replicas − new, 2·replicas − live); with slots one per free slot
//	serving     blue | green
//	retires     blue after the cut-over and scaleDownDelay; any third revision at once
func (s *scene) blueGreenShape() shape {
	t := s.terms
	kept, gone := surplus(alive(s.fresh), t.replicas)
	ready := available(kept)
	failing, drop := s.failingFresh(len(ready))
	blueHash := s.servedRevision(s.findable())
	blue, blueGone := surplus(ofRevision(s.old, blueHash), t.most)
	others := filter(s.old, func(m *member) bool { return m.Revision != blueHash })

	sh := shape{retire: append(append(append(gone, drop...), others...), blueGone...)}
	green := s.cutOver(ready, blue)
	switch {
	case t.replicas == 0:
	case green:
		sh.serve = s.better(s.admissible(kept), available(blue))
		sh.serve = s.neverNobody(sh.serve, append(slices.Clone(kept), failing...))
		sh.serve = s.neverNobody(sh.serve, s.old)
	default:
		sh.serve = s.neverNobody(available(blue), blue)
		sh.serve = s.neverNobody(sh.serve, ofRevision(s.old, blueHash))
		sh.serve = s.neverNobody(sh.serve, s.old)
	}
	sh.floor = len(sh.serve)
	s.promotionGate(&sh, green, len(ready))
	s.afterCutOver(&sh, green, ready, blue)

	budget := max(t.maxLive()-s.live, 0)
	if s.mayHeal() && !green && (blueHash == "" || blueHash == s.accepted.Hash) {
		sh.heal = clamp(t.most-len(alive(blue)), budget)
	}
	if s.heldStart == "" {
		sh.missing = t.replicas - len(kept)
		sh.start = clamp(sh.missing, budget-sh.heal)
	}
	return sh
}

// better chooses after the cut-over has begun: green, unless less of it works than of a blue that something still sends
// to. A warm blue that works is better than a sick green; what nothing sends to any more stays where it is.
func (s *scene) better(green, blue []*member) []*member {
	if len(green) == 0 {
		return blue
	}
	for _, m := range blue {
		if (m.routed || m.up && !s.terms.hasRoutes) && len(green) < min(len(blue), s.terms.replicas) {
			return blue
		}
	}
	return green
}

// cutOver: traffic belongs to the target. Once some server sends to it there is no way back but another target.
func (s *scene) cutOver(ready, blue []*member) bool {
	for _, m := range s.fresh {
		if m.routed || !s.terms.hasRoutes && m.up && !s.decision.SwitchedAt.IsZero() {
			return true
		}
	}
	if s.heldAdmit != "" || !s.promoted() {
		return false
	}
	blueWorks := len(filter(blue, func(m *member) bool { return m.available || m.admitted() })) > 0
	return len(ready) >= s.terms.replicas || len(ready) > 0 && !blueWorks
}

// promoted: nobody needs to be asked. The first revision, the way back and healing never wait for a person.
func (s *scene) promoted() bool {
	return s.terms.autoPromote || !s.target.rollout || !s.hasAccepted && !s.anyAdopted() ||
		s.desired.Record.Promoted == s.target.revision.Hash
}

func (s *scene) promotionGate(sh *shape, green bool, ready int) {
	if green || s.promoted() || s.terms.replicas == 0 || ready < s.terms.replicas || s.heldAdmit != "" {
		return
	}
	sh.promotion = true
	s.wait(Wait{Gate: "promotion", Reason: fmt.Sprintf("%d new instances are ready and dark; segue promote switches to them", ready)})
}

// afterCutOver keeps blue warm until the delay is over. A revision that is gone back from gets no delay.
func (s *scene) afterCutOver(sh *shape, green bool, ready, blue []*member) {
	if s.terms.replicas == 0 {
		sh.retire = append(sh.retire, blue...)
		return
	}
	if !green || len(ready) < s.terms.replicas {
		return
	}
	for _, m := range sh.serve {
		if !m.serves() || !m.target {
			return
		}
	}
	if s.decision.SwitchedAt.IsZero() {
		s.decision.SwitchedAt = s.now
	}
	if s.paused() && len(blue) > 0 {
		s.wait(Wait{Gate: "pause", Reason: "paused; the old set stays warm until segue rollout resume"})
		return
	}
	until := s.decision.SwitchedAt.Add(s.terms.scaleDownDelay)
	if s.target.back || !s.now.Before(until) {
		sh.retire = append(sh.retire, blue...)
		return
	}
	if len(blue) > 0 {
		s.wait(Wait{Gate: "delay", Since: s.decision.SwitchedAt, Until: until, Reason: fmt.Sprintf("the old set stays warm for scaleDownDelaySeconds (%d)", int(s.terms.scaleDownDelay.Seconds()))})
	}
}

// findable are the old ones that blue may be of: where the target registers its instances, those of a proven revision that
// consumers of Eureka find and of which no fewer work, and nobody else. nginx can be sent back to them; consumers cannot
// be sent on to a revision that registers nobody.
func (s *scene) findable() []*member {
	if !s.terms.hasEureka || s.terms.proxied {
		return s.old
	}
	work := func(m *member) int { return len(available(ofRevision(s.old, m.Revision))) }
	most := 0
	for _, m := range s.old {
		most = max(most, min(work(m), s.terms.replicas))
	}
	found := func(m *member) bool { return m.up && (m.Adopted || s.wasAccepted(m.Revision)) && work(m) >= most }
	if !slices.ContainsFunc(s.old, found) {
		return s.old
	}
	return filter(s.old, func(m *member) bool { return slices.ContainsFunc(ofRevision(s.old, m.Revision), found) })
}

// servedRevision is the one revision of members that traffic is with: the one that most servers send to, then the
// one with the most available instances, then the accepted one. After an edit in mid-cut-over two old revisions may
// both be routed; only one of them goes on.
func (s *scene) servedRevision(members []*member) string {
	type score struct {
		hash                               string
		works                              bool
		routes, ups, available, isAccepted int
	}
	scores := map[string]*score{}
	var list []*score
	for _, m := range members {
		one := scores[m.Revision]
		if one == nil {
			one = &score{hash: m.Revision}
			if m.Revision == s.accepted.Hash {
				one.isAccepted = 1
			}
			scores[m.Revision] = one
			list = append(list, one)
		}
		one.works = one.works || m.available
		one.available += count(m.available)
		for _, fact := range m.Nginx {
			one.routes += count(fact.Routed == Yes)
		}
		one.ups += count(m.up)
	}
	if len(list) == 0 {
		return ""
	}
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		switch {
		case a.works != b.works:
			return a.works
		case a.routes != b.routes:
			return a.routes > b.routes
		case a.ups != b.ups:
			return a.ups > b.ups
		case a.isAccepted != b.isAccepted:
			return a.isAccepted > b.isAccepted
		case a.available != b.available:
			return a.available > b.available
		default:
			return a.hash < b.hash
		}
	})
	return list[0].hash
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

func orElse(first, second []*member) []*member {
	if len(first) > 0 {
		return first
	}
	return second
}
