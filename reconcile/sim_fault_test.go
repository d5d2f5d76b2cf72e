package reconcile

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// fault is one disturbance: something that breaks or something that a person asks for. pick chooses among what is
// there when its time has come.
type fault struct {
	at   time.Duration
	kind string
	on   int
	pick int
	// until is when what broke works again.
	lasts time.Duration
}

// faultKinds are drawn with equal chances; those that people do most are named more than once.
var faultKinds = []string{
	"kill", "kill", "remove", "restart", "blink", "nginx fails", "nginx down", "nginx unknown",
	"eureka restarts", "eureka unknown", "eureka down", "engine restarts", "engine away", "segue killed", "segue killed",
	"apply", "apply", "apply", "move", "move", "apply bad", "apply bad", "apply bad", "scale", "undo", "undo to 0", "pause", "resume", "promote", "promote",
	"abort", "retry", "delete", "strategy", "dependency", "registry away", "disk full",
}

func (s *simulation) drawFaults() []fault {
	var faults []fault
	at := time.Duration(s.rng.Intn(20)) * time.Second
	for range s.rng.Intn(12) {
		faults = append(faults, fault{
			at: at, kind: faultKinds[s.rng.Intn(len(faultKinds))], on: s.rng.Intn(3), pick: s.rng.Intn(1000),
			lasts: time.Duration(3+s.rng.Intn(12)) * time.Second,
		})
		at += time.Duration(s.rng.Intn(30)) * time.Second / 2
	}
	// In the end every pause ends and every include is written; what waits for a person may wait.
	faults = append(faults, fault{at: time.Duration(3+s.rng.Intn(40)) * time.Second, kind: "include"}, fault{at: at, kind: "resume", on: 0}, fault{at: at, kind: "resume", on: 1}, fault{at: at, kind: "resume", on: 2})
	slices.SortStableFunc(faults, func(a, b fault) int { return cmp.Compare(a.at, b.at) })
	return faults
}

// disturb lets happen what is due.
func (s *simulation) disturb(start time.Time) {
	for len(s.faults) > 0 && !s.w.now.Before(start.Add(s.faults[0].at)) {
		f := s.faults[0]
		s.faults = s.faults[1:]
		for _, l := range s.loops {
			l.settled, l.woken = false, true
		}
		s.calmAt = later(s.calmAt, s.w.now)
		s.strike(f)
	}
	s.mend()
	for i := 0; i < len(s.late); i++ {
		if one := s.late[i]; !s.w.now.Before(one.at) {
			s.late = slices.Delete(s.late, i, i+1)
			i--
			if c := s.w.container(one.step.Instance); c != nil && c.StartedAt.After(one.asked) {
				continue
			}
			s.say("late: %s %s", one.step.Kind, one.step.Instance)
			_ = s.take(s.w, one.d, one.step)
		}
	}
	if len(s.faults) > 0 || s.w.now.Before(s.calmAt) {
		return
	}
	// Faults have stopped: what was once accepted works from now on.
	for _, d := range s.w.deployments {
		for _, accepted := range d.desired.Record.Accepted {
			d.behaviours[accepted.Hash] = behaviour{}
			for _, c := range s.w.containers {
				if c.Deployment == d.desired.Name && c.Revision == accepted.Hash {
					c.behaviour = behaviour{}
					c.health.Alive = Unknown
				}
			}
		}
	}
}

// lasting makes something true for a while.
func (s *simulation) lasting(f fault, begin, end func()) {
	begin()
	s.ends = append(s.ends, simEnd{at: s.w.now.Add(f.lasts), end: end})
	s.calmAt = later(s.calmAt, s.w.now.Add(f.lasts))
}

func (s *simulation) strike(f fault) {
	l := s.loops[f.on%len(s.loops)]
	s.say("* %s %s", f.kind, l.d.desired.Name)
	s.note("fault %s", f.kind)
	switch f.kind {
	case "kill", "remove", "restart":
		s.strikeContainer(f)
	case "blink":
		s.w.blinkUntil = s.w.now.Add(10 * time.Second)
		s.calmAt = later(s.calmAt, s.w.blinkUntil)
	case "engine restarts", "engine away", "segue killed":
		s.strikeProcess(f)
	case "registry away":
		d := l.d
		s.lasting(f, func() { d.registryAway = true }, func() { d.registryAway = false })
	case "disk full":
		s.lasting(f, func() { s.w.diskFull = true }, func() { s.w.diskFull = false })
	case "include":
		for _, n := range s.w.nginx {
			n.included, n.changedAt = true, s.w.now
		}
		// What is idle then is stopped by a person some time later.
		s.ends = append(s.ends, simEnd{at: s.w.now.Add(2 * time.Minute), end: func() {
			for _, d := range s.w.deployments {
				d.takenSlots = nil
			}
		}})
	case "nginx fails", "nginx down", "nginx unknown", "eureka restarts", "eureka unknown", "eureka down":
		s.strikeServer(f)
	default:
		s.ask(f, l.d)
	}
}

