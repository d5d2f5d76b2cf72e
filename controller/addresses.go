package controller

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

const addressesKey = "Addresses/table"

// addresses is the one table of fixed addresses, in memory and in the store.
type addresses struct {
	store   Store
	network netip.Prefix
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

// disband gives the sets of a Deployment that is gone back to everybody.
func (a *addresses) disband(name spec.Name) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	table, changed := slices.Clone(a.table), false
	for i := range table {
		if table[i].Set == name.String()+"/blue" || table[i].Set == name.String()+"/green" {
			table[i].Set, changed = "", true
		}
	}
	if !changed {
		return nil
	}
	return a.keep(table)
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
			a.table = append(a.table, reconcile.Reservation{Address: c.Address, Instance: c.Name})
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

// request asks for the address of an instance of a revision. A BlueGreen Deployment with a variable route owns
// two sets, so that flag mode can switch between them without a reload.
func (a *addresses) request(p *pass, instance, revision string) reconcile.AddressRequest {
	request := reconcile.AddressRequest{Instance: instance}
	s := p.target.Deployment.Spec
	if s.Strategy.Type != spec.BlueGreen || !hasVariableRoute(s) {
		return request
	}
	request.SetSize = *p.desired.Wanted.Deployment.Spec.Replicas
	request.Set = a.setOf(p, revision)
	return request
}

// setOf is the set of a revision: that of its instances, else the one that no other revision's instance is in.
func (a *addresses) setOf(p *pass, revision string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	sets := map[string]string{}
	for _, r := range a.table {
		if r.Released.IsZero() {
			sets[r.Instance] = r.Set
		}
	}
	blue, green := p.name.String()+"/blue", p.name.String()+"/green"
	other := ""
	for _, i := range p.observed.Instances {
		set := sets[i.Name]
		switch {
		case set == "":
		case i.Revision == revision:
			return set
		case i.Live():
			other = set
		}
	}
	if other == blue {
		return green
	}
	return blue
}

func hasVariableRoute(s spec.DeploymentSpec) bool {
	for _, route := range s.Routes {
		if route.Kind() == spec.RouteVariable {
			return true
		}
	}
	return false
}
