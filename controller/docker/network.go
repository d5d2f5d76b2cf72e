package docker

import (
	"fmt"
	"net/netip"

	"github.com/docker/docker/api/types/network"
)

// strangersHalf is the upper half of the subnet: where the engine itself chooses addresses.
func strangersHalf(subnet netip.Prefix) netip.Prefix {
	bytes := subnet.Masked().Addr().As4()
	bit := subnet.Bits()
	bytes[bit/8] |= 1 << (7 - bit%8)
	return netip.PrefixFrom(netip.AddrFrom4(bytes), bit+1)
}

// Gateway is the machine's address on the network segue of that subnet: the peer that an instance sees of a connection
// that came by the engine's proxy of a published port.
func Gateway(subnet netip.Prefix) netip.Addr { return strangersHalf(subnet).Addr() }

// checkSubnet refuses what cannot be halved.
func checkSubnet(subnet netip.Prefix) error {
	if !subnet.Addr().Is4() || subnet.Bits() > 28 || subnet.Bits() < 8 {
		return fmt.Errorf("instance CIDR %s: want an IPv4 prefix from /8 to /28", subnet)
	}
	return nil
}

// networkOptions are those of the network segue. The gateway is the first address of the strangers' half, as the
// engine chooses it where there is an ip-range.
func networkOptions(subnet netip.Prefix, owner string) network.CreateOptions {
	half := strangersHalf(subnet)
	return network.CreateOptions{
		Driver: "bridge",
		IPAM: &network.IPAM{Driver: "default", Config: []network.IPAMConfig{{
			Subnet: subnet.Masked().String(), IPRange: half.String(), Gateway: Gateway(subnet).String(),
		}}},
		Labels: map[string]string{labelOwner: owner},
	}
}

// checkNetwork says why a network named segue that exists cannot be used; nil when it can.
func checkNetwork(n network.Inspect, subnet netip.Prefix, owner string) error {
	const remove = "stop what is attached to it and remove it (docker network rm segue)"
	switch other := n.Labels[labelOwner]; {
	case other == "":
		return &Refusal{Message: "the Docker network segue was not made by segue: " + remove}
	case other != owner:
		return &Refusal{Owner: other, Message: fmt.Sprintf("the Docker network segue belongs to the controller %s, "+
			"this one is %s: run with --owner %s if they are the same, else %s", other, owner, other, remove)}
	}
	want := networkOptions(subnet, owner).IPAM.Config[0]
	if n.Driver != "bridge" || len(n.IPAM.Config) != 1 || n.IPAM.Config[0].Subnet != want.Subnet || n.IPAM.Config[0].IPRange != want.IPRange {
		return &Refusal{Message: fmt.Sprintf("the Docker network segue is %s, not a bridge of %s with the range %s: "+
			"run with the --instance-cidr that it has, or %s", describe(n), want.Subnet, want.IPRange, remove)}
	}
	return nil
}

func describe(n network.Inspect) string {
	s := "a " + n.Driver
	for _, c := range n.IPAM.Config {
		s += " of " + c.Subnet
		if c.IPRange != "" {
			s += " with the range " + c.IPRange
		}
	}
	return s
}
