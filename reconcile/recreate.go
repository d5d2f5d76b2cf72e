package reconcile

// recreateShape stops all, then starts. While the way is barred (an image that cannot be pulled, a dependency, a
// pause) the old ones serve on.
func (s *scene) recreateShape() shape {
	t := s.terms
	kept, gone := surplus(alive(s.fresh), t.replicas)
	failing := filter(s.fresh, (*member).failing)
	sh := shape{gap: true, retire: append(gone, failing...)}
	sh.serve = s.neverNobody(s.admissible(kept), kept)
	old := filter(s.old, func(m *member) bool { return !m.AddressOnly })
	barred := !s.startable()
	if len(old) > 0 && barred {
		oldKept, oldGone := surplus(old, t.most)
		sh.retire = append(sh.retire, oldGone...)
		sh.serve = s.neverNobody(available(oldKept), oldKept)
	} else {
		sh.retire = append(sh.retire, s.old...)
		sh.serve = orElse(sh.serve, available(filter(s.old, func(m *member) bool { return m.AddressOnly })))
	}
	if t.replicas == 0 {
		sh.serve = nil
	}
	sh.floor = 0
	budget := max(t.maxLive()-s.live, 0)
	if s.heldStart != "" || s.observed.Pull.State == WishFailed {
		if s.mayHeal() && len(s.fresh) == 0 {
			sh.heal = clamp(t.most-len(alive(old)), budget)
		}
	}
	if s.heldStart == "" {
		sh.missing = t.replicas - len(kept)
	}
	if s.othersStopped() {
		sh.start = clamp(sh.missing, budget-sh.heal)
	}
	return sh
}

// othersStopped: no instance of another revision runs that segue could stop, so nothing is shared with it.
func (s *scene) othersStopped() bool {
	for _, list := range [][]*member{s.old, s.retiring} {
		for _, m := range list {
			if !m.AddressOnly && !m.target {
				return false
			}
		}
	}
	return true
}
