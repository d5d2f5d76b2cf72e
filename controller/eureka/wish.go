package eureka

import (
	"maps"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// managedMark is the metadata that says that segue beats a lease: a new process finds its leases by it.
const managedMark = "segue.managed"

// Of what segue registers. They are Eureka's own defaults; other intervals would put a server's self-preservation out.
const (
	beatSeconds  = 30
	leaseSeconds = 90
)

// seedDirty is a seed's timestamp: whatever the app registers is newer.
const seedDirty = 1

// wishState is what is wanted of one id on every server.
type wishState int8

const (
	// seeded: dark, and the app is still to come.
	seeded wishState = iota + 1
	// opened: UP.
	opened
	// closed: dark, and about to go.
	closed
	// kept: a managed lease that was found. Nobody has given an order for it in this process, so it is beaten as it is.
	kept
)

// wish is what is wanted of one id. It is given by an order and ends with Remove.
type wish struct {
	state wishState
	order reconcile.LeaseOrder
	at    time.Time
	// dirty is the timestamp of segue's own registration of a managed instance: the same one on every server.
	dirty int64
	// found is the registration of a kept one, whose order has nothing but the names.
	found Instance
}

// app is where the lease belongs.
func (w wish) app() string { return strings.ToUpper(w.order.App) }

// seed is the dark entry that an instance starts behind. The override comes with it, and outlives the app's own
// registration.
func (w wish) seed() Instance {
	i := registration(w.order)
	i.Status, i.Overridden, i.LastDirty = reconcile.LeaseOutOfService, reconcile.LeaseOutOfService, seedDirty
	return i
}

// entry is what segue registers a managed instance as.
func (w wish) entry() Instance {
	if w.state == kept {
		i := w.found
		i.LastDirty, i.Action = w.dirty, ""
		return i
	}
	i := registration(w.order)
	i.Metadata[managedMark] = "true"
	i.Status, i.Overridden, i.LastDirty = reconcile.LeaseUp, reconcile.LeaseUnknown, w.dirty
	if w.state != opened {
		i.Status = reconcile.LeaseDown
	}
	return i
}

func registration(order reconcile.LeaseOrder) Instance {
	name := strings.ToLower(order.App)
	metadata := maps.Clone(order.Metadata)
	if metadata == nil {
		metadata = map[string]string{}
	}
	return Instance{
		ID: order.ID, App: strings.ToUpper(order.App), HostName: order.HostName, IPAddr: order.HostName, CountryID: 1,
		Port: Port{Number: order.Port, Enabled: true}, SecurePort: Port{Number: 443},
		DataCenter: "MyOwn", DataCenterClass: MyOwnDataCenter,
		Lease:       LeaseInfo{RenewalInterval: beatSeconds, Duration: leaseSeconds},
		Metadata:    metadata,
		HomePageURL: "http://" + net.JoinHostPort(order.HostName, strconv.Itoa(order.Port)) + "/",
		VIP:         name, SecureVIP: name,
	}
}

// mismatch says how an app's own registration differs from what runs; "" when it does not, or when nobody has said
// what runs. A port of 0 is not compared.
func (w wish) mismatch(i Instance) string {
	if w.order.HostName == "" {
		return ""
	}
	port := w.order.Port
	if port == 0 {
		port = i.DialPort()
	}
	runs := net.JoinHostPort(w.order.HostName, strconv.Itoa(port))
	if registered := net.JoinHostPort(i.HostName, strconv.Itoa(i.DialPort())); registered != runs {
		return "it registered " + registered + " and runs at " + runs
	}
	if !strings.EqualFold(i.App, w.order.App) {
		return "it registered as application " + i.App + " and not as " + strings.ToUpper(w.order.App)
	}
	return ""
}

// asOrdered: a managed entry is what was ordered, its status aside.
func (w wish) asOrdered(i Instance) bool {
	if i.Metadata[managedMark] == "" || w.mismatch(i) != "" {
		return false
	}
	for key, value := range w.order.Metadata {
		if i.Metadata[key] != value {
			return false
		}
	}
	return true
}
