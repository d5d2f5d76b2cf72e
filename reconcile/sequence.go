package reconcile

import (
	"fmt"
	"time"
)

// poll is how soon to look again while something is under way that may end without an event.
const poll = time.Second

// sequence turns a shape into its first safe steps, in the fixed order: open the admitted in Eureka, route exactly
// the serving set, deregister the rest, start what is missing, retire what is drained. Every gate that is shut is a
// step that is not there.
func (s *scene) sequence(sh shape) {
	s.bury()
	s.buryFronts()
	s.stopping()
	s.open(sh)
	s.openFronts(sh)
	s.route(sh)
	s.close(sh)
	s.closeFronts(sh)
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
			if s.isUp(m) {
				s.deregisterExited(m)
				s.again(s.now.Add(poll))
			}
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
