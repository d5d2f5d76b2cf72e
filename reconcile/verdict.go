package reconcile

import (
	"fmt"
	"time"
)

// judge keeps the deadline's clock and answers whether the target is to be accepted or rejected now.
func (s *scene) judge() {
	clock := &s.decision.Clock
	s.countSick()
	s.countFailedStarts()
	s.countRevived()
	if ready := len(available(s.fresh)); ready > clock.Progress {
		clock.Progress, clock.Spent, clock.At = ready, 0, s.now
	}
	if s.target.hold {
		return
	}
	if s.lost() && s.target.rollout {
		s.tick(false)
		s.reject(lostReason)
		return
	}
	if !s.target.rollout || s.desired.Deleted || s.terms.replicas == 0 {
		s.tick(false)
		return
	}
	if reason := s.crashLooping(); reason != "" {
		s.tick(false)
		s.reject(reason)
		return
	}
	s.noteTakeover()
	s.tick(s.ownTrouble())
	if clock.Running {
		left := s.terms.deadline - s.spent()
		if left <= 0 && (s.witnessed() || left <= -time.Minute) {
			s.reject(fmt.Sprintf("not ready within %d s: %s", int(s.terms.deadline.Seconds()), s.lastTrouble()))
			return
		}
		s.again(s.now.Add(max(left, poll)))
	}
	if s.whole() {
		s.step(Step{Kind: Accept, Revision: s.target.revision.Hash, Reason: fmt.Sprintf("all %d replicas serve everywhere and no older instance is left", s.terms.replicas)})
	}
}

// tick stops or starts the clock. It is stored only when it turns.
func (s *scene) tick(running bool) {
	clock := &s.decision.Clock
	if running == clock.Running {
		return
	}
	clock.Spent = s.spent()
	clock.At = s.now
	clock.Running = running
}

// spent is what the clock shows now.
func (s *scene) spent() time.Duration {
	clock := s.decision.Clock
	if !clock.Running || clock.At.IsZero() {
		return clock.Spent
	}
	return clock.Spent + max(s.now.Sub(clock.At), 0)
}

// ownTrouble: the revision itself is what the rollout waits for: an instance that has yet to get ready or to say UP of
// itself, an image that does not exist, a start that its own settings make fail, a replacement that is held back after an exit. Waits for
// caches, delays, drains, a pause or what does not work around it are not.
func (s *scene) ownTrouble() bool {
	if s.heldStart != "" {
		return false
	}
	o := s.observed
	if o.Pull.State == WishFailed && o.Pull.Own || o.StartFailed.State == WishFailed && o.StartFailed.Own {
		return true
	}
	if o.Pull.State == WishFailed || o.StartFailed.State == WishFailed {
		return false
	}
	for _, m := range s.fresh {
		warm := !s.gatesOf(m.Revision).warmup || m.Health.Warm.State == WishDone
		if !m.available && !(m.ready && warm) || s.unsaidAnywhere(m) != "" {
			return true
		}
	}
	exited := len(s.exitsOf(s.target.revision.Hash)) > 0 || s.target.adopted() && s.decision.Clock.FailedStarts > 0
	return exited && len(s.fresh) < s.terms.replicas
}

// witnessed: the trouble was seen since segue runs, so that a clock that ran on while segue was away rejects nobody
// before he was asked once.
func (s *scene) witnessed() bool {
	for _, m := range s.fresh {
		if !m.available && m.Health.LastAt.IsZero() && m.Health.Ready == Unknown {
			return false
		}
	}
	return true
}

// countSick counts the target's instances that are stopped because their liveness probe failed. They are gone for good
// soon and do not look different then from others that were stopped, so their numbers are remembered.
func (s *scene) countSick() {
	clock := &s.decision.Clock
	highest := clock.SickN
	for _, step := range s.decision.Steps {
		for _, m := range s.fresh {
			if step.Kind == Retire && step.Instance == m.Name && m.failing() && m.N > clock.SickN {
				clock.Sick++
				highest = max(highest, m.N)
			}
		}
	}
	clock.SickN = highest
}

