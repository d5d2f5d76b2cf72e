package reconcile

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/segue-dev/segue/spec"
)

// take executes one step, as the drivers would. Steps are idempotent; an error means that nothing was done.
func (w *world) take(d *worldDeployment, step Step) error {
	switch step.Kind {
	case Pull:
		if d.pulls[step.Revision] == nil || d.pulls[step.Revision].failed {
			missing := d.behaviours[step.Revision].noImage
			d.pulls[step.Revision] = &worldPull{doneAt: w.now.Add(w.costs.Pull), failed: missing || d.registryAway, foreign: !missing}
		}
	case Seed:
		w.seed(step.Instance)
	case Start:
		return w.start(d, step)
	case Warm:
		c := w.container(step.Instance)
		if c == nil || c.State != ContainerRunning {
			return fmt.Errorf("warm %s: it does not run", step.Instance)
		}
		c.health.Warm, c.warmAt = Wish{State: WishPending, At: w.now}, w.now.Add(w.costs.Warm)
	case Register:
		if c := w.container(step.Instance); c != nil && !c.managed && w.saysDown(c) {
			return fmt.Errorf("register %s: the app itself says DOWN", step.Instance)
		}
		w.setStatus(step.Instance, LeaseUp)
	case Deregister:
		if IsFront(step.Instance) {
			w.setStatus(step.Instance, LeaseDown)
			break
		}
		w.deregister(step.Instance)
	case Route:
		w.wish(d, step)
	case Retire:
		return w.retire(step.Instance)
	case Remove:
		if IsFront(step.Instance) {
			w.setStatus(step.Instance, LeaseNone)
			break
		}
		return w.remove(step.Instance)
	case Accept:
		d.accept(step.Revision)
	case Reject:
		d.desired.Record.Rejected = step.Rejection
	}
	return nil
}

// keep remembers what the loop keeps of a decision, before it takes the steps.
func (d *worldDeployment) keep(decision Decision) {
	d.desired.Record.Clock = decision.Clock
	d.desired.Record.SwitchedAt = decision.SwitchedAt
	d.desired.Record.Drains = decision.Drains
	d.desired.Record.Revived = decision.Revived
	d.desired.Record.EmptySince = decision.EmptySince
	for _, step := range decision.Steps {
		if step.Kind != Start && step.Kind != Seed {
			continue
		}
		d.desired.Record.HighestN = max(d.desired.Record.HighestN, numberOf(step.Instance))
	}
}

// numberOf is the number at the end of an instance's name.
func numberOf(instance string) int {
	n, err := strconv.Atoi(instance[strings.LastIndex(instance, "-")+1:])
	if err != nil {
		return 0
	}
	return n
}

// accept moves a revision to the end of the accepted ones.
func (d *worldDeployment) accept(hash string) {
	r := &d.desired.Record
	revision := d.desired.Wanted
	for i, accepted := range r.Accepted {
		if accepted.Hash == hash {
			revision = accepted
			r.Accepted = slices.Delete(slices.Clone(r.Accepted), i, i+1)
			break
		}
	}
	r.Accepted = append(slices.Clone(r.Accepted), revision)
}

func eurekaIDOf(instance string) string { return "owner:" + instance }

func (w *world) seed(instance string) {
	for _, e := range w.eureka {
		if e.state == ServerUp && (e.leases[eurekaIDOf(instance)] == nil || e.leases[eurekaIDOf(instance)].status == LeaseNone) {
			e.leases[eurekaIDOf(instance)] = &worldLease{instance: instance, status: LeaseOutOfService, override: true, hiddenSince: w.now}
		}
	}
}

func (w *world) start(d *worldDeployment, step Step) error {
	if c := w.container(step.Instance); c != nil {
		if c.adopted && c.State != ContainerRunning && step.Revision == AdoptedRevision {
			return w.startKept(d, c)
		}
		if c.State == ContainerRunning && !c.Retired {
			return nil
		}
		return fmt.Errorf("start %s: the name is taken", step.Instance)
	}
	if d.behaviours[step.Revision].noCommand {
		d.startFailed = Wish{State: WishFailed, Own: true, Reason: "exec /nosuch: no such file or directory", At: w.now}
		return fmt.Errorf("start %s: %s", step.Instance, d.startFailed.Reason)
	}
	if w.diskFull {
		d.startFailed = Wish{State: WishFailed, Reason: "no space left on device", At: w.now}
		return fmt.Errorf("start %s: %s", step.Instance, d.startFailed.Reason)
	}
	address, table, err := AllocateAddress(w.network, w.addresses, AddressRequest{Instance: step.Instance, Named: w.named()}, w.now)
	if err != nil {
		d.startFailed = Wish{State: WishFailed, Reason: err.Error(), At: w.now}
		return fmt.Errorf("start %s: %w", step.Instance, err)
	}
	w.addresses, d.startFailed = table, Wish{}
	c := &worldContainer{behaviour: d.behaviours[step.Revision]}
	c.Container = Container{
		Name: step.Instance, ID: step.Instance, Deployment: d.desired.Name, Revision: step.Revision, N: numberOf(step.Instance),
		Slot: step.Slot, Address: address, State: ContainerRunning, StartedAt: w.now,
	}
	if written := revisionOf(d.desired, step.Revision).Spec; written.Eureka != nil && !written.Proxied() {
		c.eurekaID, c.managed = eurekaIDOf(step.Instance), !written.SelfRegisters()
	}
	w.containers = append(w.containers, c)
	return nil
}

