package reconcile

import (
	"time"
)

// member is one instance and what follows from its facts alone.
type member struct {
	Instance
	// target: it is of the target revision.
	target bool
	// routed: some nginx server that is not down sends to it. up: some Eureka server that is not down shows it UP.
	routed, up bool
	// ready: its probes say so now, or nothing contradicts what it was admitted for.
	ready bool
	// available: ready, warmed up and so for minReadySeconds. Only these are ever admitted.
	available bool
	// silent is the shut gate of an instance that would be available if its app said UP in Eureka; zero otherwise.
	silent Wait
	// servesNginx and servesEureka: every server that is not down is known to send to it. True where there are none.
	servesNginx, servesEureka bool
}

// admitted: something sends to it.
func (m *member) admitted() bool { return m.routed || m.up }

// senders counts who sends to it: nginx, Eureka's consumers.
func (m *member) senders() int { return count(m.routed) + count(m.up) }

// serves: everything sends to it.
func (m *member) serves() bool { return m.servesNginx && m.servesEureka }

// failing: its liveness probe has failed.
func (m *member) failing() bool { return m.Health.Alive == No }

// unreadyFor is how long it has been not ready; 0 while it is or nobody knows.
func (m *member) unreadyFor(now time.Time) time.Duration {
	if m.Health.Ready != No || m.Health.Since.IsZero() {
		return 0
	}
	return now.Sub(m.Health.Since)
}

// memberOf joins one instance. worker: nothing is routed or registered, so being of the accepted revision is what
// admission is elsewhere. trusted: it served before segue came, so only a refusal is held against it.
func memberOf(i Instance, hash string, g gates, worker, trusted bool, now time.Time) *member {
	m := &member{Instance: i, target: i.Revision == hash, servesNginx: true, servesEureka: true}
	for _, fact := range i.Nginx {
		if fact.State == ServerDown {
			continue
		}
		m.routed = m.routed || fact.Routed == Yes
		m.servesNginx = m.servesNginx && fact.Routed == Yes
	}
	for _, fact := range i.Eureka {
		if fact.State == ServerDown {
			continue
		}
		shown := fact.Lease.Status == LeaseUp
		m.up = m.up || shown || fact.Lease.Visible == Yes
		m.servesEureka = m.servesEureka && fact.State == ServerUp && shown && fact.Lease.Visible == Yes
	}
	if i.EurekaID == "" {
		m.servesEureka = true
	}
	running := i.State == ContainerRunning || i.State == ContainerUnknown
	if !running || i.Leaving() || m.failing() {
		return m
	}
	if trusted {
		m.ready = i.Health.Ready != No
		m.available = m.ready
		return m
	}
	m.ready = i.Health.Ready == Yes && i.Health.Started || i.Health.Ready != No && m.routed
	switch {
	case !m.ready:
	case m.routed, worker:
		// What serves has passed these gates; a restarted segue does not send it through them again. What Eureka
		// shows UP may never have passed them (its server restarted and forgot that it is dark), so there only the
		// prober's memory counts.
		m.available = true
	default:
		warm := !g.warmup || i.Health.Warm.State == WishDone
		m.available = warm && !now.Before(i.Health.Since.Add(g.minReady))
	}
	return m
}
