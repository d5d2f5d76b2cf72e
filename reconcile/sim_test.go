package reconcile

import (
	"errors"
	"fmt"
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"time"
)

// quietTime is how long nothing may be left to do before a world counts as settled: longer than anything in it takes
// to become visible.
const quietTime = 15 * time.Second

// longestMemory is how long consumers of Eureka remember in the simulator.
const longestMemory = 5 * time.Second

// stalest is how old a read may be that the loop decides on, as long as it took no step of its own since.
const stalest = 3 * time.Second

// simCosts are short, so that many worlds fit into a minute.
var simCosts = Costs{
	Pull: time.Second, Boot: 3 * time.Second, Warm: time.Second, Reload: time.Second,
	Worker: 3 * time.Second, Exit: 2 * time.Second, Response: 3 * time.Second, Post: 2 * time.Second,
}

// simulation is one seeded world, the loops that run in it, and the people and faults that disturb it.
type simulation struct {
	seed int64
	rng  *rand.Rand
	w    *world
	// next decides; a planted error replaces it, or take, which executes.
	next func(Desired, Observed, time.Time) Decision
	take func(*world, *worldDeployment, Step) error
	// faults are still to come, in order; some are left out when a failing world is shrunk.
	faults  []fault
	loops   []*simLoop
	lines   []string
	verbose bool
	broken  string
	// calmAt is when the last disturbance ended, quietSince since when no loop has had anything to do.
	calmAt, quietSince time.Time
	revision           int
	// opened are the instances that were made UP on purpose.
	opened map[string]bool
	// ends are what ends later, late the steps whose reply was given up before they took effect.
	ends []simEnd
	late []lateStep
	// seen is what happened, for coverage.
	seen coverage
	// dead says since when a dead instance has been in an nginx server that could be changed.
	dead map[string]time.Time
}

// simLoop is the controller's work on one Deployment.
type simLoop struct {
	d        *worldDeployment
	again    time.Time
	decision Decision
	settled  bool
	// seen is the last read, actedAt when the last step was taken.
	seen    Observed
	actedAt time.Time
	// sight is what the last decision was about; woken: something else than a sight wants another one.
	sight Observed
	woken bool
}

// due: the loop would decide now. It does when it is woken: by what it sees, by its own steps and by people; or because
// it wanted to look again.
func (l *simLoop) due(o Observed, now time.Time) bool {
	return l.woken || !l.again.IsZero() && !now.Before(l.again) || !sameSight(l.sight, o)
}

// sameSight: nothing differs that any driver would tell of.
func sameSight(a, b Observed) bool { return reflect.DeepEqual(told(a), told(b)) }

// told is what drivers tell of when it changes: all but when it was read and how often the same answer came.
func told(o Observed) Observed {
	o.Began = time.Time{}
	o.Instances = slices.Clone(o.Instances)
	for i := range o.Instances {
		o.Instances[i].Health.LastAt, o.Instances[i].Health.Failures = time.Time{}, 0
	}
	return o
}

// lateStep takes effect after its caller has given up.
type lateStep struct {
	at   time.Time
	d    *worldDeployment
	step Step
	// asked is when the step was taken: a signal does not reach a later run of an adopted container.
	asked time.Time
}

// run lets the world live until nothing is left to do after the last fault, or an invariant breaks.
func (s *simulation) run() string {
	start := s.w.now
	limit := start.Add(40 * time.Minute)
	for s.broken == "" && s.w.now.Before(limit) {
		s.disturb(start)
		s.pause(tick * time.Duration(1+s.rng.Intn(3)))
		for _, i := range s.rng.Perm(len(s.loops)) {
			s.pass(s.loops[i])
		}
		if s.done() {
			s.checkEnd()
			return s.broken
		}
	}
	for _, l := range s.loops {
		d := l.d.desired
		if l.d.behaviours[d.Wanted.Hash] != (behaviour{}) && l.decision.Target == d.Wanted.Hash && l.decision.Phase == Progressing {
			s.fail(11, "the deadline of %s %s does not fire: %s", d.Name, d.Wanted.Hash, s.open())
		}
	}
	if s.broken == "" {
		s.fail(10, "the world does not converge: %s", s.open())
	}
	return s.broken
}

// open says what every loop is still about.
func (s *simulation) open() string {
	var open []string
	for _, l := range s.loops {
		settings := l.d.desired.Wanted.Deployment.Spec
		open = append(open, fmt.Sprintf("%s (%s, %d replicas, clock %+v) %s: %s %v %+v", l.d.desired.Name, settings.Strategy.Type, *settings.Replicas,
			l.d.desired.Record.Clock, l.decision.Phase, l.decision.Reason, l.decision.Steps, l.decision.Waits))
	}
	return strings.Join(open, "; ")
}

// pause lets time pass and looks at the world while it does.
func (s *simulation) pause(d time.Duration) {
	for end := s.w.now.Add(d); s.w.now.Before(end); {
		s.w.advance(s.w.now.Add(tick))
		s.checkWorld()
	}
}

// done: no fault is left, and for a while no loop has had anything to do, nor has one now.
func (s *simulation) done() bool {
	quiet := len(s.faults)+len(s.ends)+len(s.late) == 0
	for _, l := range s.loops {
		quiet = quiet && l.settled && l.d.route.wish.State != WishPending
	}
	if !quiet {
		s.quietSince = s.w.now
	}
	if s.w.now.Sub(s.quietSince) < quietTime || s.w.now.Before(s.calmAt.Add(quietTime)) {
		return false
	}
	for _, l := range s.loops {
		if len(s.next(l.d.desired, s.w.observe(l.d), s.w.now).Steps) > 0 {
			return false
		}
	}
	return true
}

