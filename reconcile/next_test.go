package reconcile

import (
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/spec"
)

// TestBudgets: percentages round as in Kubernetes, and the budgets are clamped so that there is always a way forward.
func TestBudgets(t *testing.T) {
	for _, c := range []struct {
		replicas                          int
		maxSurge, maxUnavailable          string
		surge, unavailable, floor, maxOut int
	}{
		{3, "1", "0", 1, 0, 3, 4},
		{3, "25%", "25%", 1, 0, 3, 4},
		{4, "25%", "25%", 1, 1, 3, 5},
		{10, "30%", "30%", 3, 3, 7, 13},
		{10, "25%", "25%", 3, 2, 8, 13},
		{10, "0", "100%", 0, 9, 1, 10},
		{1, "0", "1", 1, 0, 1, 2},
		{1, "0", "0", 1, 0, 1, 2},
		{3, "0%", "10%", 1, 0, 3, 4},
		{0, "1", "1", 1, 0, 0, 1},
		{2, "100%", "0", 2, 0, 2, 4},
	} {
		s := rolling(c.replicas, spec.IntOrPercent(c.maxSurge), spec.IntOrPercent(c.maxUnavailable))
		got := termsOf(s, s)
		if got.surge != c.surge || got.unavailable != c.unavailable || got.floor != c.floor || got.maxLive() != c.maxOut {
			t.Errorf("%d replicas, surge %s, unavailable %s: got surge %d, unavailable %d, floor %d, live %d", c.replicas, c.maxSurge, c.maxUnavailable, got.surge, got.unavailable, got.floor, got.maxLive())
		}
	}
}

// TestRollbackTerms: going back restores everything except replicas and paused.
func TestRollbackTerms(t *testing.T) {
	target := with(settings(2), func(c *spec.DeploymentSpec) { c.DrainTimeoutSeconds = ptr(7); c.Paused = ptr(true) })
	got := termsOf(target, settings(5))
	if got.replicas != 5 || got.paused || got.drainTimeout != 7*time.Second {
		t.Errorf("got %d replicas, paused %v, drain timeout %s", got.replicas, got.paused, got.drainTimeout)
	}
}

func TestAutoRollback(t *testing.T) {
	for _, c := range []struct {
		what string
		spec spec.DeploymentSpec
		want bool
	}{
		{"rolling", settings(1), true},
		{"rolling, said otherwise", with(settings(1), func(c *spec.DeploymentSpec) { c.AutoRollback = ptr(false) }), false},
		{"recreate", recreate(1), true},
		{"recreate, writable volume", with(recreate(1), func(c *spec.DeploymentSpec) { c.Template.Volumes = []string{"data:/data"} }), false},
		{"recreate, read-only volume", with(recreate(1), func(c *spec.DeploymentSpec) { c.Template.Volumes = []string{"data:/data:ro"} }), true},
	} {
		if got := termsOf(c.spec, c.spec).autoRollback; got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
	}
}

// exits is a scene in which the target's instances exited n times, the last one at day.
func exits(replicas, n int, now time.Time) *scene {
	o := Observed{Pull: Wish{State: WishDone}}
	for i := range n {
		o.Instances = append(o.Instances, Instance{Container: Container{
			Name: "orders-v1-" + string(rune('a'+i)), Revision: "v1", N: i + 1, State: ContainerExited, ExitCounts: true, ExitedAt: day,
		}})
	}
	d := Desired{Name: spec.ParseName("orders"), Wanted: revision("v1", 1, settings(replicas)), Record: Record{Clock: Clock{Revision: "v1"}}}
	return newScene(d, o, now)
}

// TestBackoff is the table above backoff.
func TestBackoff(t *testing.T) {
	for _, c := range []struct {
		replicas, exits int
		wait            time.Duration
	}{
		{1, 0, 0}, {1, 1, 0}, {1, 2, 10 * time.Second}, {1, 3, 20 * time.Second}, {1, 4, 40 * time.Second}, {1, 5, 80 * time.Second},
		{1, 6, 160 * time.Second}, {1, 7, 300 * time.Second}, {1, 12, 300 * time.Second},
		{3, 3, 0}, {3, 4, 10 * time.Second}, {3, 6, 10 * time.Second}, {3, 7, 20 * time.Second},
	} {
		if c.wait > 0 && exits(c.replicas, c.exits, day.Add(c.wait-time.Second)).backoff("v1") {
			t.Errorf("%d replicas, %d exits: it starts before %s", c.replicas, c.exits, c.wait)
		}
		if !exits(c.replicas, c.exits, day.Add(c.wait)).backoff("v1") {
			t.Errorf("%d replicas, %d exits: it does not start after %s", c.replicas, c.exits, c.wait)
		}
	}
}

// TestExitsOfEarlierTries: who tries a revision again does not find its old exits counted.
func TestExitsOfEarlierTries(t *testing.T) {
	s := exits(1, 3, day.Add(time.Minute))
	if len(s.exitsOf("v1")) != 3 {
		t.Fatalf("%d exits count", len(s.exitsOf("v1")))
	}
	s.decision.Clock.Begun = day.Add(time.Second)
	if got := s.exitsOf("v1"); len(got) != 0 {
		t.Errorf("%d exits of an earlier try count", len(got))
	}
}

