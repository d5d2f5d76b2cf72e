package reconcile

import (
	"fmt"
	"slices"
	"time"
)

// drained answers whether nothing that may still send to m is left, and if not, which gate is shut. It also keeps
// the drain's clock. gap leaves out the wait for Eureka's consumers.
//
//	(1) routed nowhere                                    unknown: shut
//	(2) not UP, not visible, for the consumers' time      unknown: shut
//	(3) no old worker knows it, no connection to it       unknown: shut; else bounded by drainTimeoutSeconds, from when
//	                                                      no old worker takes requests any more
//
// A server that is down gets nobody through.
func (s *scene) drained(m *member, gap bool) (bool, Wait) {
	if w, shut := s.stillRouted(m); shut {
		return false, w
	}
	if !gap {
		if w, shut := s.stillKnown(m); shut {
			return false, w
		}
	}
	since, known := s.desired.Record.Drains[m.Name]
	if !known {
		since = s.now
	}
	if s.decision.Drains == nil {
		s.decision.Drains = map[string]time.Time{}
	}
	s.decision.Drains[m.Name] = since
	return s.idle(m, since)
}

// stillRouted is part (1). A change that is under way may yet send to it.
func (s *scene) stillRouted(m *member) (Wait, bool) {
	if o := s.observed; o.RouteWish.State == WishPending && (o.MayRoute == nil || slices.Contains(o.MayRoute, m.Name)) {
		return Wait{Gate: "route", On: m.Name, Since: o.RouteWish.At, Reason: "a change of nginx is under way that may name it"}, true
	}
	for _, server := range s.observed.Nginx {
		fact := nginxFact(m, server.Name)
		if m.Adopted && server.Included != Yes {
			return Wait{Gate: "include", On: server.Name, Reason: "as far as is known it still runs the user's own configuration, which sends to " + m.Name}, true
		}
		if fact.State == ServerDown || server.State == ServerDown {
			continue
		}
		switch fact.Routed {
		case Yes:
			return Wait{Gate: "route", On: m.Name, Reason: "nginx " + server.Name + " sends to it"}, true
		case Unknown:
			return Wait{Gate: "culprit", On: m.Name, Reason: "nginx " + server.Name + " does not say what it serves"}, true
		}
	}
	return Wait{}, false
}

// stillKnown is part (2).
func (s *scene) stillKnown(m *member) (Wait, bool) {
	if m.EurekaID == "" {
		return Wait{}, false
	}
	facts := make([]EurekaFact, 0, len(s.observed.Eureka))
	for _, server := range s.observed.Eureka {
		fact := eurekaFact(m, server.URL)
		if server.State == ServerDown {
			fact.State = ServerDown
		}
		fact.RestartedAt = later(fact.RestartedAt, server.RestartedAt)
		facts = append(facts, fact)
	}
	return s.remembered(m.Name, facts)
}

// remembered answers whether consumers of Eureka may still know what these facts are about. The longest wait of all
// servers is the one that is told.
func (s *scene) remembered(on string, facts []EurekaFact) (Wait, bool) {
	longest, shut := Wait{Gate: "propagation", On: on}, false
	if allServersDown(facts) {
		return Wait{Gate: "culprit", On: on, Reason: "no eureka server runs, and its consumers keep what they read last"}, true
	}
	for _, fact := range facts {
		if fact.State == ServerDown {
			continue // consumers go to the others
		}
		if fact.State == ServerUnknown {
			return Wait{Gate: "culprit", On: on, Reason: "eureka " + fact.Server + " does not answer"}, true
		}
		if fact.Lease.Status == LeaseUp {
			return Wait{Gate: "visible", On: on, Reason: "eureka " + fact.Server + " has it UP"}, true
		}
		gone := fact.Lease.Status == LeaseNone
		if fact.Lease.Visible == Yes || fact.Lease.Visible == Unknown && !gone {
			return Wait{Gate: "visible", On: on, Reason: "consumers of eureka " + fact.Server + " see it UP"}, true
		}
		hidden := later(fact.Lease.HiddenSince, fact.RestartedAt)
		if hidden.IsZero() {
			if gone {
				continue
			}
			hidden = s.now
		}
		until := hidden.Add(s.desired.PropagationTime)
		if s.now.Before(until) {
			if until.After(longest.Until) {
				longest.Since, longest.Until = hidden, until
				longest.Reason = fmt.Sprintf("consumers of eureka %s forget it within %d s (fetch + load balancer)", fact.Server, int(s.desired.PropagationTime.Seconds()))
			}
			shut = true
		}
	}
	return longest, shut
}

// allServersDown: there is no server that consumers could learn from. One that cannot read goes on with what it has.
func allServersDown(facts []EurekaFact) bool {
	return len(facts) > 0 && !slices.ContainsFunc(facts, func(f EurekaFact) bool { return f.State != ServerDown })
}

// idle is part (3), counted from since.
func (s *scene) idle(m *member, since time.Time) (bool, Wait) {
	busy, until := Wait{}, since
	for _, server := range s.observed.Nginx {
		fact := nginxFact(m, server.Name)
		if fact.State == ServerDown || server.State == ServerDown {
			continue
		}
		if end := since.Add(server.KeepAlive + s.terms.drainTimeout); end.After(until) {
			until = end
		}
		switch {
		case fact.State == ServerUnknown || fact.Reachable == Unknown || fact.Connections < 0:
			return false, Wait{Gate: "culprit", On: m.Name, Reason: "nginx " + server.Name + " does not say whether it still reaches it"}
		case fact.Connections > 0:
			busy = Wait{Gate: "connections", On: m.Name, Reason: fmt.Sprintf("%d connections from nginx %s are open", fact.Connections, server.Name)}
		case fact.Reachable == Yes && busy.Gate == "":
			busy = Wait{Gate: "drain", On: m.Name, Reason: "an old worker of nginx " + server.Name + " may still send to it"}
		}
	}
	busy.Since, busy.Until = since, until
	return busy.Gate == "" || !s.now.Before(until), busy
}

func nginxFact(m *member, server string) NginxFact {
	for _, fact := range m.Nginx {
		if fact.Server == server {
			return fact
		}
	}
	return NginxFact{Server: server}
}

func eurekaFact(m *member, server string) EurekaFact {
	for _, fact := range m.Eureka {
		if fact.Server == server {
			return fact
		}
	}
	return EurekaFact{Server: server}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
