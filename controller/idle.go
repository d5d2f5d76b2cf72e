package controller

import (
	"fmt"

	"github.com/segue-dev/segue/reconcile"
)

// noteIdle tells people of each adopted address when the last that could send to it is gone: segue cannot stop it.
func (l *looker) noteIdle(p *pass) {
	for name, one := range adoptionsOf(p) {
		if one.Address == "" {
			continue
		}
		idle := false
		for _, i := range p.observed.Instances {
			idle = idle || i.Name == name && leftAlone(p.observed, i)
		}
		if was, known := p.memory.idle[name]; known && !was && idle {
			l.control.journal.note(p.key(), normal, "Idle", fmt.Sprintf("%s, %s, is idle; stop it yourself", name, one.Address), "")
		}
		p.memory.idle[name] = idle
	}
}

// leftAlone: every server is known not to send to an instance, nor to be about to.
func leftAlone(o reconcile.Observed, i reconcile.Instance) bool {
	if o.RouteWish.State == reconcile.WishPending || len(i.Nginx)+len(i.Eureka) == 0 {
		return false
	}
	for _, server := range o.Nginx {
		if server.State != reconcile.ServerDown && server.Included != reconcile.Yes {
			return false
		}
	}
	for _, fact := range i.Nginx {
		sends := fact.Routed != reconcile.No || fact.Reachable != reconcile.No || fact.Connections != 0
		if fact.State != reconcile.ServerDown && sends {
			return false
		}
	}
	for _, fact := range i.Eureka {
		shown := fact.State == reconcile.ServerUnknown || fact.Lease.Status == reconcile.LeaseUp || fact.Lease.Visible == reconcile.Yes
		if fact.State != reconcile.ServerDown && shown {
			return false
		}
	}
	return true
}