// startKept starts an adopted container that was stopped and kept.
func (w *world) startKept(d *worldDeployment, c *worldContainer) error {
	if w.diskFull {
		d.startFailed = Wish{State: WishFailed, Reason: "no space left on device", At: w.now}
		return fmt.Errorf("start %s: %s", c.Name, d.startFailed.Reason)
	}
	d.startFailed = Wish{}
	c.State, c.StartedAt, c.ExitedAt, c.RetiredAt = ContainerRunning, w.now, time.Time{}, time.Time{}
	c.signalled, c.stoppedBySegue, c.health, c.bad = time.Time{}, false, Health{}, time.Time{}
	c.behaviour = d.behaviours[AdoptedRevision]
	return nil
}

// revisionOf is a revision's Deployment; the wanted one when nobody remembers it.
func revisionOf(d Desired, hash string) spec.Deployment {
	if remembered, known := d.revision(hash); known {
		return remembered.Deployment
	}
	return d.Wanted.Deployment
}

// named are the addresses that somebody may still dial.
func (w *world) named() map[netip.Addr]bool {
	named := map[netip.Addr]bool{}
	for _, e := range w.eureka {
		for _, lease := range e.leases {
			if lease.status != LeaseNone || lease.cached {
				named[lease.address] = true
			}
		}
	}
	for _, n := range w.nginx {
		for _, backends := range n.loaded {
			for _, b := range backends {
				named[b.address] = true
			}
		}
		for _, worker := range n.workers {
			for _, backends := range worker.loaded {
				for _, b := range backends {
					named[b.address] = true
				}
			}
		}
	}
	return named
}

func (w *world) setStatus(instance string, status LeaseStatus) {
	for _, e := range w.eureka {
		if e.state != ServerUp {
			continue
		}
		id := eurekaIDOf(instance)
		if e.leases[id] == nil {
			e.leases[id] = &worldLease{instance: instance, own: true}
		}
		e.leases[id].status, e.leases[id].override = status, false
	}
}

func (w *world) deregister(instance string) {
	c := w.container(instance)
	status := LeaseOutOfService
	if c == nil || c.State == ContainerExited {
		status = LeaseNone
	}
	for _, e := range w.eureka {
		if lease := e.leases[eurekaIDOf(instance)]; lease != nil && e.state == ServerUp {
			lease.status, lease.override = status, status == LeaseOutOfService
		}
	}
}

func (w *world) wish(d *worldDeployment, step Step) {
	backends := []worldBackend{}
	for _, name := range step.Serving {
		if c := w.container(name); c != nil {
			backends = append(backends, worldBackend{instance: name, address: c.Address})
		}
	}
	r := &d.route
	if r.wish.State != WishPending {
		r.mayRoute = nil
	}
	r.wished, r.listening = slices.Clone(step.Serving), append([]string{}, step.Listeners...)
	for _, name := range step.Serving {
		if !slices.Contains(r.mayRoute, name) {
			r.mayRoute = append(r.mayRoute, name)
		}
	}
	switch {
	case r.wish.State != WishPending:
		w.switchTo(d, backends, step.Listeners)
	case slices.Equal(backends, r.backends) && slices.Equal(step.Listeners, r.listeners):
		r.queued = nil
	default:
		r.queued, r.queuedListeners = backends, step.Listeners
	}
}

func (w *world) retire(instance string) error {
	c := w.container(instance)
	if c == nil || c.State == ContainerExited {
		return nil
	}
	if c.addressOnly {
		return fmt.Errorf("retire %s: segue cannot stop it", instance)
	}
	if c.RetiredAt.IsZero() {
		c.Retired, c.RetiredAt = !c.adopted, w.now
	}
	if c.signalled.IsZero() {
		c.signalled, c.stoppedBySegue = w.now, true
	}
	return nil
}

func (w *world) remove(instance string) error {
	c := w.container(instance)
	if c == nil {
		return nil
	}
	if c.State == ContainerRunning {
		return fmt.Errorf("remove %s: it runs", instance)
	}
	w.containers = slices.DeleteFunc(w.containers, func(other *worldContainer) bool { return other == c })
	w.addresses = ReleaseAddress(w.addresses, instance, w.now)
	return nil
}
