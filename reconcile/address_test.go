package reconcile

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"
)

// TestAddresses: the lower half only, the same for the same instance, the least recently used after that, and none that
// rests or that anybody names.
func TestAddresses(t *testing.T) {
	network := netip.MustParsePrefix("10.83.0.0/28")
	var table []Reservation
	seen := map[netip.Addr]bool{}
	take := func(name string, named map[netip.Addr]bool, now time.Time) (netip.Addr, error) {
		address, after, err := AllocateAddress(network, table, AddressRequest{Instance: name, Named: named}, now)
		table = after
		return address, err
	}
	for i := range 6 {
		address, err := take(fmt.Sprint(i), nil, day)
		if err != nil || seen[address] || !netip.MustParsePrefix("10.83.0.0/29").Contains(address) {
			t.Fatalf("%d: %s, %v", i, address, err)
		}
		seen[address] = true
	}
	if again, err := take("3", nil, day); err != nil || again != table[3].Address {
		t.Errorf("the same instance gets %s, %v", again, err)
	}
	if _, err := take("7", nil, day); !errors.Is(err, ErrNoAddress) {
		t.Errorf("all are taken: %v", err)
	}
	table = ReleaseAddress(table, "4", day)
	table = ReleaseAddress(table, "2", day.Add(time.Second))
	if _, err := take("7", nil, day.Add(AddressRest-time.Second)); !errors.Is(err, ErrNoAddress) {
		t.Errorf("all rest: %v", err)
	}
	later := day.Add(AddressRest + time.Minute)
	first, second := table[4].Address, table[2].Address
	if got, err := take("7", map[netip.Addr]bool{first: true}, later); err != nil || got != second {
		t.Errorf("the first is still named: got %s, %v, want %s", got, err, second)
	}
	if got, err := take("8", nil, later); err != nil || got != first {
		t.Errorf("got %s, %v, want %s", got, err, first)
	}
}

// TestAddressSets: a flag mode set keeps its addresses, and only it uses them again.
func TestAddressSets(t *testing.T) {
	network := netip.MustParsePrefix("10.83.0.0/24")
	var table []Reservation
	take := func(name, set string, now time.Time) (netip.Addr, error) {
		address, after, err := AllocateAddress(network, table, AddressRequest{Instance: name, Set: set, SetSize: 1}, now)
		table = after
		return address, err
	}
	blue, err := take("a", "orders/blue", day)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := take("b", "orders/blue", day); !errors.Is(err, ErrNoAddress) {
		t.Errorf("the set is full: %v", err)
	}
	table = ReleaseAddress(table, "a", day)
	if other, err := take("c", "", day.Add(time.Hour)); err != nil || other == blue {
		t.Errorf("a stranger gets %s, %v", other, err)
	}
	if again, err := take("b", "orders/blue", day); err != nil || again != blue {
		t.Errorf("the set's next gets %s, %v, want %s", again, err, blue)
	}
}
