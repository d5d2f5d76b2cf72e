package eureka

import (
	"strings"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// record is what is remembered of one id on one server.
type record struct {
	// instance is the live entry as read last, or the last one that there was; found says that it is there.
	instance Instance
	found    bool
	lease    reconcile.Lease
	// renewedAt is when, by segue's clock, the entry was first seen with its present time of renewal. Zero: not seen
	// being renewed, so it is due.
	renewedAt time.Time
	// renewedHere: segue has beaten it since the last look, so the change of that time is no news.
	renewedHere bool
}

// take takes in what a look has read. ordered is what is wanted of it, if anything is.
func (r *record) take(id string, seen reading, ordered wish, wanted bool) {
	now, found := seen.live[id]
	visible := seen.visible(id)
	if found {
		fresh := !r.found && wanted && ordered.state != kept
		renewed := r.found && now.Lease != r.instance.Lease
		if fresh || renewed && !r.renewedHere {
			r.renewedAt = seen.ended
		}
		r.renewedHere = false
		r.instance = now
	} else if cached, shown := seen.cached[id]; shown && r.instance.ID == "" {
		r.instance = cached
	}
	r.found = found
	l := reconcile.Lease{
		ID: id, App: r.instance.App, HostName: r.instance.HostName, Port: r.instance.DialPort(),
		Visible: reconcile.TriOf(visible), VisibleSince: r.lease.VisibleSince, HiddenSince: r.lease.HiddenSince,
	}
	if l.App == "" && wanted {
		l.App = ordered.app()
	}
	if found {
		l.Status = now.Status
		if overridden(now) {
			l.Overridden = now.Overridden
		}
		if now.LastDirty > seedDirty && wanted {
			l.Mismatch = ordered.mismatch(now)
		}
		l.Own = now.LastDirty > seedDirty && now.Metadata[managedMark] == "" && l.Mismatch == ""
	}
	l.VisibleSince = since(visible, l.VisibleSince, seen.ended)
	if seen.exposed[id] {
		l.HiddenSince = time.Time{}
	}
	l.HiddenSince = since(!visible && l.Status != reconcile.LeaseUp, l.HiddenSince, seen.ended)
	r.lease = l
}

// since is when something has become true that is true or not now.
func since(is bool, before, now time.Time) time.Time {
	switch {
	case !is:
		return time.Time{}
	case before.IsZero():
		return now
	}
	return before
}

// beaten: segue keeps the lease alive. Those are its own registrations, and seeds until the app has spoken.
func (r *record) beaten(prefix string) bool {
	return r.found && strings.HasPrefix(r.instance.ID, prefix) &&
		(r.instance.LastDirty <= seedDirty || r.instance.Metadata[managedMark] != "")
}

// due is when the lease is to be beaten next.
func (r *record) due() time.Time {
	interval := r.instance.Lease.RenewalInterval
	if interval <= 0 {
		interval = beatSeconds
	}
	return r.renewedAt.Add(time.Duration(interval) * time.Second)
}

// patience is how long an opened instance that is not there is looked for every second.
const patience = 5 * time.Minute

// restless: something is under way that the next second may bring.
func (r *record) restless(w wish, wanted bool, now time.Time) bool {
	switch {
	case !wanted:
		return false
	case w.state == opened && !r.found:
		return now.Sub(w.at) < patience
	case w.state == opened:
		return r.lease.Status != reconcile.LeaseUp || r.lease.Visible != reconcile.Yes
	case w.state == seeded:
		return true
	case w.state == closed:
		return r.found || r.lease.HiddenSince.IsZero()
	}
	return false
}
