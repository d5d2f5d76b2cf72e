package reconcile

import "slices"

// TookOver answers whether all of left was last seen to serve everywhere, so that only the end of what is older, or of
// the delay in which that is kept warm, was still to come. A revision that fails since, or that was given up, did not;
// nor does the first one, whose end of what was adopted is part of it, nor what was adopted itself.
func TookOver(record Record, left Revision) bool {
	if len(record.Accepted) == 0 || left.Hash == AdoptedRevision {
		return false
	}
	given := record.Aborted == left.Hash || record.Rejected != nil && record.Rejected.Revision.Hash == left.Hash
	return !record.SwitchedAt.IsZero() && record.Clock.Revision == left.Hash && !record.Clock.Running && !given
}

// Supersede is the record when another revision is wanted instead of left. Where left took over it is accepted, though
// older instances are live: what comes next goes back to it, not to what it replaced.
func Supersede(record Record, left Revision) Record {
	if !TookOver(record, left) {
		return record
	}
	others := slices.DeleteFunc(slices.Clone(record.Accepted), func(r Revision) bool { return r.Hash == left.Hash })
	record.Accepted = append(others, left)
	return record
}

// noteTakeover keeps since when the whole target serves everywhere. BlueGreen's delay is counted from it.
func (s *scene) noteTakeover() {
	if !s.target.rollout || s.terms.replicas == 0 || !s.decision.SwitchedAt.IsZero() || len(available(s.fresh)) < s.terms.replicas {
		return
	}
	for _, m := range s.fresh {
		if !m.available || !m.serves() {
			return
		}
	}
	s.decision.SwitchedAt = s.now
}