// look reads the world, or makes do with an earlier read that began after the loop's own last step.
func (s *simulation) look(l *simLoop) Observed {
	fresh := l.seen.Began.After(l.actedAt) && s.w.now.Sub(l.seen.Began) <= stalest
	if len(s.faults) == 0 || !fresh || s.rng.Intn(4) > 0 {
		l.seen = s.w.observe(l.d)
	}
	observed := l.seen
	if s.rng.Intn(8) == 0 {
		s.pause(tick)
	}
	return observed
}

// pass is one round of a loop: look, decide on what may be a moment old, take the steps in any order.
func (s *simulation) pass(l *simLoop) {
	observed := s.look(l)
	if !l.due(observed, s.w.now) {
		return
	}
	desired := l.d.desired
	decision := s.next(desired, observed, s.w.now)
	s.checkDecision(l, desired, observed, decision)
	s.noteDecision(decision)
	l.decision, l.again, l.sight, l.woken = decision, decision.Again, observed, false
	l.settled = len(decision.Steps) == 0 && decision.Phase != Progressing && decision.Phase != Deleting && decision.Phase != Blocked
	if l.settled {
		s.w.leave(l.d)
	}
	l.d.keep(decision)
	if len(decision.Steps) > 0 {
		l.actedAt = s.w.now
	}
	l.woken = slices.ContainsFunc(decision.Steps, func(step Step) bool { return !step.Repeat })
	for _, i := range s.rng.Perm(len(decision.Steps)) {
		step := decision.Steps[i]
		if step.Kind == Retire && !step.Repeat {
			if !s.w.enter(l.d, observed.Began) {
				l.woken = true
				continue
			}
			s.checkServer(l.d, observed, step)
		}
		s.checkStep(l.d, observed, decision, step)
		if s.broken != "" {
			return
		}
		if len(s.faults) > 0 && s.rng.Intn(25) == 0 {
			s.goWrong(l, step)
			l.woken = true // A step that failed is taken again.
			continue
		}
		s.execute(l, step)
		if len(s.faults) > 0 && s.rng.Intn(120) == 0 {
			s.killSegue()
			return
		}
	}
}

// goWrong lets a step fail: without effect, with half of it, or with all of it after the caller has given up.
func (s *simulation) goWrong(l *simLoop, step Step) {
	switch kind := step.Kind; {
	case kind == Start && s.rng.Intn(2) == 0:
		s.say("the step %s %s is cut short", kind, step.Instance)
		s.note("a step is cut short")
		if s.take(s.w, l.d, step) == nil {
			c := s.w.container(step.Instance)
			if c.StartedAt.Equal(s.w.now) && !c.adopted {
				c.State, c.StartedAt = ContainerCreated, time.Time{}
			}
		}
	case (kind == Seed || kind == Register || kind == Deregister) && s.rng.Intn(2) == 0 && len(s.w.eureka) > 1:
		s.say("the step %s %s reaches only one server", kind, step.Instance)
		s.note("a step reaches one server")
		all := s.w.eureka
		s.w.eureka = all[s.rng.Intn(len(all)):][:1]
		s.execute(l, step)
		s.w.eureka = all
	case (kind == Retire || kind == Remove || kind == Pull || kind == Warm) && s.rng.Intn(2) == 0:
		s.say("the step %s %s takes effect late", kind, step.Instance)
		s.note("a step takes effect late")
		s.late = append(s.late, lateStep{at: s.w.now.Add(time.Duration(1+s.rng.Intn(6)) * tick), d: l.d, step: step, asked: s.w.now})
	default:
		s.say("the step %s %s fails", kind, step.Instance)
		s.note("a step fails")
	}
}

func (s *simulation) execute(l *simLoop, step Step) {
	if !step.Repeat && s.verbose {
		s.say("%s: %s", l.d.desired.Name, stepLine(step))
	}
	err := s.take(s.w, l.d, step)
	if err != nil && !errors.Is(err, ErrNoAddress) && s.verbose {
		s.say("%s %s: %v", step.Kind, step.Instance, err)
	}
	if step.Kind == Register && err == nil {
		s.opened[step.Instance] = true
	}
	if s.rng.Intn(20) == 0 {
		s.checkTwice(l.d, step)
	}
}

// checkTwice is the second half of invariant 6: the reply was lost, and the step is taken again.
func (s *simulation) checkTwice(d *worldDeployment, step Step) {
	s.note("a step is taken twice")
	before := len(s.w.containers)
	_ = s.take(s.w, d, step)
	if len(s.w.containers) != before {
		s.fail(6, "%s %s has another effect when it is taken twice", step.Kind, step.Instance)
	}
}

func (s *simulation) say(format string, args ...any) {
	if s.verbose {
		s.lines = append(s.lines, fmt.Sprintf("%6.1fs  ", s.w.now.Sub(day).Seconds())+fmt.Sprintf(format, args...))
	}
}

func (s *simulation) fail(invariant int, format string, args ...any) {
	if s.broken == "" {
		s.broken = fmt.Sprintf("invariant %d: ", invariant) + fmt.Sprintf(format, args...)
		s.say("BROKEN %s", s.broken)
	}
}
