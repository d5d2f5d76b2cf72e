package docker

import (
	"net/netip"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
)

func TestANameHasItsPlaceAtTheEndOfTheStrangersHalf(t *testing.T) {
	half := strangersHalf(DefaultInstanceCIDR)
	first := lastingAddress(half, "edge-1", nil)
	if again := lastingAddress(half, "edge-1", map[netip.Addr]bool{half.Addr(): true}); again != first {
		t.Errorf("it was at %s and is at %s", first, again)
	}
	held := map[netip.Addr]bool{}
	least, most := netip.MustParseAddr("10.83.255.127"), netip.MustParseAddr("10.83.255.254")
	for n := range lastingPlaces {
		at := lastingAddress(half, "edge-1", held)
		if held[at] || at.Less(least) || most.Less(at) {
			t.Fatalf("place %d is %s", n, at)
		}
		held[at] = true
	}
	if at := lastingAddress(half, "edge-1", held); at.IsValid() {
		t.Errorf("all are held, and it is at %s", at)
	}
	if at := lastingAddress(strangersHalf(netip.MustParsePrefix("172.20.0.0/24")), "edge-1", nil); at.IsValid() {
		t.Errorf("in a small half the engine would meet %s", at)
	}
	if other := lastingAddress(half, "edge-2", map[netip.Addr]bool{first: true}); other == first || !other.IsValid() {
		t.Errorf("edge-2 is at %s", other)
	}
}

func TestWhoHoldsAnAddress(t *testing.T) {
	at := func(endpoint *network.EndpointSettings) container.Summary {
		return container.Summary{NetworkSettings: &container.NetworkSettingsSummary{Networks: map[string]*network.EndpointSettings{networkName: endpoint}}}
	}
	held := heldBy([]container.Summary{
		{}, at(nil), at(&network.EndpointSettings{IPAddress: "10.83.128.7"}),
		at(&network.EndpointSettings{IPAMConfig: &network.EndpointIPAMConfig{IPv4Address: "10.83.255.254"}}), // one that is stopped
	})
	if len(held) != 2 || !held[netip.MustParseAddr("10.83.128.7")] || !held[netip.MustParseAddr("10.83.255.254")] {
		t.Errorf("held: %v", held)
	}
}
