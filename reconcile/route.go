package reconcile

import (
	"fmt"
	"slices"
	"time"
)

// route proposes the one wish that makes every server send to exactly the serving set.
func (s *scene) route(sh shape) {
	if len(s.observed.Nginx) == 0 {
		return
	}
	serving, listeners := names(sh.serve), s.listeners()
	reason, allDown := "", true
	for _, server := range s.observed.Nginx {
		allDown = allDown && server.State == ServerDown
		if server.State == ServerDown || server.State == ServerUnknown && server.Serves == nil {
			continue
		}
		served, rendered := server.Serves[s.desired.Name.String()]
		served = slices.Clone(served)
		slices.Sort(served)
		if rendered && slices.Equal(served, serving) && !server.Stale {
			continue
		}
		reason = routeReason(served, serving)
		if slices.Equal(served, serving) && server.Stale {
			reason = "its routes have changed"
		}
	}
	if reason == "" {
		reason = s.listenerReason(listeners)
	}
	if allDown && s.observed.Wished != nil && !slices.Equal(s.observed.Wished, serving) {
		reason = routeReason(s.observed.Wished, serving) + "; once nginx is back"
	}
	if o := s.observed; reason == "" && s.missingInclude() != "" && o.Wished != nil && !slices.Equal(o.Wished, serving) {
		// Nobody serves what is no longer wanted, but it is in the files: the user's include would bring it.
		reason = routeReason(o.Wished, serving)
	}
	if reason == "" {
		return
	}
	gate := Wait{Gate: "route", Since: s.observed.RouteWish.At, Reason: s.routeWait()}
	if server := s.missingInclude(); server != "" {
		gate.Gate, gate.On = "include", server
	}
	s.wait(gate)
	if s.observed.RouteWish.State == WishFailed && s.fault.Name == "" {
		s.fault = Culprit{Name: "nginx", Reason: s.observed.RouteWish.Reason}
	}
	repeat, retryAt := s.wished(serving, listeners)
	if s.now.Before(retryAt) {
		s.again(retryAt)
		return
	}
	s.again(s.now.Add(poll))
	if repeat && s.observed.RouteWish.State == WishDone {
		return // It is there; the user's part is not.
	}
	s.step(Step{Kind: Route, Revision: s.target.revision.Hash, Serving: serving, Preview: s.preview(sh), Listeners: listeners, Repeat: repeat, Reason: reason})
}

// wished answers whether the same was asked for before and what became of it is still to be seen, and when to ask
// again for what failed.
func (s *scene) wished(serving, listeners []string) (repeat bool, retryAt time.Time) {
	o := s.observed
	if o.Wished != nil && !slices.Equal(o.Wished, serving) || o.Listening != nil && !slices.Equal(o.Listening, listeners) {
		return false, time.Time{}
	}
	switch o.RouteWish.State {
	case WishPending:
		return true, time.Time{}
	case WishFailed:
		return true, o.RouteWish.At.Add(5 * poll)
	case WishDone:
		// The files say so and a server does not serve them: they are not included, or it has yet to come back.
		return o.Wished != nil && s.missingInclude() != "", time.Time{}
	default:
		return false, time.Time{}
	}
}

// missingInclude names a server that does not include segue's files; "" when all that answer do.
func (s *scene) missingInclude() string {
	for _, server := range s.observed.Nginx {
		if server.State == ServerUp && server.Included == No {
			return server.Name
		}
	}
	return ""
}

func (s *scene) routeWait() string {
	if server := s.missingInclude(); server != "" {
		return "its configuration does not include segue's files yet, so nothing is sent from there"
	}
	if s.observed.RouteWish.Reason != "" {
		return s.observed.RouteWish.Reason
	}
	return "nginx has yet to serve the new set"
}

func routeReason(served, serving []string) string {
	if len(serving) == 0 {
		return "nobody is left to send to: answer 503"
	}
	var in, out int
	for _, name := range serving {
		in += count(!slices.Contains(served, name))
	}
	for _, name := range served {
		out += count(!slices.Contains(serving, name))
	}
	switch {
	case in == 0:
		return fmt.Sprintf("send to %d; %d go", len(serving), out)
	case out == 0:
		return fmt.Sprintf("send to %d; %d new", len(serving), in)
	default:
		return fmt.Sprintf("send to %d; %d new, %d go", len(serving), in, out)
	}
}

// preview are the instances of the other colour that live beside the serving one.
func (s *scene) preview(sh shape) []string {
	if !s.blueGreen() {
		return nil
	}
	return names(filter(s.current, func(m *member) bool {
		return !contains(sh.serve, m.Name) && !contains(sh.retire, m.Name) && m.ready
	}))
}
