package registry

import (
	"maps"
	"strings"
	"time"

	"github.com/segue-dev/segue/controller/eureka"
	"github.com/segue-dev/segue/reconcile"
)

// register is a POST.
func (r *Registry) register(instance eureka.Instance, replicated bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	k := key{strings.ToUpper(instance.App), instance.ID}
	instance.App = k.app
	if instance.LastDirty == 0 {
		instance.LastDirty = now.UnixMilli()
	}
	existing := r.leases[k]
	if existing != nil && existing.instance.LastDirty > instance.LastDirty {
		instance = existing.instance
	}
	l := newLease(instance, now)
	if existing != nil {
		l.serviceUp = existing.serviceUp
	}
	r.leases[k] = l
	if _, overridden := r.overrides[k]; !overridden && instance.Overridden != reconcile.LeaseUnknown && instance.Overridden != reconcile.LeaseNone {
		r.overrides[k] = instance.Overridden
	}
	if override, overridden := r.overrides[k]; overridden {
		l.instance.Overridden = override
	}
	l.instance.Status = resolve(l.instance.Status, r.overrides[k], existing, replicated)
	if l.instance.Status == reconcile.LeaseUp {
		l.up(now)
	}
	r.changed(l, "ADDED", now)
}

// beat is a heartbeat. It is false when the client is to register.
func (r *Registry) beat(k key, replicated bool) bool {
	return r.withLease(k, func(l *lease, now time.Time) bool {
		status := resolve(l.instance.Status, r.overrides[k], l, replicated)
		if status == reconcile.LeaseUnknown {
			return false
		}
		l.instance.Status = status
		l.renew(now)
		r.beats++
		return true
	})
}

// cancel deletes a lease and its override.
func (r *Registry) cancel(k key) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.drop(k, time.Now())
}

func (r *Registry) drop(k key, now time.Time) bool {
	delete(r.overrides, k)
	l := r.leases[k]
	if l == nil {
		return false
	}
	delete(r.leases, k)
	r.changed(l, "DELETED", now)
	return true
}

// override is PUT status. What the status is already is not remembered as an override.
func (r *Registry) override(k key, status reconcile.LeaseStatus, dirty int64) bool {
	return r.withLive(k, func(l *lease, now time.Time) {
		l.renew(now)
		if l.instance.Status != status {
			r.overrides[k] = status
			r.restate(l, status, status, dirty, now)
		}
	})
}

// clearOverride is DELETE status: what is believed afterwards is status.
func (r *Registry) clearOverride(k key, status reconcile.LeaseStatus, dirty int64) bool {
	return r.withLive(k, func(l *lease, now time.Time) {
		l.renew(now)
		if _, overridden := r.overrides[k]; overridden {
			delete(r.overrides, k)
			r.restate(l, reconcile.LeaseUnknown, status, dirty, now)
		}
	})
}

// restate gives a lease another override and status.
func (r *Registry) restate(l *lease, override, status reconcile.LeaseStatus, dirty int64, now time.Time) {
	if status == reconcile.LeaseUp {
		l.up(now)
	}
	l.instance.Overridden, l.instance.Status = override, status
	l.instance.LastDirty = max(l.instance.LastDirty, dirty)
	r.changed(l, "MODIFIED", now)
}

// annotate is PUT metadata. It lasts until the app registers anew.
func (r *Registry) annotate(k key, metadata map[string]string) bool {
	return r.withLive(k, func(l *lease, now time.Time) {
		l.instance.Metadata = maps.Clone(l.instance.Metadata)
		if l.instance.Metadata == nil {
			l.instance.Metadata = map[string]string{}
		}
		maps.Copy(l.instance.Metadata, metadata)
		r.changed(l, "MODIFIED", now)
	})
}

// withLease does something with a lease, an expired one too, under the lock. It is false where there is none, and what do
// answers else.
func (r *Registry) withLease(k key, do func(l *lease, now time.Time) bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.leases[k]
	return l != nil && do(l, time.Now())
}

// withLive does something with a lease that counts as there.
func (r *Registry) withLive(k key, do func(l *lease, now time.Time)) bool {
	return r.withLease(k, func(l *lease, now time.Time) bool {
		if r.live(k, now) == nil {
			return false
		}
		do(l, now)
		return true
	})
}
