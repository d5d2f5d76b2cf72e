package reconcile

import (
	"fmt"
	"time"
)

// Peer is another server of a Eureka object of which this Deployment's instances answer a server. While it is not whole,
// taking an instance away leaves Eureka's clients with an empty list or none.
type Peer struct {
	URL    string
	State  ServerState
	Reason string
	// Replaced says which Deployment answers it and is just being replaced; "" when none is.
	Replaced string
	// RestartedAt is when it last came back, or when the instance behind it started if that is later.
	RestartedAt time.Time
	// Lacks counts the entries that another server of the object shows consumers as UP and this one does not, as LacksOne.
	Lacks    int
	LacksOne string
	// Grace is fetchSeconds: in so long its consumers read it once after its return.
	Grace time.Duration
}

// whole answers whether consumers that come to the peer find everything there, and if not, which gate is shut.
func (p Peer) whole(now time.Time) (Wait, bool) {
	w := Wait{Gate: "registry", On: p.URL}
	switch until := p.RestartedAt.Add(p.Grace); {
	case p.Replaced != "":
		w.Reason = "deployment/" + p.Replaced + ", which answers there, is being replaced; one Eureka server at a time"
	case p.State == ServerDown:
		w.Reason = "it is down, and this is the server beside it; start it, or take it off the servers of the Eureka object"
	case p.State == ServerUnknown:
		w.Reason = orWords(p.Reason, "it does not answer")
	case p.Lacks > 0:
		w.Reason = fmt.Sprintf("its clients do not find there what they find on another server: %s", p.LacksOne)
		if p.Lacks > 1 {
			w.Reason += fmt.Sprintf(" and %d more", p.Lacks-1)
		}
	case now.Before(until):
		w.Since, w.Until = p.RestartedAt, until
		w.Reason = fmt.Sprintf("it came back a moment ago; its clients read it again within %d s", int(p.Grace.Seconds()))
	default:
		return Wait{}, true
	}
	return w, false
}

// neededAsServer: m answers as a Eureka server, and a peer is not whole, so m has to stay.
func (s *scene) neededAsServer(m *member) (Wait, bool) {
	if s.desired.Deleted || s.terms.replicas == 0 || !m.ready {
		return Wait{}, false
	}
	for _, p := range s.observed.Peers {
		if w, whole := p.whole(s.now); !whole {
			return w, true
		}
	}
	return Wait{}, false
}

// holdServer holds the rollout of a Eureka server until its peers are whole. Once its old instances are gone or sick,
// nothing is worth waiting for.
func (s *scene) holdServer() (Wait, bool) {
	for _, m := range s.old {
		if w, needed := s.neededAsServer(m); needed {
			return w, true
		}
	}
	return Wait{}, false
}
