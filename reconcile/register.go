package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// startingTime is how long an app that is ready may call itself STARTING before it is opened all the same: its client
// may have lost its UP on the way and never say it again.
const startingTime = 60 * time.Second

// open proposes to make UP what serves: what is ready and, where the app registers itself, dark on every server that
// answers.
func (s *scene) open(sh shape) {
	for _, m := range sh.serve {
		if !m.available || m.EurekaID == "" || s.desired.Deleted {
			continue
		}
		missing, shut := s.notUp(m)
		if shut.Gate != "" {
			s.wait(shut)
			s.again(s.now.Add(poll))
		}
		if missing == "" || shut.Gate == "register" {
			continue
		}
		s.step(Step{Kind: Register, Instance: m.Name, Revision: m.Revision, Reason: "it is ready and not UP yet at " + missing})
		s.again(s.now.Add(poll))
	}
}

// notUp names a server that has yet to show m UP, and the gate that is shut: "register" while the app's own word is
// missing or is another than UP, "visible" while only the consumers' view lags.
func (s *scene) notUp(m *member) (missing string, shut Wait) {
	for _, server := range s.observed.Eureka {
		fact := eurekaFact(m, server.URL)
		if server.State == ServerDown || fact.State == ServerDown {
			continue
		}
		if fact.State == ServerUnknown {
			if s.someoneServes(m) {
				return missing, Wait{Gate: "register", On: m.Name, Reason: "eureka " + server.URL + " does not answer"}
			}
			continue
		}
		if w, unsaid := s.unsaid(m, fact); unsaid {
			return missing, w
		}
		switch {
		case fact.Lease.Status != LeaseUp:
			missing = strings.TrimPrefix(missing+", "+server.URL, ", ")
		case fact.Lease.Visible != Yes:
			shut = Wait{Gate: "visible", On: m.Name, Reason: "consumers of eureka " + server.URL + " do not see it yet"}
		}
	}
	return missing, shut
}

// unsaid: an app that registers itself has yet to say of itself, on one server, that it is UP. No other may say it in its
// place.
func (s *scene) unsaid(m *member, fact EurekaFact) (Wait, bool) {
	if s.gatesOf(m.Revision).managed {
		return Wait{}, false
	}
	w, lease := Wait{Gate: "register", On: m.Name}, fact.Lease
	switch said := lease.said(); {
	case lease.Mismatch != "" && !lease.Own:
		w.Reason = "eureka " + fact.Server + ": " + lease.Mismatch
	case !lease.Own && (!m.Adopted || lease.Status == LeaseNone):
		w.Reason = "its own registration is not at eureka " + fact.Server + " yet"
	case said == LeaseDown:
		w.Reason = "the app itself says DOWN at eureka " + fact.Server
	case said == LeaseStarting && s.now.Before(m.Health.Since.Add(startingTime)):
		w.Since, w.Until = m.Health.Since, m.Health.Since.Add(startingTime)
		w.Reason = fmt.Sprintf("the app itself says STARTING at eureka %s; that is waited for %d s", fact.Server, int(startingTime.Seconds()))
	default:
		return Wait{}, false
	}
	return w, true
}

// silence makes unavailable what its app has not called UP yet: nothing sends to it before, nginx neither. An app of an
// accepted revision has said it once; nginx does not wait for it again.
func (s *scene) silence(m *member) {
	if !m.available || m.admitted() || m.Adopted || s.wasAccepted(m.Revision) {
		return
	}
	for _, server := range s.observed.Eureka {
		if fact := eurekaFact(m, server.URL); fact.State == ServerUp && m.EurekaID != "" {
			if w, unsaid := s.unsaid(m, fact); unsaid {
				m.available, m.silent = false, w
				return
			}
		}
	}
}

func (s *scene) wasAccepted(hash string) bool {
	return slices.ContainsFunc(s.desired.Record.Accepted, func(r Revision) bool { return r.Hash == hash })
}

// unsaidAnywhere is why an instance that is ready stays unregistered by its app's own fault: every server answers, and
// the app has not said UP on each.
func (s *scene) unsaidAnywhere(m *member) string {
	reason := ""
	if m.EurekaID == "" {
		return ""
	}
	for _, server := range s.observed.Eureka {
		fact := eurekaFact(m, server.URL)
		if fact.State == ServerUnknown {
			return ""
		}
		if w, unsaid := s.unsaid(m, fact); unsaid && fact.State == ServerUp && reason == "" {
			reason = w.Reason
		}
	}
	return reason
}

// someoneServes: another instance than m is UP somewhere.
func (s *scene) someoneServes(m *member) bool {
	for _, other := range s.current {
		if other != m && other.up && other.ready {
			return true
		}
	}
	return false
}
