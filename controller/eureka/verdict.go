package eureka

import (
	"github.com/segue-dev/segue/reconcile"
)

// occasion is why a lease is looked at. The controller's orders change everything that disagrees; a poll changes only
// what cannot wait for the controller.
type occasion int8

const (
	// ordered: the controller asks for it.
	ordered occasion = iota
	// polled: a poll has read the lease.
	polled
	// restarted: a poll has read it on a server that has just come back.
	restarted
	// refused: a heartbeat was answered with 404.
	refused
)

// write is one call that brings a lease nearer to what is wanted.
type write int8

const (
	nothing write = iota
	// plant registers the dark seed.
	plant
	// darken overrides with OUT_OF_SERVICE.
	darken
	// lighten takes the override away and has the server believe UP.
	lighten
	// force overrides with UP. What follows is lighten: an override of UP would hide what the app says later.
	force
	// enter registers a managed instance as it is wanted.
	enter
)

// verdict says what is to be written to one server for a wish, given its lease. An error says why nothing may be.
// Writing and asking again ends after at most three writes.
func (w wish) verdict(lease Instance, found bool, why occasion) (write, error) {
	switch {
	case w.order.Managed:
		return w.managedVerdict(lease, found, why), nil
	case w.state == opened:
		if why != ordered {
			return nothing, nil
		}
		return w.openVerdict(lease, found)
	case !found && (w.state == seeded || why == restarted):
		return plant, nil
	case !found, lease.Status == reconcile.LeaseOutOfService, lease.Overridden == reconcile.LeaseOutOfService && lease.Status != reconcile.LeaseUp:
		return nothing, nil
	}
	return darken, nil
}

// openVerdict, for an app that registers itself:
//
//	status     override   write
//	UP         none       nothing
//	DOWN       not DOWN   unsaid: the app itself says DOWN, and only the app can change that; it stays dark until then
//	any        any        lighten
//	other      none       force, then lighten: the server keeps OUT_OF_SERVICE against the app's own UP
func (w wish) openVerdict(lease Instance, found bool) (write, error) {
	if !found || lease.LastDirty <= seedDirty {
		return nothing, w.unsaid("its own registration is not there yet")
	}
	if differs := w.mismatch(lease); differs != "" {
		return nothing, w.unsaid(differs)
	}
	overridden := overridden(lease)
	switch {
	case lease.Status == reconcile.LeaseUp && !overridden:
		return nothing, nil
	case lease.Status == reconcile.LeaseDown && lease.Overridden != reconcile.LeaseDown:
		return nothing, w.unsaid("the app itself says DOWN")
	case overridden:
		return lighten, nil
	}
	return force, nil
}

func (w wish) unsaid(reason string) error { return &Unsaid{ID: w.order.ID, Reason: reason} }

func (w wish) managedVerdict(lease Instance, found bool, why occasion) write {
	switch {
	case why == refused:
		return enter
	case w.state == kept || w.state == seeded:
		return choose(!found && w.state == kept, enter)
	case w.state == closed:
		return choose(found && lease.Status == reconcile.LeaseUp, enter)
	case !found:
		return enter
	case why != ordered:
		return nothing
	case !w.asOrdered(lease):
		return enter
	case overridden(lease):
		return lighten
	case lease.Status == reconcile.LeaseUp:
		return nothing
	case lease.Status == reconcile.LeaseOutOfService:
		return force
	}
	return enter
}

func choose(yes bool, w write) write {
	if yes {
		return w
	}
	return nothing
}

func overridden(lease Instance) bool {
	return lease.Overridden != reconcile.LeaseUnknown && lease.Overridden != reconcile.LeaseNone
}
