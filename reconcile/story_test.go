package reconcile

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/spec"
)

// day is when every story begins.
var day = time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)

// storyCosts are small, so that stories are short to read.
var storyCosts = Costs{
	Pull: 2 * time.Second, Boot: 8 * time.Second, Warm: time.Second, Reload: time.Second,
	Worker: 2 * time.Second, Exit: 2 * time.Second, Response: 10 * time.Second, Post: 4 * time.Second,
}

// story runs one Deployment, orders, in the model and writes down what a person would see.
type story struct {
	t     testing.TB
	w     *world
	d     *worldDeployment
	lines []string
	begun time.Time
	last  string
	phase string
	loop  simLoop
}

func newStory(t testing.TB, first spec.DeploymentSpec) *story {
	t.Helper()
	w := &world{now: day, costs: storyCosts, network: netip.MustParsePrefix("10.83.0.0/24")}
	d := &worldDeployment{behaviours: map[string]behaviour{}, pulls: map[string]*worldPull{}}
	d.desired = Desired{Name: spec.ParseName("orders"), Wanted: revision("v1", 1, first), PropagationTime: 20 * time.Second}
	w.deployments = []*worldDeployment{d}
	if len(first.Routes) > 0 {
		w.nginx = []*worldNginx{newNginx("web-1"), newNginx("web-2")}
	}
	if first.Eureka != nil {
		w.eureka = []*worldEureka{newEureka("eureka-1", day), newEureka("eureka-2", day)}
	}
	return &story{t: t, w: w, d: d, begun: day, loop: simLoop{woken: true}}
}

func newNginx(name string) *worldNginx {
	return &worldNginx{name: name, object: "edge", state: ServerUp, included: true, loaded: map[string][]worldBackend{}}
}

func newEureka(url string, now time.Time) *worldEureka {
	return &worldEureka{url: url, state: ServerUp, leases: map[string]*worldLease{}, refreshAt: now.Add(3 * time.Second)}
}

func revision(hash string, number int, s spec.DeploymentSpec) Revision {
	return Revision{Hash: hash, Number: number, Deployment: spec.Deployment{Spec: s}}
}

func ptr[T any](v T) *T { return &v }

// settings is a Deployment with one route, a readiness probe and the given number of replicas.
func settings(replicas int) spec.DeploymentSpec {
	return spec.DeploymentSpec{
		Replicas: ptr(replicas),
		Routes:   map[string]spec.Route{"http": {Hostnames: []string{"orders.shop"}}},
		Template: spec.Template{Image: "orders", ReadinessProbe: &spec.Probe{}},
	}
}

// apply asks for another revision.
func (s *story) apply(hash string, b behaviour, change func(*spec.DeploymentSpec)) {
	next := s.d.desired.Wanted.Deployment.Spec
	if change != nil {
		change(&next)
	}
	s.d.behaviours[hash] = b
	s.d.overtake()
	s.d.desired.Wanted = revision(hash, s.d.desired.Wanted.Number+1, next)
	s.say(fmt.Sprintf("revision %s is applied", hash))
}

// begin forgets what was written so far and counts time from now.
func (s *story) begin() {
	s.lines, s.begun, s.last, s.phase = nil, s.w.now, "", ""
}

func (s *story) write(line string) {
	at := s.w.now.Sub(s.begun)
	s.lines = append(s.lines, fmt.Sprintf("%5.1fs  %s", at.Seconds(), line))
}

// say writes what happens to the world from outside.
func (s *story) say(what string) {
	s.write("* " + what)
	s.loop.woken = true
}

// once looks; where the loop would, it decides and takes the steps. It answers whether something was done that was not
// a repetition.
func (s *story) once() (Decision, bool) {
	observed := s.w.observe(s.d)
	if !s.loop.due(observed, s.w.now) {
		return s.loop.decision, false
	}
	decision := Next(s.d.desired, observed, s.w.now)
	s.loop.decision, s.loop.again, s.loop.sight, s.loop.woken = decision, decision.Again, observed, false
	s.d.keep(decision)
	acted := false
	for _, step := range decision.Steps {
		err := s.w.take(s.d, step)
		if !step.Repeat {
			s.write(stepLine(step))
			acted, s.loop.woken = true, true
		}
		if err != nil {
			s.write("! " + err.Error())
		}
	}
	if words := decision.Phase.String() + ": " + decision.Reason; words != s.phase && !acted {
		s.phase = words
		s.write("  " + words)
	}
	return decision, acted
}

func stepLine(step Step) string {
	what := step.Instance
	switch step.Kind {
	case Route:
		what = "[" + strings.Join(step.Serving, " ") + "]"
		if len(step.Preview) > 0 {
			what += " beside [" + strings.Join(step.Preview, " ") + "]"
		}
	case Pull, Accept, Reject:
		what = step.Revision
	}
	if step.Slot != "" {
		what += " in " + step.Slot
	}
	return fmt.Sprintf("%-10s %s: %s", step.Kind, what, step.Reason)
}

// runFor lets the loop run for a time.
func (s *story) runFor(t time.Duration) { s.runUntil(t, func(Decision) bool { return false }) }

// settle lets the loop run until nothing is left to do but to wait for people.
func (s *story) settle() Decision {
	s.t.Helper()
	var final Decision
	ok := s.runUntil(30*time.Minute, func(d Decision) bool {
		final = d
		return len(d.Steps) == 0 && d.Phase != Progressing && d.Phase != Deleting
	})
	if !ok {
		s.t.Fatalf("nothing settles:\n%s\nwaits %+v", strings.Join(s.lines, "\n"), final.Waits)
	}
	return final
}

func (s *story) runUntil(limit time.Duration, done func(Decision) bool) bool {
	s.t.Helper()
	busy := 0
	for end := s.w.now.Add(limit); s.w.now.Before(end); {
		decision, acted := s.once()
		if busy++; !acted {
			busy = 0
		}
		if busy > 20 {
			s.t.Fatalf("the loop runs hot:\n%s", strings.Join(s.lines[len(s.lines)-30:], "\n"))
		}
		if done(decision) {
			return true
		}
		if !acted {
			s.w.advance(s.w.now.Add(tick))
		}
	}
	return false
}

// kill ends an instance as an administrator would.
func (s *story) kill(instance string) {
	s.t.Helper()
	c := s.w.container(instance)
	if c == nil || c.State != ContainerRunning {
		s.t.Fatalf("%s does not run:\n%s", instance, strings.Join(s.lines, "\n"))
	}
	s.say(instance + " is killed")
	s.w.exit(c, 137)
}
