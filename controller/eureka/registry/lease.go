package registry

import (
	"time"

	"github.com/segue-dev/segue/controller/eureka"
	"github.com/segue-dev/segue/reconcile"
)

// defaultDuration is how long a lease lives whose registration does not say.
const (
	defaultDuration = 90
	defaultInterval = 30
)

// lease is one entry.
type lease struct {
	instance eureka.Instance
	// renewed is the last registration or, after a heartbeat, its time plus the duration: so a lease that was renewed
	// lives for twice its duration. Servers have always done so, and clients rely on it.
	renewed    time.Time
	registered time.Time
	serviceUp  time.Time
}

func newLease(instance eureka.Instance, now time.Time) *lease {
	if instance.Lease.Duration <= 0 {
		instance.Lease.Duration = defaultDuration
	}
	if instance.Lease.RenewalInterval <= 0 {
		instance.Lease.RenewalInterval = defaultInterval
	}
	return &lease{instance: instance, renewed: now, registered: now}
}

func (l *lease) duration() time.Duration {
	return time.Duration(l.instance.Lease.Duration) * time.Second
}

func (l *lease) renew(now time.Time) { l.renewed = now.Add(l.duration()) }

func (l *lease) expired(now time.Time) bool { return now.After(l.renewed.Add(l.duration())) }

func (l *lease) up(now time.Time) {
	if l.serviceUp.IsZero() {
		l.serviceUp = now
	}
}

// seen is the entry as it is shown: with the lease's times.
func (l *lease) seen() eureka.Instance {
	shown := l.instance
	shown.Lease.Registered = l.registered.UnixMilli()
	shown.Lease.LastRenewal = l.renewed.UnixMilli()
	shown.Lease.Evicted = 0
	shown.Lease.ServiceUp = 0
	if !l.serviceUp.IsZero() {
		shown.Lease.ServiceUp = l.serviceUp.UnixMilli()
	}
	return shown
}

// resolve says which status stands. The first rule that applies decides:
//
//	candidate is neither UP nor OUT_OF_SERVICE      the candidate
//	there is an override                            the override
//	not from a peer, and the entry that is there
//	is UP or OUT_OF_SERVICE                         what is there
//	else                                            the candidate
func resolve(candidate reconcile.LeaseStatus, override reconcile.LeaseStatus, existing *lease, replicated bool) reconcile.LeaseStatus {
	if candidate != reconcile.LeaseUp && candidate != reconcile.LeaseOutOfService {
		return candidate
	}
	if override != reconcile.LeaseNone {
		return override
	}
	if existing != nil && !replicated {
		switch there := existing.instance.Status; there {
		case reconcile.LeaseUp, reconcile.LeaseOutOfService:
			return there
		}
	}
	return candidate
}
