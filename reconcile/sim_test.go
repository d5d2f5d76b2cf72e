package reconcile

import (
	"errors"
	"flag"
	"fmt"
	"math/rand"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segue-dev/segue/spec"
)

var (
	worlds  = flag.Int("worlds", 0, "how many seeded worlds the simulator runs; default $SEGUE_SIM_WORLDS, else 1000")
	oneSeed = flag.Int64("seed", -1, "run only the world of this seed and print its transcript")
)

// quietTime is how long nothing may be left to do before a world counts as settled: longer than anything in it takes
// to become visible.
const quietTime = 15 * time.Second

// longestMemory is how long consumers of Eureka remember in the simulator.
const longestMemory = 5 * time.Second

// simCosts are short, so that many worlds fit into a minute.
var simCosts = Costs{
	Pull: time.Second, Boot: 3 * time.Second, Warm: time.Second, Reload: time.Second,
	Worker: 3 * time.Second, Exit: 2 * time.Second, Response: 3 * time.Second, Post: 2 * time.Second,
}

// simulation is one seeded world, the loop that runs in it, and the people and faults that disturb it.
type simulation struct {
	seed int64
	rng  *rand.Rand
	w    *world
	// next decides; a planted error replaces it, or take, which executes.
	next func(Desired, Observed, time.Time) Decision
	take func(*world, *worldDeployment, Step) error
	// faults are still to come, in order; skipped ones are left out when a failing world is shrunk.
	faults  []fault
	loops   []*simLoop
	lines   []string
	verbose bool
	broken  string
	// calmAt is when the last disturbance ended.
	calmAt time.Time
	// quietSince is since when no loop has had anything to do.
	quietSince time.Time
	revision   int
	// opened are the instances that a Register opened.
	opened map[string]bool
	// killed are the instances that a fault killed last, ends what ends later.
	killed map[string]time.Time
	ends   []simEnd
	// dead says since when a dead instance has been in an nginx server that could be changed.
	dead map[string]time.Time
}

// simLoop is the controller's work on one Deployment.
type simLoop struct {
	d        *worldDeployment
	again    time.Time
	decision Decision
	settled  bool
}

func newSimulation(seed int64) *simulation {
	s := &simulation{
		seed: seed, rng: rand.New(rand.NewSource(seed)), next: Next,
		take: (*world).take, opened: map[string]bool{}, killed: map[string]time.Time{}, dead: map[string]time.Time{},
	}
	costs := simCosts
	costs.Reload = time.Duration(1+s.rng.Intn(2)) * tick * 2
	costs.Worker = time.Duration(s.rng.Intn(12)) * time.Second
	s.w = &world{now: day, costs: costs, network: netip.MustParsePrefix("10.83.0.0/24")}
	for i := range 1 + s.rng.Intn(2) {
		s.w.nginx = append(s.w.nginx, newNginx(fmt.Sprintf("web-%d", i+1)))
	}
	for i := range 1 + s.rng.Intn(3) {
		s.w.eureka = append(s.w.eureka, newEureka(fmt.Sprintf("eureka-%d", i+1), day))
	}
	for i := range 1 + s.rng.Intn(3) {
		s.addDeployment([]string{"orders", "payments", "stock"}[i])
	}
	s.faults = s.drawFaults()
	return s
}

func (s *simulation) addDeployment(name string) {
	d := &worldDeployment{behaviours: map[string]behaviour{}, pulls: map[string]*worldPull{}}
	first := s.drawSettings()
	d.desired = Desired{Name: spec.ParseName(name), Wanted: revision("v1", 1, first), PropagationTime: longestMemory}
	s.w.deployments = append(s.w.deployments, d)
	s.loops = append(s.loops, &simLoop{d: d})
}

func (s *simulation) drawSettings() spec.DeploymentSpec {
	c := spec.DeploymentSpec{
		Replicas: ptr(1 + s.rng.Intn(4)), Template: spec.Template{Image: "i", ReadinessProbe: &spec.Probe{}},
		ProgressDeadlineSeconds: ptr(60), DrainTimeoutSeconds: ptr(6), MinReadySeconds: ptr(s.rng.Intn(3)),
	}
	if s.rng.Intn(6) > 0 {
		c.Routes = map[string]spec.Route{"http": {}}
	}
	switch s.rng.Intn(4) {
	case 0:
		c.Eureka = &spec.Registration{}
	case 1:
		c.Eureka = &spec.Registration{Mode: spec.ManagedRegistration}
	}
	if s.rng.Intn(3) == 0 {
		c.Template.Warmup = []spec.Warmup{{Path: "/warm"}}
	}
	if s.rng.Intn(6) == 0 {
		c.AutoRollback = ptr(false)
	}
	c.Strategy = s.drawStrategy()
	return c
}

func (s *simulation) drawStrategy() spec.Strategy {
	switch s.rng.Intn(7) {
	case 0, 1, 2:
		return spec.Strategy{Type: spec.RollingUpdate, RollingUpdate: &spec.RollingUpdateStrategy{
			MaxSurge:       ptr(spec.IntOrPercent(strconv.Itoa(s.rng.Intn(3)))),
			MaxUnavailable: ptr(spec.IntOrPercent(strconv.Itoa(s.rng.Intn(3)))),
		}}
	case 3:
		return spec.Strategy{Type: spec.Recreate}
	default:
		return spec.Strategy{Type: spec.BlueGreen, BlueGreen: &spec.BlueGreenStrategy{
			ScaleDownDelaySeconds: ptr(s.rng.Intn(6)), AutoPromote: ptr(s.rng.Intn(3) > 0),
		}}
	}
}

