package reconcile

import (
	"sort"
	"time"
)

// patience is how long an old instance may be not ready before it goes without anything in its place: a shared
// database that blinks for 10 s must stop nobody.
const patience = 60 * time.Second

// rollingShape: every ready new instance serves, and just enough ready old ones to keep the floor.
//
//	may start   min(replicas − new, replicas + surge − live)
//	serving     ready new + (floor − ready new) ready old
//	retires     the other ready old, idle ones first; not-ready old within the budget or after patience
func (s *scene) rollingShape() shape {
	t := s.terms
	kept, gone := surplus(alive(s.fresh), t.replicas)
	admissible := s.admissible(kept)
	floor := t.floor
	if len(admissible) < t.replicas {
		floor = t.most - t.unavailable
	}
	if !s.startable() {
		floor = t.most
	}
	keptOld, goneOld := s.keepOld(max(floor-len(admissible), 0), len(admissible))
	failing, drop := s.failingFresh(len(admissible))

	sh := shape{retire: append(append(gone, goneOld...), drop...)}
	sh.serve = append(append(sh.serve, admissible...), available(keptOld)...)
	if t.replicas > 0 {
		remain := append(append(append([]*member(nil), kept...), keptOld...), failing...)
		sh.serve = s.neverNobody(sh.serve, remain)
		sh.serve = s.neverNobody(sh.serve, s.current)
	}
	sh.floor = min(t.floor, len(sh.serve))
	s.rollingStarts(&sh, len(kept), floor)
	return sh
}

// rollingStarts heals with the accepted revision up to the floor before anything new starts: after an engine restart
// in mid-rollout the proven revision comes back first.
func (s *scene) rollingStarts(sh *shape, kept, floor int) {
	budget := max(s.terms.maxLive()-s.live, 0)
	if s.mayHeal() {
		serving := kept
		if s.heldAdmit != "" {
			serving = len(s.admissible(s.fresh))
		}
		sh.heal = clamp(floor-len(alive(s.old))-serving, budget)
	}
	if s.heldStart == "" {
		sh.missing = s.terms.replicas - kept
		sh.start = clamp(sh.missing, budget-sh.heal)
	}
}

// keepOld divides the old instances into those that stay, want of them if there are so many, and those that go.
func (s *scene) keepOld(want, admitted int) (kept, gone []*member) {
	sorted := append([]*member(nil), s.old...)
	rank := func(m *member) int {
		switch {
		case m.available && m.admitted():
			return 0
		case m.available:
			return 1
		case !m.failing() && m.unreadyFor(s.now) < patience:
			return 2
		case !m.admitted():
			return 5
		case m.failing():
			return 4
		default:
			return 3
		}
	}
	sort.SliceStable(sorted, func(i, j int) bool {
		a, b := sorted[i], sorted[j]
		switch {
		case rank(a) != rank(b):
			return rank(a) < rank(b)
		case a.senders() != b.senders():
			return a.senders() > b.senders()
		}
		if (a.Revision == s.accepted.Hash) != (b.Revision == s.accepted.Hash) {
			return a.Revision == s.accepted.Hash
		}
		return a.N < b.N
	})
	// While nobody at all is available, sick ones that are sent to hold the fort however long they have been sick; else
	// those beyond patience are replaced.
	limit := 3
	if admitted == 0 && len(available(s.old)) == 0 {
		limit = 5
	}
	for _, m := range sorted {
		if len(kept) < want && rank(m) < limit {
			kept = append(kept, m)
		} else {
			gone = append(gone, m)
		}
	}
	return kept, gone
}

// failingFresh divides the target's instances that failed their liveness probe into those that stay until their
// replacement is ready and those that may be dropped: all once enough others are available, old ones too where no more
// may live, else as many as the budget allows.
func (s *scene) failingFresh(admissible int) (stay, drop []*member) {
	failing := filter(s.fresh, (*member).failing)
	full := s.live >= s.terms.maxLive()
	switch {
	case admissible >= s.terms.replicas, admissible > 0 && full:
		return nil, failing
	case full && len(available(s.old)) > 0 && admissible+len(available(s.old)) >= s.terms.floor:
		return nil, failing
	case full:
		n := min(s.terms.unavailable, len(failing))
		return failing[n:], failing[:n]
	default:
		return failing, nil
	}
}

// admissible are the available ones that may be admitted: all, or in a pause those that already are.
func (s *scene) admissible(members []*member) []*member {
	if s.heldAdmit == "" {
		return available(members)
	}
	return filter(members, func(m *member) bool { return m.available && m.admitted() })
}

// startRetry is how long a failed start keeps old ones from making room for the next.
const startRetry = 30 * time.Second

// startable: nothing but the budget stands between now and the start of the target's next instance, so old ones may
// make room for it.
func (s *scene) startable() bool {
	if failed := s.observed.StartFailed; s.heldStart != "" || failed.State == WishFailed && s.now.Before(failed.At.Add(startRetry)) {
		return false
	}
	return s.observed.Pull.State == WishDone || len(s.fresh) > 0 || s.target.adopted()
}

// mayHeal: there is a proven revision other than the target to start instances of.
func (s *scene) mayHeal() bool {
	return s.hasAccepted && s.accepted.Hash != s.target.revision.Hash && !s.target.hold
}

// clamp is n, at least 0 and at most limit.
func clamp(n, limit int) int { return max(min(n, limit), 0) }
