package reconcile

import (
	"maps"
	"slices"
	"time"
)

// tick is the model's grain of time.
const tick = 500 * time.Millisecond

// advance lets time pass until to.
func (w *world) advance(to time.Time) {
	for w.now.Before(to) {
		passed := min(tick, to.Sub(w.now))
		w.now = w.now.Add(passed)
		w.moveContainers()
		w.moveNginx()
		w.moveServers()
		w.keepMemories(passed)
		w.moveEureka()
		w.moveProbes()
	}
}

func (w *world) moveContainers() {
	for _, c := range w.containers {
		if c.State != ContainerRunning || c.addressOnly {
			continue
		}
		switch {
		case !c.signalled.IsZero() && !w.now.Before(c.signalled.Add(w.costs.Exit)):
			w.exit(c, 143)
		case c.behaviour.crashAfter > 0 && !w.now.Before(c.StartedAt.Add(c.behaviour.crashAfter)):
			w.exit(c, 1)
		}
	}
}

// exit ends a process. Its registration stays where it is, as after a kill.
func (w *world) exit(c *worldContainer, code int) {
	c.State, c.ExitedAt, c.ExitCode, c.ExitCounts = ContainerExited, w.now, code, true
	c.health = Health{}
	c.bad = time.Time{}
}

func (w *world) moveNginx() {
	for _, d := range w.deployments {
		r := &d.route
		for len(r.left) > 0 && !w.now.Before(r.nextAt) {
			server := r.left[0]
			r.left = r.left[1:]
			r.nextAt = w.now.Add(w.costs.Reload)
			switch {
			case server.failing || server.state == ServerUnknown:
				r.wish = Wish{State: WishFailed, Reason: "nginx " + server.name + " refuses the change", At: w.now}
				if server.state == ServerUnknown {
					r.wish.Reason = "nginx " + server.name + " does not answer"
				}
				r.left = nil
			default:
				server.load(d.desired.Name.String(), r.backends, r.listeners, w.now, w.costs.Worker)
			}
		}
		switch {
		case len(r.left) > 0:
		case r.queued != nil:
			w.switchTo(d, r.queued, r.queuedListeners)
		case r.wish.State == WishPending:
			r.wish = Wish{State: WishDone, At: w.now}
		}
	}
	for _, n := range w.nginx {
		n.workers = slices.DeleteFunc(n.workers, func(o worldWorker) bool { return !w.now.Before(o.until) })
	}
}

// switchTo begins a change of all servers, one after the other.
func (w *world) switchTo(d *worldDeployment, backends []worldBackend, listeners []string) {
	r := &d.route
	r.wish = Wish{State: WishPending, At: w.now}
	r.listeners, r.queuedListeners = slices.Clone(listeners), nil
	r.backends, r.queued, r.left, r.nextAt = backends, nil, nil, w.now.Add(w.costs.Reload)
	for _, n := range w.nginx {
		if n.state == ServerDown {
			// Its files are switched; it serves them when it is back.
			n.load(d.desired.Name.String(), backends, listeners, w.now, w.costs.Worker)
			continue
		}
		r.left = append(r.left, n)
	}
}

// load is a reload at now: the workers of the generation that is left live on for their time.
func (n *worldNginx) load(deployment string, backends []worldBackend, listeners []string, now time.Time, life time.Duration) {
	listens := slices.Contains(listeners, n.object)
	if current, ok := n.loaded[deployment]; ok && slices.Equal(current, backends) && n.listens[deployment] == listens {
		return
	}
	if n.listens == nil {
		n.listens = map[string]bool{}
	}
	n.listens[deployment] = listens
	if n.state == ServerUp {
		n.workers = append(n.workers, worldWorker{loaded: maps.Clone(n.loaded), since: now, until: now.Add(life)})
	}
	n.loaded[deployment] = slices.Clone(backends)
	n.reloads++
}

// keepMemories lets consumers forget nothing while they find no Eureka server to ask: what they know gets no older.
func (w *world) keepMemories(passed time.Duration) {
	if len(w.eureka) == 0 || slices.ContainsFunc(w.eureka, (*worldEureka).isThere) {
		return
	}
	for _, c := range w.containers {
		if !c.shownAt.IsZero() {
			c.shownAt = c.shownAt.Add(passed)
		}
	}
	for _, server := range w.eureka {
		for _, lease := range server.leases {
			if !lease.shownAt.IsZero() {
				lease.shownAt = lease.shownAt.Add(passed)
			}
		}
	}
}