func (s *simulation) strikeContainer(f fault) {
	var running []*worldContainer
	for _, c := range s.w.containers {
		if c.State == ContainerRunning {
			running = append(running, c)
		}
	}
	if len(running) == 0 {
		return
	}
	c := running[f.pick%len(running)]
	s.say("  %s", c.Name)
	s.w.exit(c, 137)
	switch f.kind {
	case "remove":
		_ = s.w.remove(c.Name)
	case "restart":
		c.State, c.StartedAt, c.ExitedAt, c.signalled = ContainerRunning, s.w.now, time.Time{}, time.Time{}
		if c.adopted {
			c.RetiredAt = time.Time{} // Nobody has asked this run of it to stop.
		}
	}
}

func (s *simulation) strikeProcess(f fault) {
	w := s.w
	switch f.kind {
	case "engine restarts":
		for _, c := range w.containers {
			if c.State == ContainerRunning {
				w.exit(c, 0)
				c.ExitCounts = false
			}
		}
		s.lasting(f, func() { w.engineDown = true }, func() { w.engineDown = false })
	case "engine away":
		s.lasting(f, func() { w.engineDown = true }, func() { w.engineDown = false })
	case "segue killed":
		s.killSegue()
	}
}

// killSegue loses everything that lives in segue's memory.
func (s *simulation) killSegue() {
	s.say("* segue is killed and starts again")
	w := s.w
	s.late = nil
	w.turn, w.turnAt = "", w.now
	for _, l := range s.loops {
		l.seen, l.woken = Observed{}, true
	}
	for _, d := range w.deployments {
		d.route = worldRoute{backends: d.route.backends, listeners: d.route.listeners}
		d.startFailed = Wish{}
		d.pulls = map[string]*worldPull{}
	}
	for _, e := range w.eureka {
		e.restartedAt = w.now
		for _, lease := range e.leases {
			if !lease.hiddenSince.IsZero() {
				lease.hiddenSince = w.now
			}
		}
	}
	for _, c := range w.containers {
		c.ExitCounts = false
		c.bad = time.Time{}
		if c.State != ContainerRunning || c.Retired || c.addressOnly {
			continue
		}
		c.health = Health{}
		if w.bornReady(c) {
			c.health = Health{Ready: Yes, Started: true, Warm: Wish{State: WishDone}}
		}
	}
}

// bornReady: a served generation names it, a Eureka server shows it UP, or, with neither, it is of the accepted
// revision.
func (w *world) bornReady(c *worldContainer) bool {
	for _, n := range w.nginx {
		if n.state == ServerUp && n.routes(c.Deployment.String(), c.Name) {
			return true
		}
	}
	for _, e := range w.eureka {
		if lease := e.leases[c.eurekaID]; lease != nil && lease.status == LeaseUp {
			return true
		}
	}
	d := w.deployment(c.Deployment.String())
	accepted, ok := lastAccepted(d.desired.Record.Accepted, "")
	return ok && accepted.Hash == c.Revision && c.eurekaID == "" && len(d.desired.Wanted.Deployment.Spec.AllRoutes()) == 0
}

func (s *simulation) strikeServer(f fault) {
	n := s.w.nginx[f.pick%len(s.w.nginx)]
	e := s.w.eureka[f.pick%len(s.w.eureka)]
	if e.by != "" && strings.HasPrefix(f.kind, "eureka") {
		return // It comes and goes with its instances.
	}
	switch f.kind {
	case "nginx fails":
		s.lasting(f, func() { n.failing = true }, func() { n.failing = false })
	case "nginx down":
		s.lasting(f, func() { n.state, n.workers = ServerDown, nil }, func() { s.w.nginxReturns(n) })
	case "nginx unknown":
		s.lasting(f, func() { n.state = ServerUnknown }, func() { n.state = ServerUp })
	case "eureka restarts":
		e.leases, e.restartedAt, e.refreshAt = map[string]*worldLease{}, s.w.now, s.w.now.Add(s.w.costs.Response)
	case "eureka unknown":
		s.lasting(f, func() { e.state = ServerUnknown }, func() {
			if e.state == ServerUnknown && !e.refusing {
				e.state = ServerUp
			}
		})
	case "eureka down":
		// It counts as down only once it has refused for longer than consumers remember.
		if e.refusing {
			return
		}
		f.lasts += longestMemory
		s.ends = append(s.ends, simEnd{at: s.w.now.Add(longestMemory + time.Second), end: func() { e.state = ServerDown }})
		s.lasting(f, func() { e.state, e.refusing, e.refusedAt = ServerUnknown, true, s.w.now }, func() {
			e.refusing = false
			e.state, e.leases, e.restartedAt = ServerUp, map[string]*worldLease{}, s.w.now
		})
	}
}

// nginxReturns lets a server come back with the last files that it was given.
func (w *world) nginxReturns(n *worldNginx) {
	n.state, n.changedAt = ServerUp, w.now
	for _, d := range w.deployments {
		if d.route.backends != nil && !slices.Contains(d.route.left, n) {
			n.load(d.desired.Name.String(), d.route.backends, d.route.listeners, w.now, w.costs.Worker)
		}
	}
}

// simEnd is the end of something that lasts.
type simEnd struct {
	at  time.Time
	end func()
}

// mend ends what is over.
func (s *simulation) mend() {
	var left []simEnd
	for _, e := range s.ends {
		if s.w.now.Before(e.at) {
			left = append(left, e)
			continue
		}
		e.end()
	}
	s.ends = left
}
