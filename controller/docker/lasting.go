package docker

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"net/netip"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
)

// lastingPlaces is how many addresses at the end of the strangers' half are for containers that are to be found where they
// were: the servers that others dial. The engine chooses from the beginning, so it does not get there by itself.
const lastingPlaces = 128

// lastingAddress is where a container of that name is found on the network segue, also when it is made anew: its name says
// which place is its own, and one that is held is passed over. Invalid where the half has no room for that.
func lastingAddress(half netip.Prefix, name string, held map[netip.Addr]bool) netip.Addr {
	if half.Bits() > 24 {
		return netip.Addr{}
	}
	bytes := half.Masked().Addr().As4()
	broadcast := binary.BigEndian.Uint32(bytes[:]) | (1<<(32-half.Bits()) - 1)
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(name)) // it cannot fail
	for n := range uint32(lastingPlaces) {
		var at [4]byte
		binary.BigEndian.PutUint32(at[:], broadcast-1-(sum.Sum32()+n)%lastingPlaces)
		if address := netip.AddrFrom4(at); !held[address] {
			return address
		}
	}
	return netip.Addr{}
}

// endpointOf is how a container joins the network segue: at its lasting address, or at one that the engine chooses.
func (r *Runtime) endpointOf(ctx context.Context, name string, aliases []string) (*network.EndpointSettings, error) {
	all, err := r.cli.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("network", networkName))})
	if err != nil {
		return nil, fmt.Errorf("list who is on network %s: %w", networkName, err)
	}
	endpoint := &network.EndpointSettings{Aliases: aliases}
	if address := lastingAddress(strangersHalf(r.options.InstanceCIDR), name, heldBy(all)); address.IsValid() {
		endpoint.IPAMConfig = &network.EndpointIPAMConfig{IPv4Address: address.String()}
	}
	return endpoint, nil
}

// heldBy are the addresses on the network segue that containers have, or will have when they are started.
func heldBy(all []container.Summary) map[netip.Addr]bool {
	held := map[netip.Addr]bool{}
	for _, c := range all {
		if c.NetworkSettings == nil || c.NetworkSettings.Networks[networkName] == nil {
			continue
		}
		endpoint := c.NetworkSettings.Networks[networkName]
		texts := []string{endpoint.IPAddress}
		if endpoint.IPAMConfig != nil {
			texts = append(texts, endpoint.IPAMConfig.IPv4Address)
		}
		for _, text := range texts {
			if address, err := netip.ParseAddr(text); err == nil {
				held[address] = true
			}
		}
	}
	return held
}
