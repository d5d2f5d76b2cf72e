package eureka

import (
	"strings"
	"testing"

	"github.com/segue-dev/segue/reconcile"
)

func TestVerdicts(t *testing.T) {
	const (
		none     = reconcile.LeaseNone
		up       = reconcile.LeaseUp
		down     = reconcile.LeaseDown
		starting = reconcile.LeaseStarting
		out      = reconcile.LeaseOutOfService
		unknown  = reconcile.LeaseUnknown
	)
	for _, c := range []struct {
		state   wishState
		managed bool
		// status "" is no lease.
		status, override reconcile.LeaseStatus
		seed             bool
		why              occasion
		want             write
		err              string
	}{
		{state: seeded, status: none, why: ordered, want: plant},
		{state: seeded, status: none, why: polled, want: plant},
		{state: seeded, status: out, override: out, seed: true, why: polled, want: nothing},
		{state: seeded, status: starting, override: out, why: polled, want: nothing},
		{state: seeded, status: starting, override: unknown, why: polled, want: darken},
		{state: seeded, status: up, override: unknown, why: polled, want: darken},
		{state: seeded, status: up, override: up, why: ordered, want: darken},

		{state: closed, status: none, why: ordered, want: nothing},
		{state: closed, status: none, why: polled, want: nothing},
		{state: closed, status: none, why: restarted, want: plant},
		{state: closed, status: up, override: unknown, why: ordered, want: darken},
		{state: closed, status: up, override: unknown, why: restarted, want: darken},
		{state: closed, status: down, override: unknown, why: ordered, want: darken},
		{state: closed, status: out, override: unknown, why: ordered, want: nothing},

		{state: opened, status: none, why: ordered, err: "not there yet"},
		{state: opened, status: out, override: out, seed: true, why: ordered, err: "not there yet"},
		{state: opened, status: out, override: out, why: ordered, want: lighten},
		{state: opened, status: starting, override: out, why: ordered, want: lighten},
		{state: opened, status: down, override: out, why: ordered, err: "itself says DOWN"},
		{state: opened, status: down, override: down, why: ordered, want: lighten},
		{state: opened, status: down, override: unknown, why: ordered, err: "itself says DOWN"},
		{state: opened, status: out, override: unknown, why: ordered, want: force},
		{state: opened, status: up, override: up, why: ordered, want: lighten},
		{state: opened, status: up, override: unknown, why: ordered, want: nothing},
		{state: opened, status: out, override: out, why: polled, want: nothing},
		{state: opened, status: none, why: restarted, want: nothing},

		{state: opened, managed: true, status: none, why: ordered, want: enter},
		{state: opened, managed: true, status: none, why: polled, want: enter},
		{state: opened, managed: true, status: down, override: unknown, why: ordered, want: enter},
		{state: opened, managed: true, status: down, override: unknown, why: polled, want: nothing},
		{state: opened, managed: true, status: up, override: unknown, why: ordered, want: nothing},
		{state: opened, managed: true, status: up, override: unknown, why: refused, want: enter},
		{state: opened, managed: true, status: up, override: up, why: ordered, want: lighten},
		{state: opened, managed: true, status: out, override: out, why: ordered, want: lighten},
		{state: opened, managed: true, status: out, override: unknown, why: ordered, want: force},
		{state: closed, managed: true, status: up, override: unknown, why: ordered, want: enter},
		{state: closed, managed: true, status: up, override: unknown, why: polled, want: enter},
		{state: closed, managed: true, status: down, override: unknown, why: ordered, want: nothing},
		{state: closed, managed: true, status: none, why: restarted, want: nothing},
		{state: kept, managed: true, status: none, why: polled, want: enter},
		{state: kept, managed: true, status: up, override: unknown, why: polled, want: nothing},
		{state: kept, managed: true, status: unknown, override: unknown, why: refused, want: enter},
	} {
		w := wish{state: c.state, order: reconcile.LeaseOrder{ID: "shop:a:a-1", App: "A", HostName: "10.0.0.5", Port: 80, Managed: c.managed}}
		lease := w.entry()
		lease.Status, lease.Overridden, lease.LastDirty = c.status, c.override, 1000
		if c.seed {
			lease.LastDirty = seedDirty
		}
		got, err := w.verdict(lease, c.status != none, c.why)
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%+v: %d, %v", c, got, err)
		}
	}
}

func TestAManagedEntryThatIsAnotherOneIsRegisteredAnew(t *testing.T) {
	w := wish{state: opened, order: reconcile.LeaseOrder{
		ID: "shop:a:a-1", App: "A", HostName: "10.0.0.5", Port: 80, Managed: true, Metadata: map[string]string{"zone": "z1"},
	}}
	for what, change := range map[string]func(i *Instance){
		"address":  func(i *Instance) { i.HostName = "10.0.0.6" },
		"port":     func(i *Instance) { i.Port.Number = 81 },
		"metadata": func(i *Instance) { i.Metadata["zone"] = "z2" },
		"mark":     func(i *Instance) { delete(i.Metadata, managedMark) },
	} {
		lease := w.entry()
		change(&lease)
		if got, err := w.verdict(lease, true, ordered); got != enter || err != nil {
			t.Errorf("another %s: %d, %v", what, got, err)
		}
	}
}
