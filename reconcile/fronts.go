package reconcile

import (
	"fmt"
	"slices"
	"strings"
)

// ending: nobody is to be served any more.
func (s *scene) ending() bool { return s.desired.Deleted || s.terms.replicas == 0 }

// wants: consumers are to find f.
func (s *scene) wants(f Front) bool { return f.Wanted && !s.ending() }

// behind answers whether f's server sends to an instance of which holds is true.
func (s *scene) behind(f Front, holds func(*member) bool) bool {
	return slices.ContainsFunc(s.current, func(m *member) bool { return nginxFact(m, f.Server).Routed == Yes && holds(m) })
}

// listening: whoever dials f is answered by nginx.
func listening(f Front) bool { return f.State == ServerUp && f.Listens == Yes }

// sound: whoever dials f comes to an instance.
func (s *scene) sound(f Front) bool {
	return listening(f) && s.behind(f, func(*member) bool { return true })
}

// lingers: consumers may still dial f, so its listener stays and somebody is behind it. A server that is down may be
// back before they forget it.
func (s *scene) lingers(f Front) bool {
	if f.Server == "" || f.Listens == No {
		return false
	}
	_, shut := s.remembered("nginx "+f.Server, f.Eureka)
	return shut
}

// lingering: consumers may still dial some front.
func (s *scene) lingering() bool { return slices.ContainsFunc(s.observed.Fronts, s.lingers) }

// listeners are the Nginx objects on which a listener for Eureka's consumers has to be, sorted.
func (s *scene) listeners() []string {
	var objects []string
	for _, f := range s.observed.Fronts {
		if f.Wanted && !s.desired.Deleted || s.lingers(f) {
			objects = append(objects, f.Nginx)
		}
	}
	slices.Sort(objects)
	return slices.Compact(objects)
}

// listenerReason says which listener is missing or left over on a server that answers; "" for none.
func (s *scene) listenerReason(listeners []string) string {
	for _, f := range s.observed.Fronts {
		wanted := slices.Contains(listeners, f.Nginx)
		switch {
		case f.State != ServerUp || f.Server == "":
		case wanted && f.Listens == No:
			return "open a listener for Eureka's consumers on nginx " + f.Server
		case !wanted && f.Listens == Yes:
			return "nobody finds nginx " + f.Server + " in Eureka any more: close its listener"
		}
	}
	if asked := s.observed.Listening; asked != nil && !slices.Equal(asked, listeners) {
		return "the listeners for Eureka's consumers are to be others"
	}
	return ""
}

// lastServing keeps those that serve behind the listeners until the last consumer has forgotten these.
func (s *scene) lastServing(sh *shape) {
	if !s.ending() || !s.lingering() {
		return
	}
	last := s.current
	if s.blueGreen() {
		last = ofRevision(last, s.servedRevision(last))
	}
	sh.serve = s.neverNobody(filter(last, func(m *member) bool { return m.routed && m.available }), last)
}

// openFronts proposes to register each nginx server that sends to somebody who is available. One that is to go is
// registered again where a Eureka server has lost it, until consumers find the new way.
func (s *scene) openFronts(sh shape) {
	for _, f := range s.observed.Fronts {
		stays := !s.ending() && f.IsUp() && s.sound(f) && !s.foundOtherwise(sh)
		if f.State != ServerUp || !s.wants(f) && !stays {
			continue
		}
		on := "nginx " + f.Server
		switch {
		case f.Name == "" || f.Listens != Yes || s.observed.Listening != nil && !slices.Contains(s.observed.Listening, f.Nginx):
			s.wait(Wait{Gate: "front", On: on, Reason: orWords(f.Reason, "its listener for Eureka's consumers is not served yet")})
			continue
		case !f.IsUp() && s.observed.RouteWish.State == WishPending && !s.observed.RouteWish.Written:
			// What is under way may have been asked for by somebody who wanted the listener closed.
			s.wait(Wait{Gate: "front", On: on, Reason: "a change of nginx is under way"})
			continue
		case !f.IsUp() && !s.behind(f, func(m *member) bool { return m.available }):
			s.wait(Wait{Gate: "front", On: on, Reason: "it is registered once it sends to somebody"})
			continue
		}
		missing := s.frontNotUp(f)
		if missing == "" {
			continue
		}
		s.step(Step{Kind: Register, Instance: f.Name, Revision: s.target.revision.Hash, Reason: on + " sends to it and is not UP yet at " + missing})
		s.again(s.now.Add(poll))
	}
}

// frontNotUp names the servers that have yet to have f UP; those where only the consumers' view lags are waited for.
func (s *scene) frontNotUp(f Front) (missing string) {
	on := "nginx " + f.Server
	for _, fact := range f.Eureka {
		switch {
		case fact.State == ServerDown:
		case fact.State == ServerUnknown:
			s.wait(Wait{Gate: "register", On: on, Reason: "eureka " + fact.Server + " does not answer"})
			s.again(s.now.Add(poll))
		case fact.Lease.Status != LeaseUp:
			missing = strings.TrimPrefix(missing+", "+fact.Server, ", ")
		case fact.Lease.Visible != Yes:
			s.wait(Wait{Gate: "visible", On: on, Reason: "consumers of eureka " + fact.Server + " do not see it yet"})
			s.again(s.now.Add(poll))
		}
	}
	return missing
}

