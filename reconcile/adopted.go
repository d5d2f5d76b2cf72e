package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// adopted: the steps lead to revision 0, what ran before segue came. Nothing is pulled or created for it: its kept
// containers are started again, and its addresses are sent to again if they still answer.
func (t target) adopted() bool { return t.revision.Hash == AdoptedRevision }

// inert: what was adopted is left alone once a revision is accepted, unless it was gone back to.
func (s *scene) inert(m *member) bool {
	return m.Adopted && s.hasAccepted && s.accepted.Hash != AdoptedRevision && !s.decision.Revived && !m.admitted()
}

// countAdopted makes the replicas of revision 0 as many as can serve: the containers that are there, kept or running,
// and the addresses that answer or are sent to. When that is nobody the addresses may yet answer.
func (s *scene) countAdopted() {
	if !s.target.adopted() {
		return
	}
	n, all := 0, 0
	for _, list := range [][]*member{s.current, s.retiring, s.exited} {
		for _, m := range list {
			all += count(m.Adopted)
			n += count(m.Adopted && (!m.AddressOnly || m.Health.Ready != No || m.admitted()))
		}
	}
	if n == 0 {
		n = all
	}
	s.terms.resize(n, s.target.revision.Deployment.Spec.Strategy.RollingUpdate)
}

// lost: revision 0 is asked for and nothing of it is there any more.
func (s *scene) lost() bool { return s.target.adopted() && s.terms.replicas == 0 && !s.desired.Deleted }

const lostReason = "nothing is left of what was adopted"

// unchanged is the shape that leaves everybody where he is.
func (s *scene) unchanged() shape {
	return shape{serve: filter(s.current, func(m *member) bool { return m.admitted() || m.available })}
}

// staysRevived: adopted containers that were started again have yet to be stopped.
func (s *scene) staysRevived() bool {
	if s.target.adopted() {
		return true
	}
	return s.decision.Revived && slices.ContainsFunc(s.observed.Instances, func(i Instance) bool {
		return i.Adopted && !i.AddressOnly && i.Live()
	})
}

// revivePause is how long a kept container that ran no longer than that is left alone before it is started again.
const revivePause = 10 * time.Second

// revive starts n kept containers again, dark where their app registers itself.
func (s *scene) revive(revision Revision, n int, reason string, isNew bool) {
	for _, m := range s.exited {
		if !m.Adopted {
			continue
		}
		if n--; n < 0 {
			return
		}
		until := m.ExitedAt.Add(revivePause)
		if s.now.Before(until) && m.ExitedAt.Sub(m.StartedAt) < revivePause {
			s.wait(Wait{Gate: "backoff", On: m.Name, Since: m.ExitedAt, Until: until, Reason: fmt.Sprintf("it exited with code %d", m.ExitCode)})
			s.again(until)
			continue
		}
		if m.EurekaID != "" && s.selfRegisters(revision) && !s.darkAgain(m, isNew) {
			s.again(s.now.Add(poll))
			continue
		}
		s.step(Step{Kind: Start, Instance: m.Name, Revision: AdoptedRevision, Reason: reason})
	}
}

// darkAgain: every server that answers holds a seed of m. What an earlier run of it registered is deleted first: its
// override may be gone at any time.
func (s *scene) darkAgain(m *member, isNew bool) bool {
	missing := false
	for _, server := range s.observed.Eureka {
		fact := eurekaFact(m, server.URL)
		switch {
		case server.State == ServerDown || fact.State == ServerDown:
		case fact.State == ServerUnknown:
			if isNew || s.anyReady() {
				s.wait(Wait{Gate: "culprit", On: server.URL, Reason: "it does not answer, so an instance cannot start dark there"})
				return false
			}
		case fact.Lease.Status != LeaseNone && fact.Lease.Own:
			s.deregisterExited(m)
			return false
		default:
			missing = missing || fact.Lease.Status == LeaseNone
		}
	}
	if missing {
		s.step(Step{Kind: Seed, Instance: m.Name, Revision: AdoptedRevision, Reason: "it is to start dark"})
	}
	return !missing
}

// deregisterExited deletes what an exited instance left in Eureka. It may have been proposed already.
func (s *scene) deregisterExited(m *member) {
	for _, step := range s.decision.Steps {
		if step.Kind == Deregister && step.Instance == m.Name {
			return
		}
	}
	s.step(Step{Kind: Deregister, Instance: m.Name, Revision: m.Revision, Reason: exitReason(m) + "; its lease is deleted"})
}

// countRevived counts the exits of kept containers that were started again for the rollout to revision 0.
func (s *scene) countRevived() {
	clock := &s.decision.Clock
	if !s.target.adopted() || !s.target.rollout {
		return
	}
	exits := filter(s.exited, func(m *member) bool { return m.Adopted && m.ExitCounts && !m.StartedAt.Before(clock.Begun) })
	slices.SortStableFunc(exits, func(a, b *member) int {
		return cmp.Or(a.ExitedAt.Compare(b.ExitedAt), cmp.Compare(a.Name, b.Name))
	})
	failed := clock.FailedAt
	for _, m := range exits {
		if m.ExitedAt.After(failed) {
			clock.FailedStarts++
			clock.FailedAt = m.ExitedAt
		}
	}
}
