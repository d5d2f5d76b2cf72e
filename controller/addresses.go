package controller

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

const addressesKey = "Addresses/table"

// addresses is the one table of fixed addresses, in memory and in the store.
type addresses struct {
	store   Store
	network netip.Prefix
	ports   reconcile.HostPorts
	around  *drivers

	mu    sync.Mutex
	table []reconcile.Reservation
}

func (a *addresses) load(value []byte) error {
	if value == nil {
		return nil
	}
	if err := json.Unmarshal(value, &a.table); err != nil {
		return fmt.Errorf("read addresses: %w", err)
	}
	return nil
}

// reserve gives an instance its address; the one that it holds already when it holds one. It returns when the
// reservation is kept.
func (a *addresses) reserve(ctx context.Context, request reconcile.AddressRequest) (netip.Addr, error) {
	named, err := a.named(ctx)
	if err != nil {
		return netip.Addr{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	request.Named = a.dialled(named)
	now := time.Now()
	address, table, err := reconcile.AllocateAddress(a.network, a.table, request, now)
	if err != nil && request.Set != "" {
		// A pool of flag mode is full of what has yet to be removed; any other address is served by a reload.
		request.Set, request.SetSize = "", 0
		address, table, err = reconcile.AllocateAddress(a.network, a.table, request, now)
	}
	if err != nil {
		return netip.Addr{}, err
	}
	return address, a.keep(table)
}

// hostPort gives an instance that has its address a port of the machine; the one that it has already unless that is to be
// avoided.
func (a *addresses) hostPort(instance string, avoid map[int]bool) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	port, table, err := reconcile.AllocateHostPort(a.ports, a.table, instance, avoid, time.Now())
	if err != nil {
		return 0, err
	}
	return port, a.keep(table)
}

// release notes that an instance is gone.
func (a *addresses) release(instance string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.table {
		if r.Instance == instance && r.Released.IsZero() {
			return a.keep(reconcile.ReleaseAddress(a.table, instance, time.Now()))
		}
	}
	return nil
}

func (a *addresses) keep(table []reconcile.Reservation) error {
	value, err := json.Marshal(table)
	if err != nil {
		return fmt.Errorf("write addresses as JSON: %w", err)
	}
	if err := a.store.Put(addressesKey, value); err != nil {
		return err
	}
	a.table = table
	return nil
}

// naming is who may still be dialled.
type naming struct {
	instances map[string]bool
	addresses map[netip.Addr]bool
	// complete: every server was asked. Else everybody who was ever dialled may still be.
	complete bool
	running  []reconcile.Container
}

// named reads who may still be dialled: whom nginx servers know, and what Eureka's leases say.
func (a *addresses) named(ctx context.Context) (naming, error) {
	var n naming
	all, _, err := a.around.fleet.view.get(ctx, time.Time{}, fleetAge)
	if err != nil {
		return n, fmt.Errorf("reserve an address: %w", err)
	}
	for _, list := range all {
		n.running = append(n.running, list...)
	}
	n.instances, n.complete = a.around.routed()
	n.addresses = map[netip.Addr]bool{}
	for _, registry := range a.around.registries.all() {
		if registry.err != nil {
			n.complete = false
			continue
		}
		for _, server := range registry.view.last().servers {
			n.complete = n.complete && server.State != reconcile.ServerUnknown
			for _, lease := range server.Leases {
				if address, err := netip.ParseAddr(lease.HostName); err == nil {
					n.addresses[address] = true
				}
			}
		}
	}
	return n, nil
}

// dialled are the addresses that may still be dialled. It also enters what runs without a reservation.
func (a *addresses) dialled(n naming) map[netip.Addr]bool {
	holder := map[netip.Addr]string{}
	for _, r := range a.table {
		holder[r.Address] = r.Instance
	}
	named := n.addresses
	for _, c := range n.running {
		if !c.Address.IsValid() {
			continue
		}
		named[c.Address] = true
		if _, entered := holder[c.Address]; !entered && a.network.Contains(c.Address) && c.Revision != reconcile.AdoptedRevision {
			a.table = append(a.table, reconcile.Reservation{Address: c.Address, Instance: c.Name, Port: int(c.Registered.Port())})
			holder[c.Address] = c.Name
		}
	}
	for address, instance := range holder {
		if !n.complete || n.instances[instance] {
			named[address] = true
		}
	}
	return named
}