// closeFronts takes out of Eureka the nginx servers that consumers are not to find any more.
func (s *scene) closeFronts(sh shape) {
	s.noteEmpty()
	for _, f := range s.observed.Fronts {
		if !f.IsUp() {
			continue
		}
		reason, shut := s.closing(f, sh)
		if shut.Gate != "" {
			s.wait(shut)
			s.again(s.now.Add(poll))
		}
		if reason == "" {
			continue
		}
		s.step(Step{Kind: Deregister, Instance: f.Name, Revision: s.target.revision.Hash, Reason: reason})
		s.again(s.now.Add(poll))
	}
}

// closing says why f goes; "" when it stays, with what that waits for. The last that consumers find is not taken from
// them because nothing answers there: nobody else would either, and it is there again at once when nginx is.
func (s *scene) closing(f Front, sh shape) (reason string, shut Wait) {
	on := "nginx " + f.Server
	switch {
	case s.ending():
		return "it no longer serves", Wait{}
	case f.Server == "":
		return "nobody answers there any more", Wait{}
	case !f.Wanted && s.foundOtherwise(sh):
		return "consumers find the new way", Wait{}
	case !f.Wanted:
		return "", Wait{Gate: "visible", On: on, Reason: "stays registered until every consumer sees the new way"}
	case s.sound(f):
		return "", Wait{}
	case s.frontFound(f.Name):
		return orWords(s.whyUnsound(f), "it sends to nobody") + ", and others are found", Wait{}
	case s.decision.EmptySince.IsZero():
		return "", Wait{}
	}
	until := s.decision.EmptySince.Add(patience)
	if s.now.Before(until) {
		return "", Wait{Gate: "front", On: on, Since: s.decision.EmptySince, Until: until, Reason: "it sends to nobody; it is taken out of Eureka if that lasts"}
	}
	return fmt.Sprintf("it has sent to nobody for %d s", int(patience.Seconds())), Wait{}
}

func (s *scene) whyUnsound(f Front) string {
	switch f.State {
	case ServerDown:
		return "nginx " + f.Server + " is down"
	case ServerUnknown:
		return "nginx " + f.Server + " does not answer"
	default:
		return ""
	}
}

// frontFound: every consumer finds a wanted front, another than the one named, that leads to somebody.
func (s *scene) frontFound(other string) bool {
	return slices.ContainsFunc(s.observed.Fronts, func(f Front) bool {
		return f.Name != other && s.wants(f) && s.sound(f) && f.Found()
	})
}

// someFrontFound: every consumer finds a front that leads to somebody, wanted or not yet gone; true where nobody is to
// find any and nobody does.
func (s *scene) someFrontFound() bool {
	return !s.terms.proxied && !slices.ContainsFunc(s.observed.Fronts, Front.IsUp) ||
		slices.ContainsFunc(s.observed.Fronts, func(f Front) bool { return s.sound(f) && f.Found() })
}

// foundOtherwise: consumers find the target as it is to be found now; a target that is in no registry only has to serve.
func (s *scene) foundOtherwise(sh shape) bool {
	if s.terms.proxied {
		return s.frontFound("")
	}
	visible, serving := 0, 0
	for _, m := range sh.serve {
		serving += count(m.target && m.available && m.servesNginx)
		visible += count(m.target && m.available && m.EurekaID != "" && m.servesEureka)
	}
	if s.terms.hasEureka {
		return visible >= max(sh.floor, 1)
	}
	return serving >= max(sh.floor, 1)
}

// noteEmpty keeps since when nobody is behind any listener that answers.
func (s *scene) noteEmpty() {
	some, empty := false, true
	for _, f := range s.observed.Fronts {
		if s.wants(f) && listening(f) {
			some, empty = true, empty && !s.sound(f)
		}
	}
	if !some || !empty {
		return
	}
	if s.decision.EmptySince = s.desired.Record.EmptySince; s.decision.EmptySince.IsZero() {
		s.decision.EmptySince = s.now
	}
}

// buryFronts deletes what is left in Eureka of fronts that everybody has forgotten.
func (s *scene) buryFronts() {
	for _, f := range s.observed.Fronts {
		if s.wants(f) || f.IsUp() {
			continue
		}
		shut, lingers := s.remembered("nginx "+f.Server, f.Eureka)
		switch {
		case lingers && f.State != ServerDown:
			s.wait(shut)
			s.again(s.now.Add(poll))
			continue
		case !f.Registered():
			continue
		}
		s.step(Step{Kind: Remove, Instance: f.Name, Revision: s.target.revision.Hash, Reason: "no consumer remembers it"})
		s.again(s.now.Add(poll))
	}
}

// frontsSettled: consumers find every nginx server that is not down, if they are to, and nothing is left of others.
func (s *scene) frontsSettled() bool {
	listeners := s.listeners()
	for _, f := range s.observed.Fronts {
		switch {
		case s.wants(f) && f.State == ServerDown:
			if f.IsUp() && s.frontFound(f.Name) {
				return false
			}
		case s.wants(f):
			if !listening(f) || !f.Found() {
				return false
			}
		case f.Registered(), listening(f) && !slices.Contains(listeners, f.Nginx):
			return false
		}
	}
	return true
}
