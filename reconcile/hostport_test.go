package reconcile

import (
	"errors"
	"net/netip"
	"testing"
	"time"
)

func TestHostPortsAreNotGivenAgainAtOnce(t *testing.T) {
	span, network, now := HostPorts{From: 30000, To: 30002}, netip.MustParsePrefix("10.83.0.0/24"), day
	var table []Reservation
	port := func(instance string, avoid map[int]bool) int {
		t.Helper()
		var err error
		if _, table, err = AllocateAddress(network, table, AddressRequest{Instance: instance}, now); err != nil {
			t.Fatal(err)
		}
		given, next, err := AllocateHostPort(span, table, instance, avoid, now)
		if err != nil {
			return 0
		}
		table = next
		return given
	}
	if a, again := port("a", nil), port("a", nil); a != 30000 || again != a {
		t.Errorf("a got %d, then %d", a, again)
	}
	if b := port("b", map[int]bool{30001: true}); b != 30002 {
		t.Errorf("b, with a stranger at 30001, got %d", b)
	}
	table = ReleaseAddress(table, "a", now)
	if c := port("c", nil); c != 30001 {
		t.Errorf("c got %d while a's port rests", c)
	}
	if d := port("d", nil); d != 0 {
		t.Errorf("d got %d of none", d)
	}
	now = now.Add(AddressRest + time.Second)
	if d := port("d", nil); d != 30000 {
		t.Errorf("later d got %d", d)
	}
	if _, _, err := AllocateHostPort(span, table, "nobody", nil, now); err == nil || errors.Is(err, ErrNoHostPort) {
		t.Errorf("nobody: %v", err)
	}
}