func (w *world) moveEureka() {
	for _, server := range w.eureka {
		if !server.isThere() {
			continue
		}
		w.postAll(server)
		refresh := !w.now.Before(server.refreshAt)
		if refresh {
			server.refreshAt = w.now.Add(w.costs.Response)
		}
		for _, lease := range server.leases {
			if refresh {
				lease.cached = lease.status == LeaseUp
				if lease.cached && lease.visibleSince.IsZero() {
					lease.visibleSince = w.now
				}
			}
			c := w.container(lease.instance)
			if c != nil && lease.status != LeaseNone && c.State == ContainerRunning {
				lease.address = c.Address
			}
			if lease.cached {
				lease.shownAt = w.now
				if c != nil {
					c.shownAt = w.now
				}
			} else {
				lease.visibleSince = time.Time{}
			}
			switch {
			case lease.cached || lease.status == LeaseUp:
				lease.hiddenSince = time.Time{}
			case lease.hiddenSince.IsZero():
				lease.hiddenSince = w.now
			}
		}
	}
}

// postAll lets the apps that register themselves do so: first some time after their start, and with their next
// heartbeat where the server forgot them. What a seed made dark stays dark; without one they are UP at once.
func (w *world) postAll(server *worldEureka) {
	for _, c := range w.containers {
		if c.State != ContainerRunning || c.eurekaID == "" || c.Retired || !c.signalled.IsZero() || c.managed {
			continue
		}
		if c.behaviour.silent || w.now.Before(c.StartedAt.Add(w.costs.Post)) || w.now.Before(server.restartedAt.Add(3*tick)) {
			continue
		}
		lease := server.leases[c.eurekaID]
		switch {
		case lease == nil || lease.status == LeaseNone:
			if lease == nil {
				lease = &worldLease{instance: c.Name}
				server.leases[c.eurekaID] = lease
			}
			lease.status, lease.own, lease.override = LeaseUp, true, false
		default:
			lease.own = true
		}
		switch {
		case w.saysDown(c):
			lease.status = LeaseDown
		case lease.status == LeaseDown && lease.override:
			lease.status = LeaseOutOfService
		case lease.status == LeaseDown:
			lease.status = LeaseUp
		}
	}
}

// saysDown: the app's own registration says DOWN.
func (w *world) saysDown(c *worldContainer) bool {
	return w.now.Before(c.StartedAt.Add(c.behaviour.downFor))
}

// moveProbes keeps the prober's memory: ready after one success, not ready after 3 s of failures.
func (w *world) moveProbes() {
	for _, c := range w.containers {
		if c.State != ContainerRunning || c.Retired {
			continue
		}
		h := &c.health
		h.Started = true
		h.LastAt = w.now
		answers := w.answers(c)
		if answers && !w.now.Before(w.blinkUntil) {
			c.bad = time.Time{}
			if h.Ready != Yes {
				h.Ready, h.Since = Yes, w.now
			}
			h.Last, h.Failures = "GET /health → 200", 0
		} else {
			if c.bad.IsZero() {
				c.bad = w.now
			}
			h.Last, h.Failures = "GET /health → 503", h.Failures+1
			if h.Ready != No && w.now.Sub(c.bad) >= 3*time.Second {
				h.Ready, h.Since = No, w.now
			}
		}
		if c.behaviour.sickAfter > 0 && !w.now.Before(c.StartedAt.Add(c.behaviour.sickAfter)) {
			h.Alive = No
		}
		w.moveWarmup(c)
	}
}

func (w *world) moveWarmup(c *worldContainer) {
	h := &c.health
	if h.Warm.State != WishPending || w.now.Before(c.warmAt) {
		return
	}
	if c.behaviour.badWarmup {
		h.Warm = Wish{State: WishFailed, Own: true, Reason: "POST /warm → 500", At: w.now}
		return
	}
	h.Warm = Wish{State: WishDone, At: w.now}
}

// answers: the process in the container could serve now.
func (w *world) answers(c *worldContainer) bool {
	return c.State == ContainerRunning && !c.behaviour.neverReady && !w.now.Before(c.StartedAt.Add(w.costs.Boot)) &&
		(c.behaviour.sickAfter == 0 || w.now.Before(c.StartedAt.Add(c.behaviour.sickAfter)))
}
