package controller

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller/drivertest"
	"github.com/segue-dev/segue/reconcile"
)

// TestAddressesAreKeptInBlocks: what an earlier segue kept in one piece is read, taken apart and taken away; after that
// a change writes its own block only.
func TestAddressesAreKeptInBlocks(t *testing.T) {
	network, store := netip.MustParsePrefix("10.83.0.0/16"), drivertest.NewStore()
	var once []reconcile.Reservation
	address := netip.MustParseAddr("10.83.0.2")
	for i := range 600 {
		once = append(once, reconcile.Reservation{Address: address, Instance: fmt.Sprintf("s%d-1-1", i)})
		address = address.Next()
	}
	value, err := json.Marshal(once)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Put(addressesKey, value); err != nil {
		t.Fatal(err)
	}
	load := func() *addresses {
		all, err := store.All()
		if err != nil {
			t.Fatal(err)
		}
		a := &addresses{store: store, network: network, dialled: map[netip.Addr]bool{}, dialledAt: time.Now().Add(time.Hour)}
		if err := a.load(all); err != nil {
			t.Fatal(err)
		}
		return a
	}
	a := load()
	if got, err := a.reserve(t.Context(), reconcile.AddressRequest{Instance: "s7-1-1"}); err != nil || got != once[7].Address {
		t.Errorf("who has an address gets %s, %v", got, err)
	}
	all, err := store.All()
	if err != nil {
		t.Fatal(err)
	}
	if keys := sortedKeys(all); !slices.Equal(keys, []string{"Addresses/10.83.0.0", "Addresses/10.83.1.0", "Addresses/10.83.2.0"}) {
		t.Errorf("kept under %v", keys)
	}
	puts := store.Puts()
	fresh, err := a.reserve(t.Context(), reconcile.AddressRequest{Instance: "new-1-1"})
	if err != nil || fresh != address {
		t.Errorf("a new one gets %s, %v; want %s", fresh, err, address)
	}
	if err := a.release("s0-1-1"); err != nil {
		t.Fatal(err)
	}
	if wrote := store.Puts() - puts; wrote != 2 {
		t.Errorf("two changes took %d writes", wrote)
	}
	again := load()
	if len(again.table) != 601 || again.table[0].Released.IsZero() || !slices.IsSortedFunc(again.table, compareReservations) {
		t.Errorf("read back %d: %+v", len(again.table), again.table[0])
	}
}
