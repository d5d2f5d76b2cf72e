package reconcile

import (
	"net/netip"
	"strings"
	"time"
)

// PlannedStep is one step that lies ahead, as far as the model knows the world.
type PlannedStep struct {
	Step Step
	// At is when it is taken, counted from now.
	At time.Duration
	// Waits are the gates that had to open since the step before, in the order in which they held it up; nil for none.
	Waits []PlannedWait
	// Promote: a person has to promote first. The plan goes on as if that was done at once.
	Promote bool
	// Live is how many instances are live before it, MaxLive how many may be.
	Live, MaxLive int
}

// PlannedWait is a gate and how long it holds the plan up.
type PlannedWait struct {
	Wait
	For time.Duration
}

// planHorizon bounds what Plan looks at.
const planHorizon = 6 * time.Hour

// planQuiet is how long nothing may happen in a plan before it ends: what it waits for is not in the model.
const planQuiet = time.Hour

// planBusy bounds how often in a row something may be done before time passes: a plan ends rather than never.
const planBusy = 100

// Plan folds Next over the model of the world until nothing is left to do, and returns what it did there. Everything
// works in the model: instances get ready after costs.Boot, nobody crashes, nobody else changes anything, and whoever
// is waited for promotes at once.
func Plan(desired Desired, observed Observed, now time.Time, costs Costs) []PlannedStep {
	w, d := worldFrom(desired, observed, now, costs)
	var planned []PlannedStep
	var next PlannedStep
	last, busy := now, 0
	for busy < planBusy && w.now.Before(now.Add(planHorizon)) {
		o := w.observe(d)
		decision := Next(d.desired, o, w.now)
		d.keep(decision)
		acted := false
		for _, step := range decision.Steps {
			if !step.Repeat {
				next.Step, next.At, next.Live, next.MaxLive = step, w.now.Sub(now), liveOf(o), newScene(d.desired, o, w.now).terms.maxLive()
				planned = append(planned, next)
				next, acted = PlannedStep{}, true
			}
			if w.take(d, step) != nil {
				return planned
			}
		}
		if acted {
			last = w.now
			busy++
			continue
		}
		if decision.Phase == WaitingForPromotion && !next.Promote {
			d.desired.Record.Promoted, next.Promote = d.desired.Wanted.Hash, true
			continue
		}
		moving := decision.Phase == Progressing || decision.Phase == Deleting
		if len(decision.Steps) == 0 && (!moving || w.now.Sub(last) > planQuiet) {
			return planned
		}
		next.wait(decision.Waits)
		busy = 0
		w.advance(w.now.Add(tick))
	}
	return planned
}

// wait adds a tick of waiting for the longest of the gates that are shut.
func (p *PlannedStep) wait(shut []Wait) {
	gate := Wait{}
	if len(shut) > 0 {
		gate = shut[0]
	}
	if n := len(p.Waits); n > 0 && p.Waits[n-1].Gate == gate.Gate {
		p.Waits[n-1].For += tick
		return
	}
	p.Waits = append(p.Waits, PlannedWait{Wait: gate, For: tick})
}

func liveOf(o Observed) int {
	live := 0
	for _, i := range o.Instances {
		live += count(i.Live() && !i.AddressOnly)
	}
	return live
}

// eurekaFrom builds one server, with the leases of known instances under their names and those that are still without
// one, as a start that was cut short leaves them.
func eurekaFrom(server EurekaServer, o Observed, refreshAt time.Time, deployment, app string) *worldEureka {
	e := &worldEureka{url: server.URL, state: server.State, leases: map[string]*worldLease{}, refreshAt: refreshAt}
	add := func(instance string, lease Lease) {
		e.leases[eurekaIDOf(instance)] = &worldLease{
			instance: instance, status: lease.Status, own: lease.Own, override: lease.Overridden == LeaseOutOfService, cached: lease.Visible == Yes,
			visibleSince: lease.VisibleSince, hiddenSince: lease.HiddenSince,
		}
	}
	for id, lease := range server.Leases {
		if !strings.Contains(id, ":"+FrontPrefix) {
			add(id[strings.LastIndex(id, ":")+1:], lease)
		}
	}
	for _, f := range o.Fronts {
		for _, fact := range f.Eureka {
			if f.Server != "" && fact.Server == server.URL && fact.Lease.ID != "" {
				add(modelFront(f, deployment, app), fact.Lease)
			}
		}
	}
	for _, i := range o.Instances {
		for _, fact := range i.Eureka {
			if fact.Server == server.URL && fact.Lease.ID != "" {
				add(i.Name, fact.Lease)
			}
		}
	}
	return e
}

// modelFront is what a front is called in the model.
func modelFront(f Front, deployment, app string) string {
	if !f.Wanted {
		app += "-before"
	}
	return FrontPrefix + f.Server + ":" + deployment + ":" + app
}

// worldFrom builds the model from what was observed.
func worldFrom(desired Desired, o Observed, now time.Time, costs Costs) (*world, *worldDeployment) {
	d := &worldDeployment{desired: desired, behaviours: map[string]behaviour{}, pulls: map[string]*worldPull{}, include: true, takenSlots: o.TakenSlots, alone: o.Alone}
	for _, p := range o.Peers {
		p.State, p.Replaced, p.Lacks = ServerUp, "", 0 // each is whole once its turn comes
		d.peers = append(d.peers, p)
	}
	w := &world{now: now, costs: costs, network: netip.MustParsePrefix("10.83.0.0/16"), deployments: []*worldDeployment{d}}
	if o.Pull.State == WishDone {
		d.pulls[chooseTarget(desired).revision.Hash] = &worldPull{doneAt: now}
	}
	name, app := desired.Name.String(), ""
	if e := chooseTarget(desired).revision.Deployment.Spec.Eureka; e != nil {
		app = e.App
	}
	for _, server := range o.Nginx {
		n := &worldNginx{name: server.Name, state: server.State, included: true, keepAlive: server.KeepAlive, loaded: map[string][]worldBackend{}, listens: map[string]bool{}}
		for _, f := range o.Fronts {
			if f.Server == server.Name {
				n.object, n.listens[name] = f.Nginx, f.Listens == Yes
			}
		}
		if served, ok := server.Serves[name]; ok {
			backends := []worldBackend{}
			for _, instance := range served {
				backends = append(backends, worldBackend{instance: instance})
			}
			n.loaded[name] = backends
		}
		w.nginx = append(w.nginx, n)
	}
	for _, server := range o.Eureka {
		w.eureka = append(w.eureka, eurekaFrom(server, o, now.Add(costs.Response), name, app))
	}
	for _, i := range o.Instances {
		c := &worldContainer{Container: i.Container, adopted: i.Adopted, addressOnly: i.AddressOnly, health: i.Health}
		if i.EurekaID != "" {
			c.eurekaID = eurekaIDOf(i.Name)
			c.managed = !i.Adopted && !revisionOf(desired, i.Revision).Spec.SelfRegisters()
		}
		if i.Address.IsValid() {
			w.addresses = append(w.addresses, Reservation{Address: i.Address, Instance: i.Name})
		}
		w.containers = append(w.containers, c)
	}
	return w, d
}