// TestDeadline: what stops the clock and what does not.
func TestDeadline(t *testing.T) {
	starting := Instance{Container: Container{Name: "orders-v1-1", Revision: "v1", N: 1, State: ContainerRunning, StartedAt: day}, Health: Health{Ready: No, Since: day, Started: true, Last: "GET / → 503", LastAt: day}}
	for _, c := range []struct {
		what    string
		change  func(*Desired, *Observed)
		running bool
	}{
		{"an instance that does not get ready", func(*Desired, *Observed) {}, true},
		{"a pause", func(d *Desired, _ *Observed) { d.Record.Paused = true }, false},
		{"a dependency", func(_ *Desired, o *Observed) { o.Dependencies = []string{"eureka"} }, false},
		{"an image that does not exist", func(_ *Desired, o *Observed) { o.Instances, o.Pull = nil, Wish{State: WishFailed, Own: true, At: day} }, true},
		{"a registry that does not answer", func(_ *Desired, o *Observed) { o.Instances, o.Pull = nil, Wish{State: WishFailed, At: day} }, false},
		{"a full disk", func(_ *Desired, o *Observed) { o.StartFailed = Wish{State: WishFailed, At: day} }, false},
		{"the engine", func(_ *Desired, o *Observed) { o.Engine = Culprit{Name: "docker"} }, false},
		{"a deletion", func(d *Desired, _ *Observed) { d.Deleted = true }, false},
		{"an instance that is ready", func(_ *Desired, o *Observed) { o.Instances[0].Health.Ready = Yes }, false},
	} {
		d := Desired{Name: spec.ParseName("orders"), Wanted: revision("v1", 1, worker(1)), Record: Record{Clock: Clock{Revision: "v1"}}}
		o := Observed{Instances: []Instance{starting}, Pull: Wish{State: WishDone}}
		c.change(&d, &o)
		if got := Next(d, o, day.Add(time.Minute)).Clock.Running; got != c.running {
			t.Errorf("%s: the clock runs: %v", c.what, got)
		}
	}
}

// TestDeadlineFires on time, with its cause; but nobody is rejected who was not asked since segue runs.
func TestDeadlineFires(t *testing.T) {
	i := Instance{Container: Container{Name: "orders-v1-1", Revision: "v1", N: 1, State: ContainerRunning, StartedAt: day}, Health: Health{Ready: No, Since: day, Started: true, Last: "GET / → 503", LastAt: day}}
	d := Desired{Name: spec.ParseName("orders"), Wanted: revision("v1", 1, worker(1)), Record: Record{Clock: Clock{Revision: "v1", At: day, Running: true}}}
	late := day.Add(10 * time.Minute)
	before := Next(d, Observed{Instances: []Instance{i}, Pull: Wish{State: WishDone}}, late.Add(-time.Second))
	if len(before.Steps) != 0 || before.Again.After(late) {
		t.Errorf("before the deadline: %v, again %s", before.Steps, before.Again)
	}
	at := Next(d, Observed{Instances: []Instance{i}, Pull: Wish{State: WishDone}}, late)
	if len(at.Steps) != 1 || at.Steps[0].Kind != Reject || !strings.Contains(at.Steps[0].Reason, "GET / → 503") {
		t.Errorf("at the deadline: %v", at.Steps)
	}
	i.Health = Health{}
	if unasked := Next(d, Observed{Instances: []Instance{i}, Pull: Wish{State: WishDone}}, late); len(unasked.Steps) != 0 {
		t.Errorf("nobody asked it yet, and: %v", unasked.Steps)
	}
}

// TestRouteUnderWay: what a change of nginx that is under way may still send to is not stopped.
func TestRouteUnderWay(t *testing.T) {
	s := served(t, settings(2))
	n := s.w.observe(s.d)
	n.Nginx[0].Serves["orders"], n.Nginx[1].Serves["orders"] = []string{"orders-v1-1"}, []string{"orders-v1-1"}
	for k := range n.Instances[1].Nginx {
		n.Instances[1].Nginx[k].Routed, n.Instances[1].Nginx[k].Reachable = No, No
	}
	s.d.desired.Wanted.Deployment.Spec.Replicas = ptr(1)
	for _, c := range []struct {
		what     string
		wish     WishState
		mayRoute []string
		stopped  bool
	}{
		{"nothing is under way", WishDone, []string{"orders-v1-1", "orders-v1-2"}, true},
		{"it is named", WishPending, []string{"orders-v1-1", "orders-v1-2"}, false},
		{"it is not named", WishPending, []string{"orders-v1-1"}, true},
		{"nobody remembers", WishPending, nil, false},
	} {
		n.RouteWish.State, n.MayRoute = c.wish, c.mayRoute
		stopped := false
		for _, step := range Next(s.d.desired, n, s.w.now).Steps {
			stopped = stopped || step.Kind == Retire
		}
		if stopped != c.stopped {
			t.Errorf("%s: stopped %v", c.what, stopped)
		}
	}
}

// TestNoHurry: what was asked for and cannot be had yet is no reason to ask again at once.
func TestNoHurry(t *testing.T) {
	s := newStory(t, settings(1))
	s.w.nginx[0].included = false
	s.runFor(time.Minute)
	decision := Next(s.d.desired, s.w.observe(s.d), s.w.now)
	for _, step := range decision.Steps {
		if !step.Repeat {
			t.Errorf("it asks anew: %s", stepLine(step))
		}
	}
	if !decision.Again.After(s.w.now) {
		t.Errorf("again at %s", decision.Again)
	}
}

// TestAbortOfAccepted: what has been accepted is no rollout any more that could be given up.
func TestAbortOfAccepted(t *testing.T) {
	s := served(t, settings(1))
	s.d.desired.Record.Aborted = "v1"
	if d := Next(s.d.desired, s.w.observe(s.d), s.w.now); d.Phase != Converged || len(d.Steps) > 0 {
		t.Errorf("%s: %s %v", d.Phase, d.Reason, d.Steps)
	}
}
