package reconcile

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrNoHostPort: every port of the span is in use, rests, or is held by a stranger.
var ErrNoHostPort = errors.New("no port of the machine is free")

// HostPorts are the machine's ports that instances are given where the manifest names none, both ends included.
type HostPorts struct{ From, To int }

// DefaultHostPorts are Kubernetes' node ports, below what Linux gives to clients.
var DefaultHostPorts = HostPorts{From: 30000, To: 32767}

// AllocateHostPort gives the instance, which holds a reservation, a port of the machine beside its address, and returns
// it with the new table; the table that it was given is not changed. An instance that has one gets the same again unless
// avoid names it. A port rests as long as an address before it is another's: who still dials it would reach the wrong
// service.
func AllocateHostPort(span HostPorts, table []Reservation, instance string, avoid map[int]bool, now time.Time) (int, []Reservation, error) {
	mine, last := -1, span.From-1
	taken := map[int]bool{}
	for i, r := range table {
		switch {
		case r.Instance == instance && r.Released.IsZero():
			mine = i
		case r.Port != 0 && (r.Released.IsZero() || now.Before(r.Released.Add(AddressRest))):
			taken[r.Port] = true
		}
		if span.From <= r.Port && r.Port <= span.To {
			last = max(last, r.Port)
		}
	}
	if mine < 0 {
		return 0, table, fmt.Errorf("reserve a port for %s: it holds no address", instance)
	}
	if port := table[mine].Port; port != 0 && !avoid[port] {
		return port, table, nil
	}
	size := span.To - span.From + 1
	for k := range size {
		// The next one that was never given, then the lowest that may be given again.
		port := span.From + (last+1-span.From+k)%size
		if taken[port] || avoid[port] {
			continue
		}
		table = slices.Clone(table)
		table[mine].Port = port
		return port, table, nil
	}
	return 0, table, fmt.Errorf("reserve a port of %d to %d: %w", span.From, span.To, ErrNoHostPort)
}
