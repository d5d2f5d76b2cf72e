package controller

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

const (
	// addressesKind has the reservations, 256 addresses under each key: one more is not a reason to write all of them.
	addressesKind = "Addresses"
	// addressesKey is where all of them once stood.
	addressesKey = addressesKind + "/table"
	// dialledAge is how long it is not looked again who may be dialled. What is reserved meanwhile is in the table.
	dialledAge = time.Second
)

// addresses is the one table of fixed addresses, in memory and in the store.
type addresses struct {
	store   Store
	network netip.Prefix
	ports   reconcile.HostPorts
	around  *drivers

	mu    sync.Mutex
	table []reconcile.Reservation
	// stored is what the store has of the table; once is what it has under addressesKey, to be taken away.
	stored []reconcile.Reservation
	once   bool
	// dialled are the addresses that may still be dialled, as of dialledAt.
	dialled   map[netip.Addr]bool
	dialledAt time.Time
}

// load reads what is kept of all that the store holds.
func (a *addresses) load(all map[string][]byte) error {
	for storeKey, value := range all {
		if kind, _, _ := strings.Cut(storeKey, "/"); kind != addressesKind {
			continue
		}
		var block []reconcile.Reservation
		if err := json.Unmarshal(value, &block); err != nil {
			return fmt.Errorf("read %s from the store: %w", storeKey, err)
		}
		if storeKey == addressesKey {
			a.once, a.table = true, block
		} else {
			a.stored = append(a.stored, block...)
		}
	}
	// Where both say something, segue was killed while it took the old table apart: what is in blocks is newer.
	a.table = slices.DeleteFunc(a.table, func(old reconcile.Reservation) bool {
		return slices.ContainsFunc(a.stored, func(r reconcile.Reservation) bool { return r.Address == old.Address })
	})
	a.table = append(a.table, a.stored...)
	slices.SortFunc(a.table, compareReservations)
	slices.SortFunc(a.stored, compareReservations)
	return nil
}

func compareReservations(a, b reconcile.Reservation) int { return a.Address.Compare(b.Address) }

// reserve gives an instance its address; the one that it holds already when it holds one. It returns when the
// reservation is kept.
func (a *addresses) reserve(ctx context.Context, request reconcile.AddressRequest) (netip.Addr, error) {
	if err := a.lookWhoIsDialled(ctx); err != nil {
		return netip.Addr{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	request.Named = a.dialled
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

// keep writes the blocks of the table that have changed.
func (a *addresses) keep(table []reconcile.Reservation) error {
	blocks := map[netip.Prefix][]reconcile.Reservation{}
	for _, block := range changedBlocks(a.stored, table) {
		blocks[block] = []reconcile.Reservation{}
	}
	for _, r := range table {
		if block := blockOf(r.Address); blocks[block] != nil {
			blocks[block] = append(blocks[block], r)
		}
	}
	for block, held := range blocks {
		value, err := json.Marshal(held)
		if err != nil {
			return fmt.Errorf("write addresses as JSON: %w", err)
		}
		if err := a.store.Put(addressesKind+"/"+block.Addr().String(), value); err != nil {
			return err
		}
	}
	if a.once {
		if err := a.store.Delete(addressesKey); err != nil {
			return err
		}
	}
	a.table, a.stored, a.once = table, table, false
	return nil
}

// blockOf are the 256 addresses that are written together.
func blockOf(address netip.Addr) netip.Prefix { return netip.PrefixFrom(address, 24).Masked() }

// changedBlocks are those in which two sorted tables differ.
func changedBlocks(before, after []reconcile.Reservation) []netip.Prefix {
	var blocks []netip.Prefix
	add := func(r reconcile.Reservation) {
		if block := blockOf(r.Address); len(blocks) == 0 || blocks[len(blocks)-1] != block {
			blocks = append(blocks, block)
		}
	}
	for len(before) > 0 && len(after) > 0 {
		switch c := compareReservations(before[0], after[0]); {
		case c < 0:
			add(before[0])
			before = before[1:]
		case c > 0:
			add(after[0])
			after = after[1:]
		default:
			if !sameReservation(before[0], after[0]) {
				add(after[0])
			}
			before, after = before[1:], after[1:]
		}
	}
	for _, r := range append(slices.Clone(before), after...) {
		add(r)
	}
	return blocks
}

func sameReservation(a, b reconcile.Reservation) bool {
	sameTime := a.Released.Equal(b.Released)
	a.Released, b.Released = time.Time{}, time.Time{}
	return sameTime && a == b
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

// lookWhoIsDialled looks who may still be dialled, unless that was just done.
func (a *addresses) lookWhoIsDialled(ctx context.Context) error {
	a.mu.Lock()
	fresh := a.dialled != nil && time.Since(a.dialledAt) < dialledAge
	a.mu.Unlock()
	if fresh {
		return nil
	}
	began := time.Now()
	n, err := a.named(ctx)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.dialled, a.dialledAt = a.dialledBy(n), began
	return nil
}

// dialledBy are the addresses that may still be dialled. It also enters what runs without a reservation.
func (a *addresses) dialledBy(n naming) map[netip.Addr]bool {
	holder := map[netip.Addr]string{}
	for _, r := range a.table {
		holder[r.Address] = r.Instance
	}
	named := n.addresses
	table := slices.Clone(a.table)
	for _, c := range n.running {
		if !c.Address.IsValid() {
			continue
		}
		named[c.Address] = true
		if _, entered := holder[c.Address]; !entered && a.network.Contains(c.Address) && c.Revision != reconcile.AdoptedRevision {
			table = append(table, reconcile.Reservation{Address: c.Address, Instance: c.Name, Port: int(c.Registered.Port())})
			holder[c.Address] = c.Name
		}
	}
	slices.SortFunc(table, compareReservations)
	a.table = table
	for address, instance := range holder {
		if !n.complete || n.instances[instance] {
			named[address] = true
		}
	}
	return named
}