// countFailedStarts counts the starts that the revision's own settings made fail: a command that does not exist.
func (s *scene) countFailedStarts() {
	clock, failed := &s.decision.Clock, s.observed.StartFailed
	if failed.State == WishFailed && failed.Own && failed.At.After(later(clock.FailedAt, clock.Begun)) {
		clock.FailedStarts++
		clock.FailedAt = failed.At
	}
}

// crashLooping says how often the revision's instances exited, when that is too often.
func (s *scene) crashLooping() string {
	exits := s.exitsOf(s.target.revision.Hash)
	if sick := s.decision.Clock.Sick; sick >= crashLoop && sick > len(exits) {
		return fmt.Sprintf("the liveness probes of %d of its instances failed", sick)
	}
	failed := s.decision.Clock.FailedStarts
	if failed >= crashLoop && s.target.adopted() && s.observed.StartFailed.State != WishFailed {
		return fmt.Sprintf("its containers were started again and exited %d times", failed)
	}
	if failed >= crashLoop {
		return fmt.Sprintf("%d of its starts failed: %s", failed, s.observed.StartFailed.Reason)
	}
	if len(exits) < crashLoop {
		return ""
	}
	return fmt.Sprintf("%d of its instances exited, the last with code %d", len(exits), exits[len(exits)-1].ExitCode)
}

// lastTrouble is what the rejected revision did last, in words.
func (s *scene) lastTrouble() string {
	o := s.observed
	switch {
	case o.Pull.State == WishFailed:
		return o.Pull.Reason
	case o.StartFailed.State == WishFailed:
		return o.StartFailed.Reason
	}
	for _, m := range s.fresh {
		if m.available {
			continue
		}
		switch {
		case m.silent.Gate != "":
			return m.Name + ": " + m.silent.Reason
		case m.Health.Warm.State == WishFailed:
			return m.Name + ": warm-up: " + m.Health.Warm.Reason
		case m.Health.Last != "":
			return m.Name + ": " + m.Health.Last
		default:
			return m.Name + " never answered"
		}
	}
	for _, m := range s.fresh {
		if why := s.unsaidAnywhere(m); why != "" {
			return m.Name + ": " + why
		}
	}
	if exits := s.exitsOf(s.target.revision.Hash); len(exits) > 0 {
		return fmt.Sprintf("%s exited with code %d", exits[len(exits)-1].Name, exits[len(exits)-1].ExitCode)
	}
	return "its instances did not start"
}

// reject proposes to remember the revision as bad, with all that a person needs to see why.
func (s *scene) reject(reason string) {
	rejection := &Rejection{Revision: s.target.revision, Reason: reason, At: s.now}
	if exits := s.exitsOf(s.target.revision.Hash); len(exits) > 0 {
		last := exits[len(exits)-1]
		code := last.ExitCode
		rejection.ExitCode, rejection.Log, rejection.LastProbe = &code, last.LastLog, last.Health.Last
	}
	for _, m := range s.fresh {
		if m.available {
			continue
		}
		rejection.LastProbe = m.Health.Last
		if len(rejection.Log) == 0 {
			rejection.Log = m.LastLog
		}
		break
	}
	// Nothing else is worth doing for a revision that goes.
	s.decision.Steps = []Step{{Kind: Reject, Revision: s.target.revision.Hash, Rejection: rejection, Reason: reason}}
}

// whole: every replica of the target serves everywhere and no older instance is live. Old ones that serve do not
// count for it.
func (s *scene) whole() bool {
	if s.heldAdmit != "" || len(s.fresh) != s.terms.replicas || len(s.retiring)+len(s.created) > 0 {
		return false
	}
	for _, m := range s.fresh {
		if !m.available || !m.serves() {
			return false
		}
	}
	for _, m := range s.old {
		if !m.AddressOnly || m.admitted() {
			return false
		}
	}
	return s.routesExactly(s.fresh) && s.frontsSettled()
}

// routesExactly: every nginx server that is not down serves exactly these, and one at least is up.
func (s *scene) routesExactly(members []*member) bool {
	if !s.terms.hasRoutes {
		return true
	}
	up := false
	for _, server := range s.observed.Nginx {
		if server.State == ServerDown {
			continue
		}
		up = true
		if server.State != ServerUp || server.Stale || len(server.Serves[s.desired.Name.String()]) != len(members) {
			return false
		}
	}
	return up
}
