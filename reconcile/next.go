package reconcile

import (
	"fmt"
	"sort"
	"strings"
	"time"
)

// Next decides what to do now. It is a pure function: the same world in any order gives the same decision, and what
// it decides is safe to do twice. Everything that it waits for is in Waits, everything that it does carries a reason.
func Next(desired Desired, observed Observed, now time.Time) Decision {
	if observed.Engine.Name != "" {
		d := Decision{Phase: Blocked, Reason: observed.Engine.Name + ": " + observed.Engine.Reason, Again: now.Add(5 * poll)}
		d.Clock, d.SwitchedAt, d.Drains = desired.Record.Clock, desired.Record.SwitchedAt, desired.Record.Drains
		d.EmptySince = desired.Record.EmptySince
		d.Revived, d.Replicas = desired.Record.Revived, intOr(desired.Wanted.Deployment.Spec.Replicas, 1)
		if d.Clock.Running {
			// Nobody knows how the revision fares; that is not its fault.
			d.Clock.Spent += max(now.Sub(d.Clock.At), 0)
			d.Clock.At, d.Clock.Running = now, false
		}
		d.Target = chooseTarget(desired).revision.Hash
		d.Waits = []Wait{{Gate: "culprit", On: observed.Engine.Name, Reason: observed.Engine.Reason}}
		return d
	}
	s := newScene(desired, observed, now)
	shape := s.shapeOf()
	s.sequence(shape)
	s.judge()
	s.conclude(shape)
	return s.decision
}

// conclude sorts what was found and says where the Deployment is.
func (s *scene) conclude(sh shape) {
	d := &s.decision
	if s.fault.Name != "" {
		s.wait(Wait{Gate: "culprit", On: s.fault.Name, Reason: s.fault.Reason})
		s.again(s.now.Add(5 * poll))
	}
	s.waitForReady()
	sort.SliceStable(d.Waits, func(i, j int) bool {
		a, b := d.Waits[i], d.Waits[j]
		if !a.Until.Equal(b.Until) {
			return a.Until.After(b.Until)
		}
		if a.Gate != b.Gate {
			return a.Gate < b.Gate
		}
		return a.On < b.On
	})
	d.Phase, d.Reason = s.phase(sh)
	d.Revived, d.Replicas = s.staysRevived(), s.terms.replicas
}

// waitForReady lists the instances that are on their way, and looks again when a minReady gate opens.
func (s *scene) waitForReady() {
	for _, m := range s.current {
		if !m.target || m.available || s.desired.Deleted {
			continue
		}
		w := Wait{Gate: "ready", On: m.Name, Since: m.StartedAt, Reason: m.Health.Last}
		switch {
		case m.silent.Gate != "":
			w = m.silent
			s.again(s.now.Add(poll))
		case !m.ready && w.Reason == "":
			w.Reason = "its probes have not passed yet"
		case m.ready && s.gatesOf(m.Revision).warmup && m.Health.Warm.State != WishDone:
			w.Gate, w.Reason = "warm", strings.TrimSuffix("warm-up "+m.Health.Warm.State.String()+": "+m.Health.Warm.Reason, ": ")
		case m.ready:
			w.Gate, w.Until = "minReady", m.Health.Since.Add(s.gatesOf(m.Revision).minReady)
			w.Reason = fmt.Sprintf("it has to stay ready for %d s", int(s.gatesOf(m.Revision).minReady.Seconds()))
			s.again(w.Until)
		}
		s.wait(w)
	}
	for _, m := range s.current {
		// What heals with another revision than the target has a gate of time too.
		if until := m.Health.Since.Add(s.gatesOf(m.Revision).minReady); m.ready && !m.available && s.now.Before(until) {
			s.again(until)
		}
		if m.Health.Ready == No && !m.Adopted {
			if until := m.Health.Since.Add(patience); s.now.Before(until) {
				s.again(until)
			}
		}
	}
}

// phase names where the Deployment is, with the one sentence that get shows.
func (s *scene) phase(sh shape) (Phase, string) {
	d, t := s.decision, s.terms
	busy := len(d.Steps) > 0 || len(s.retiring) > 0
	switch {
	case s.desired.Deleted && !busy && len(s.segues()) == 0 && s.frontsSettled():
		return Gone, "nothing is left of it"
	case s.desired.Deleted:
		return Deleting, s.sentence("its instances are drained and stopped")
	case s.heldAdmit != "":
		return Paused, s.heldAdmit
	case s.target.hold:
		return Failed, s.target.reason
	case s.lost() && !s.target.rollout:
		return Failed, lostReason
	case sh.promotion && !busy:
		return WaitingForPromotion, "the new set is ready and dark; segue promote switches to it"
	case !busy && s.settled():
		words := fmt.Sprintf("%d of %d serve revision %d", len(sh.serve), t.replicas, s.target.revision.Number)
		if s.target.back {
			return RolledBack, s.target.reason + "; " + words
		}
		return Converged, words
	case s.target.back:
		return Progressing, fmt.Sprintf("going back to revision %d: %s", s.target.revision.Number, s.target.reason)
	default:
		return Progressing, s.sentence(fmt.Sprintf("waits for room: %d live", s.live))
	}
}

// sentence is the longest wait in words, else the first step, else otherwise.
func (s *scene) sentence(otherwise string) string {
	d := s.decision
	switch {
	case len(d.Waits) > 0:
		w := d.Waits[0]
		if w.On != "" {
			return w.Gate + ": " + w.On + ": " + w.Reason
		}
		return w.Gate + ": " + w.Reason
	case len(d.Steps) > 0:
		return d.Steps[0].Kind.String() + " " + d.Steps[0].Instance + ": " + d.Steps[0].Reason
	default:
		return otherwise
	}
}

// segues are the instances that are segue's to remove, exited ones too.
func (s *scene) segues() []string {
	var list []string
	for _, i := range s.observed.Instances {
		if !i.Adopted {
			list = append(list, i.Name)
		}
	}
	return list
}

// settled: the target is whole and nothing else is left.
func (s *scene) settled() bool {
	if s.terms.replicas == 0 {
		for _, m := range s.current {
			if !m.AddressOnly || m.admitted() {
				return false
			}
		}
		return len(s.created)+len(s.retiring) == 0 && s.frontsSettled()
	}
	return s.whole()
}
