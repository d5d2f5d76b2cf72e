package reconcile

import (
	"net/netip"
	"slices"
	"time"
)

// world is the model of everything that a decision is about: an engine, nginx servers, Eureka servers with their
// caches, probes and time. Plan folds Next over it; the simulator is mean to it.
//
// It moves only by advance, which lets time pass, and by take, which executes a step.
type world struct {
	now         time.Time
	costs       Costs
	deployments []*worldDeployment
	containers  []*worldContainer
	nginx       []*worldNginx
	eureka      []*worldEureka
	network     netip.Prefix
	addresses   []Reservation
	// engineDown: the engine does not answer.
	engineDown bool
	// diskFull: nothing can be started.
	diskFull bool
	// turn is the Deployment that may take a Eureka server away, since turnAt; nobody while it is "".
	turn   string
	turnAt time.Time
	// blinkUntil: until then every probe of every instance fails, though the instances serve.
	blinkUntil time.Time
}

// worldDeployment is one Deployment, what is remembered of it, and how its revisions behave.
type worldDeployment struct {
	desired    Desired
	behaviours map[string]behaviour
	pulls      map[string]*worldPull
	route      worldRoute
	include    bool
	// dependencies are those that are not available.
	dependencies []string
	takenSlots   map[string]string
	// peers are fixed in a plan, where nobody else changes anything; alone likewise.
	peers []Peer
	alone []string
	// registryAway: images cannot be pulled just now. startFailed is why the last start failed.
	registryAway bool
	startFailed  Wish
}

// behaviour is how the instances of one revision fare.
type behaviour struct {
	// neverReady: the probe fails for ever. crashAfter: the process exits that long after its start; 0 is never.
	neverReady bool
	crashAfter time.Duration
	// noImage: the registry says that it does not exist. noCommand: its process cannot be started. badWarmup: the warm-up is never answered as expected.
	noImage   bool
	noCommand bool
	badWarmup bool
	// sickAfter: the liveness probe fails from then on; 0 is never.
	sickAfter time.Duration
	// silent: the app never registers itself. downFor is how long after its start it says DOWN of itself.
	silent  bool
	downFor time.Duration
}

// worldPull is an image on its way.
type worldPull struct {
	doneAt time.Time
	// failed: it ends without the image; foreign: because the registry does not answer.
	failed, foreign bool
}

// worldContainer is a container and the process in it.
type worldContainer struct {
	Container
	eurekaID string
	// managed: segue registers it.
	managed bool
	adopted bool
	// addressOnly: a process that segue cannot stop.
	addressOnly bool
	behaviour   behaviour
	// signalled is when SIGTERM was sent, zero before; stoppedBySegue says who sent it.
	signalled      time.Time
	stoppedBySegue bool
	// The prober's memory: since when the probes tell the same, and what follows from it.
	health Health
	bad    time.Time
	warmAt time.Time
	// shownAt is when some server's cached view last had it UP: from then on consumers may dial it.
	shownAt time.Time
}

// worldNginx is one nginx server. Its generation is what it has loaded, by Deployment.
type worldNginx struct {
	name string
	// object is the Nginx object's name.
	object string
	state  ServerState
	// listens are the Deployments that have a listener for Eureka's consumers.
	listens map[string]bool
	loaded  map[string][]worldBackend
	// workers are old ones that live on until their time, each knowing one generation.
	workers  []worldWorker
	included bool
	// failing: it refuses changes.
	failing bool
	// keepAlive is how long an old worker takes requests, as long as it lives.
	keepAlive time.Duration
	reloads   int
	// changedAt is when somebody else than segue last changed what it serves.
	changedAt time.Time
}

// worldBackend is an address that nginx sends to, and the instance that was meant.
type worldBackend struct {
	instance string
	address  netip.Addr
}

// worldWorker is an old worker, since its reload.
type worldWorker struct {
	loaded       map[string][]worldBackend
	since, until time.Time
}

// worldRoute is a Deployment's last route wish.
type worldRoute struct {
	wish     Wish
	backends []worldBackend
	// left are the servers that have yet to switch, nextAt when the first of them does.
	left   []*worldNginx
	nextAt time.Time
	// queued is asked for next: what is in flight ends first. Nil when nothing is.
	queued []worldBackend
	// wished, mayRoute and listening are what the loop remembers of what it asked for.
	wished, mayRoute, listening []string
	// listeners are the Nginx objects with a listener, as backends and queued are.
	listeners, queuedListeners []string
}

// worldEureka is one Eureka server.
type worldEureka struct {
	url   string
	state ServerState
	// refusing: it is not there, whatever segue thinks of it so far; consumers read nothing from it.
	refusing bool
	leases   map[string]*worldLease
	// by is the Deployment whose instances are this server; "" where segue does not run it. refusedAt is since when they
	// do not answer.
	by        string
	refusedAt time.Time
	// restartedAt is when segue saw it come back last; refreshAt when its cached view is computed next.
	restartedAt time.Time
	refreshAt   time.Time
}

// isThere: consumers can read from it, whatever segue thinks of it.
func (e *worldEureka) isThere() bool { return e.state != ServerDown && !e.refusing }

// worldLease is an entry of a registry. An entry outlives its deletion as long as somebody may remember it.
type worldLease struct {
	instance string
	status   LeaseStatus
	own      bool
	// override: the server holds OUT_OF_SERVICE against the app's UP.
	override bool
	// address is what consumers dial.
	address netip.Addr
	// cached: the view that consumers read has it UP.
	cached       bool
	visibleSince time.Time
	hiddenSince  time.Time
	// shownAt is when that view last had it UP, whatever segue remembers.
	shownAt time.Time
}

// Costs are how long things take in the model.
type Costs struct {
	// Pull, Boot (start to ready), Warm, Reload (an nginx server), Worker (an old worker's life) and Exit (signal to
	// exit) are what was measured last, or guesses.
	Pull, Boot, Warm, Reload, Worker, Exit time.Duration
	// Response is the interval in which a Eureka server computes the view that consumers read.
	Response time.Duration
	// Post is how long after its start an app registers itself.
	Post time.Duration
}

// DefaultCosts are guesses for a small Spring service on one host.
var DefaultCosts = Costs{
	Pull: 20 * time.Second, Boot: 15 * time.Second, Warm: 2 * time.Second, Reload: 2 * time.Second,
	Worker: time.Second, Exit: 2 * time.Second, Response: 30 * time.Second, Post: 10 * time.Second,
}

func (w *world) deployment(name string) *worldDeployment {
	for _, d := range w.deployments {
		if d.desired.Name.String() == name {
			return d
		}
	}
	return nil
}

func (w *world) container(name string) *worldContainer {
	for _, c := range w.containers {
		if c.Name == name {
			return c
		}
	}
	return nil
}

func (n *worldNginx) routes(deployment, instance string) bool {
	return slices.ContainsFunc(n.loaded[deployment], func(b worldBackend) bool { return b.instance == instance })
}

// mayReach: a living worker knows the instance.
func (n *worldNginx) mayReach(deployment, instance string) bool {
	return n.routes(deployment, instance) || slices.ContainsFunc(n.workers, func(old worldWorker) bool { return old.knows(deployment, instance) })
}

func (o worldWorker) knows(deployment, instance string) bool {
	return slices.ContainsFunc(o.loaded[deployment], func(b worldBackend) bool { return b.instance == instance })
}
