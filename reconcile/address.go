package reconcile

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// AddressRest is how long a released address is not given out again.
const AddressRest = 10 * time.Minute

// ErrNoAddress: every address of the pool is in use, rests, or may still be dialled.
var ErrNoAddress = errors.New("no address is free")

// Reservation is one address of the segue network that is or was an instance's.
type Reservation struct {
	Address netip.Addr `json:"address"`
	// Instance holds it; or held it, when Released is set.
	Instance string    `json:"instance"`
	Released time.Time `json:"released,omitzero"`
	// Set is the flag mode pool that owns the address for good, as "orders/blue"; "" elsewhere.
	Set string `json:"set,omitempty"`
	// Port is the machine's port that the instance was given with it; 0 for none.
	Port int `json:"port,omitempty"`
}

// AddressRequest asks for the fixed address of one instance.
type AddressRequest struct {
	Instance string
	// Set and SetSize are for flag mode: the address is one of SetSize that only this set ever uses.
	Set     string
	SetSize int
	// Named are the addresses that a served generation, a living old nginx worker or a Eureka server names.
	Named map[netip.Addr]bool
}

// AllocateAddress reserves an address of the lower half of network and returns it with the new table; the table that
// it was given is not changed. An instance that holds one gets the same again. Everybody else gets the least recently
// used, never the lowest free: Docker gives a dead container's address to the next one at once, and whoever still
// dials it would reach the wrong service.
func AllocateAddress(network netip.Prefix, table []Reservation, request AddressRequest, now time.Time) (netip.Addr, []Reservation, error) {
	table = slices.Clone(table)
	if !slices.IsSortedFunc(table, compareReservations) {
		slices.SortFunc(table, compareReservations)
	}
	for _, r := range table {
		if r.Instance == request.Instance && r.Released.IsZero() {
			return r.Address, table, nil
		}
	}
	take := func(i int) (netip.Addr, []Reservation, error) {
		table[i].Instance, table[i].Released, table[i].Port = request.Instance, time.Time{}, 0
		return table[i].Address, table, nil
	}
	if request.Set != "" {
		i, owned := oldestOf(table, func(r Reservation) bool { return r.Set == request.Set })
		if i >= 0 {
			return take(i)
		}
		if owned >= request.SetSize {
			return netip.Addr{}, table, fmt.Errorf("reserve an address of the %d of %s: %w", request.SetSize, request.Set, ErrNoAddress)
		}
	}
	if address, ok := neverUsed(network, table, request.Named); ok {
		made := Reservation{Address: address, Instance: request.Instance, Set: request.Set}
		at, _ := slices.BinarySearchFunc(table, made, compareReservations)
		return address, slices.Insert(table, at, made), nil
	}
	i, _ := oldestOf(table, func(r Reservation) bool {
		return r.Set == "" && !now.Before(r.Released.Add(AddressRest)) && !request.Named[r.Address]
	})
	if i < 0 {
		return netip.Addr{}, table, fmt.Errorf("reserve an address of %s: %w", network, ErrNoAddress)
	}
	table[i].Set = request.Set
	return take(i)
}

// ReleaseAddress notes that an instance is gone, and returns the new table.
func ReleaseAddress(table []Reservation, instance string, now time.Time) []Reservation {
	table = slices.Clone(table)
	for i := range table {
		if table[i].Instance == instance && table[i].Released.IsZero() {
			table[i].Released = now
		}
	}
	return table
}

// oldestOf is the index of the released reservation among those that qualify that was released first, -1 when there
// is none, and how many of these qualify at all, released or not.
func oldestOf(table []Reservation, qualifies func(Reservation) bool) (index, owned int) {
	index = -1
	for i, r := range table {
		if !qualifies(r) {
			continue
		}
		owned++
		if !r.Released.IsZero() && (index < 0 || r.Released.Before(table[index].Released)) {
			index = i
		}
	}
	return index, owned
}

// neverUsed is the lowest address of the lower half that the table, which is sorted, has never seen. The first two are
// the network's and, where there is no ip-range, the gateway's.
func neverUsed(network netip.Prefix, table []Reservation, named map[netip.Addr]bool) (netip.Addr, bool) {
	lower := netip.PrefixFrom(network.Masked().Addr(), network.Bits()+1)
	for address := lower.Addr().Next().Next(); lower.Contains(address); address = address.Next() {
		for len(table) > 0 && table[0].Address.Less(address) {
			table = table[1:]
		}
		if used := len(table) > 0 && table[0].Address == address; !used && !named[address] {
			return address, true
		}
	}
	return netip.Addr{}, false
}

func compareReservations(a, b Reservation) int { return a.Address.Compare(b.Address) }
