package drivertest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/segue-dev/segue/spec"

	"github.com/segue-dev/segue/reconcile"
)

// World is everything that segue works on. Its fields may be changed between steps of a test under Lock.
type World struct {
	sync.Mutex
	// Images by reference; what is not named here exists and boots in Boot.
	Images map[string]Image
	Boot   time.Duration
	// EngineDown: the engine does not answer.
	EngineDown bool
	// Reload is how long a change of an nginx server takes, Worker how long its old workers live on.
	Reload, Worker time.Duration
	// RouteFails is what every nginx change ends with; "" when it works.
	RouteFails string
	// Strangers are ports of the machine that somebody else holds.
	Strangers map[int]bool
	// Post is how long after its start an app registers itself, Cache how long consumers' view lags.
	Post, Cache time.Duration

	containers map[string]*container
	// members are the containers of each Deployment; those of strangers are of the zero Name.
	members    map[spec.Name]map[string]*container
	adopted    map[string]string
	pulls      map[string]time.Time
	changed    func(deployment string)
	starts     int
	reads      int
	violations []string
	routers    []*Router
	registries []*Registry
	prober     *Prober
}

type container struct {
	reconcile.Container
	launch    reconcile.Launch
	image     Image
	signalled bool
	sick      bool
}

var errEngineDown = errors.New("the engine does not answer")

// NewWorld is a world in which everything works and nothing runs.
func NewWorld() *World {
	w := &World{
		Images: map[string]Image{}, Boot: 5 * time.Second, Reload: time.Second, Worker: 2 * time.Second,
		Post: 3 * time.Second, Cache: 2 * time.Second,
		containers: map[string]*container{}, members: map[spec.Name]map[string]*container{}, pulls: map[string]time.Time{}, changed: func(string) {},
	}
	w.prober = &Prober{world: w, changed: func(string) {}}
	w.prober.reset()
	return w
}

// Prober is the world's one prober.
func (w *World) Prober() *Prober { return w.prober }

// Restarted is the world as a new process of segue finds it: what runs runs on, what a process remembers is gone.
func (w *World) Restarted() {
	w.Lock()
	defer w.Unlock()
	w.changed = func(string) {}
	w.pulls = map[string]time.Time{}
	w.prober.changed = func(string) {}
	w.prober.reset()
	for _, r := range w.routers {
		r.changed = func(string) {}
		r.wishes = map[string]*routeWish{}
	}
	for _, r := range w.registries {
		r.changed = func(string) {}
	}
}

// Violations are what must never have happened, in the order in which it did.
func (w *World) Violations() []string {
	w.Lock()
	defer w.Unlock()
	return slices.Clone(w.violations)
}

// Starts counts the containers that were ever started, Reads the reads of the engine.
func (w *World) Starts() int {
	w.Lock()
	defer w.Unlock()
	return w.starts
}

// Reads counts the reads of the engine.
func (w *World) Reads() int {
	w.Lock()
	defer w.Unlock()
	return w.reads
}

// Living are the names of the containers that run and are not being stopped, sorted.
func (w *World) Living() []string {
	w.Lock()
	defer w.Unlock()
	var names []string
	for name, c := range w.containers {
		if c.State == reconcile.ContainerRunning && !c.Retired {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Existing are the names of all containers, sorted.
func (w *World) Existing() []string {
	w.Lock()
	defer w.Unlock()
	var names []string
	for name := range w.containers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Kill ends a container as the kernel would.
func (w *World) Kill(name string) {
	w.Lock()
	if c := w.containers[name]; c != nil {
		w.exit(c, 137)
	}
	w.Unlock()
}

// Crash ends a container by its own fault.
func (w *World) Crash(name string) {
	w.Lock()
	if c := w.containers[name]; c != nil {
		w.exit(c, 1)
	}
	w.Unlock()
}

// RestartEngine ends every container as an engine does that is stopped, and leaves nothing that tells when.
func (w *World) RestartEngine() {
	w.Lock()
	for _, c := range w.containers {
		w.exit(c, 0)
	}
	for _, c := range w.containers {
		c.ExitCounts, c.ExitAlone = false, false
	}
	w.Unlock()
}

// SetSick makes a container's answers bad, or good again.
func (w *World) SetSick(name string, sick bool) {
	w.Lock()
	if c := w.containers[name]; c != nil {
		c.sick = sick
	}
	w.Unlock()
	w.after(3*time.Second, func() { w.prober.tell(name) })
}

func (w *World) violate(format string, args ...any) {
	w.violations = append(w.violations, fmt.Sprintf(format, args...))
}

// after does something later, in a goroutine of its own.
func (w *World) after(d time.Duration, do func()) { time.AfterFunc(d, do) }

// tell calls changed without the lock.
func (w *World) tell(deployment string) {
	w.Lock()
	changed := w.changed
	w.Unlock()
	changed(deployment)
}

// exit ends a process; its name, address and registration stay.
func (w *World) exit(c *container, code int) {
	if c.State != reconcile.ContainerRunning {
		return
	}
	c.State, c.ExitedAt, c.ExitCode, c.ExitCounts, c.ExitAlone, c.PID = reconcile.ContainerExited, time.Now(), code, true, true, 0
	deployment := c.Deployment.String()
	w.after(0, func() { w.tell(deployment) })
}

// answers: the process would answer a request now.
func (w *World) answers(c *container) bool {
	return c != nil && c.State == reconcile.ContainerRunning && !c.image.NeverReady && !c.sick &&
		!time.Now().Before(c.StartedAt.Add(c.image.Boot))
}

// put and drop keep containers and members alike.
func (w *World) put(c *container) {
	w.containers[c.Name] = c
	if w.members[c.Deployment] == nil {
		w.members[c.Deployment] = map[string]*container{}
	}
	w.members[c.Deployment][c.Name] = c
}

func (w *World) drop(name string) {
	if c := w.containers[name]; c != nil {
		delete(w.members[c.Deployment], name)
	}
	delete(w.containers, name)
}

// Discard takes a container away, as docker rm -f does.
func (w *World) Discard(name string) {
	w.Lock()
	c := w.containers[name]
	w.drop(name)
	w.Unlock()
	if c != nil {
		w.tell(c.Deployment.String())
	}
}