// run lets the world live until nothing is left to do after the last fault, or an invariant breaks.
func (s *simulation) run() string {
	start := s.w.now
	limit := start.Add(20 * time.Minute)
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
	if s.broken == "" {
		var open []string
		for _, l := range s.loops {
			settings := l.d.desired.Wanted.Deployment.Spec
			open = append(open, fmt.Sprintf("%s (%s, %d replicas, record %+v) %s: %s %v %+v", l.d.desired.Name, settings.Strategy.Type, *settings.Replicas,
				l.d.desired.Record.Clock, l.decision.Phase, l.decision.Reason, l.decision.Steps, l.decision.Waits))
		}
		s.fail(10, "the world does not converge: %s", strings.Join(open, "; "))
	}
	return s.broken
}

// pause lets time pass and looks at the world while it does.
func (s *simulation) pause(d time.Duration) {
	for end := s.w.now.Add(d); s.w.now.Before(end); {
		s.w.advance(s.w.now.Add(tick))
		s.checkWorld()
	}
}

// done: no fault is left and no loop has anything to do.
func (s *simulation) done() bool {
	quiet, due := len(s.faults) == 0 && len(s.ends) == 0, false
	for _, l := range s.loops {
		due = due || !l.again.IsZero() && !s.w.now.Before(l.again)
		quiet = quiet && l.settled && l.d.route.wish.State != WishPending
	}
	if !quiet {
		s.quietSince = s.w.now
	}
	return !due && s.w.now.Sub(s.quietSince) >= quietTime && !s.w.now.Before(s.calmAt.Add(quietTime))
}

// pass is one round of a loop: look, decide on what may be a moment old, take the steps in any order.
func (s *simulation) pass(l *simLoop) {
	if l.settled && s.w.now.Before(l.again) && s.rng.Intn(4) > 0 {
		return
	}
	observed := s.w.observe(l.d)
	if s.rng.Intn(8) == 0 {
		s.pause(tick)
	}
	desired := l.d.desired
	decision := s.next(desired, observed, s.w.now)
	s.checkOrder(desired, observed, decision)
	l.decision, l.again = decision, decision.Again
	l.settled = len(decision.Steps) == 0 && decision.Phase != Progressing && decision.Phase != Deleting && decision.Phase != Blocked
	l.d.keep(decision)
	for _, i := range s.rng.Perm(len(decision.Steps)) {
		step := decision.Steps[i]
		s.checkStep(l.d, observed, decision, step)
		if s.broken != "" {
			return
		}
		if len(s.faults) > 0 && s.rng.Intn(25) == 0 {
			s.say("the step %s %s fails", step.Kind, step.Instance)
			continue
		}
		s.execute(l, step)
		if len(s.faults) > 0 && s.rng.Intn(120) == 0 {
			s.killSegue()
			return
		}
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
		// The reply was lost; the step is taken again.
		_ = s.take(s.w, l.d, step)
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

// TestWorlds runs many seeded worlds. A failing one is shrunk and printed.
func TestWorlds(t *testing.T) {
	n := *worlds
	if n == 0 {
		n, _ = strconv.Atoi(os.Getenv("SEGUE_SIM_WORLDS"))
	}
	if n == 0 {
		n = 1000
	}
	if *oneSeed >= 0 {
		s := newSimulation(*oneSeed)
		s.verbose = true
		if broken := s.run(); broken != "" {
			t.Errorf("%s", broken)
		}
		t.Log("\n" + strings.Join(s.lines, "\n"))
		return
	}
	seed, broken := firstBroken(int64(n), func(*simulation) {})
	if broken != "" {
		t.Fatalf("%s\n%s", broken, shrunk(seed, func(*simulation) {}))
	}
}

// firstBroken runs the worlds of seeds 0 to n−1, prepared by prepare, and returns the lowest seed that breaks.
func firstBroken(n int64, prepare func(*simulation)) (int64, string) {
	var mu sync.Mutex
	var group sync.WaitGroup
	var next, stop atomic.Int64
	stop.Store(n)
	lowest, words := n, ""
	for range runtime.NumCPU() {
		group.Go(func() {
			for {
				seed := next.Add(1) - 1
				if seed >= stop.Load() {
					return
				}
				s := newSimulation(seed)
				prepare(s)
				if broken := s.run(); broken != "" {
					mu.Lock()
					if seed < lowest {
						lowest, words = seed, broken
						stop.Store(seed)
					}
					mu.Unlock()
				}
			}
		})
	}
	group.Wait()
	return lowest, words
}

// shrunk runs a failing world again with as few faults as still break it, and returns its transcript.
func shrunk(seed int64, prepare func(*simulation)) string {
	whole := newSimulation(seed)
	faults := whole.faults
	prepare(whole)
	whole.run()
	number, _, _ := strings.Cut(whole.broken, ":")
	again := func(faults []fault) *simulation {
		s := newSimulation(seed)
		prepare(s)
		s.faults, s.verbose = append([]fault(nil), faults...), true
		s.run()
		return s
	}
	for i := 0; i < len(faults); {
		fewer := append(append([]fault(nil), faults[:i]...), faults[i+1:]...)
		if strings.HasPrefix(again(fewer).broken, number+":") {
			faults = fewer
		} else {
			i++
		}
	}
	s := again(faults)
	return fmt.Sprintf("seed %d, %d faults left (run it whole with -run TestWorlds -seed %d)\n%s", seed, len(faults), seed, strings.Join(s.lines, "\n"))
}
