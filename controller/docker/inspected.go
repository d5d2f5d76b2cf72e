package docker

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// networkName is the network that instances have their fixed addresses on.
const networkName = "segue"

// instanceOf is what an inspection says of a container with our labels. RetiredAt and ExitCounts are the view's.
func instanceOf(c container.InspectResponse) reconcile.Container {
	instance := readLabels(c.Name, c.Config.Labels)
	fillState(&instance, c)
	return instance
}

// adoptedOf is what an inspection says of a container that a manifest adopts for a Deployment.
func adoptedOf(c container.InspectResponse, deployment string) reconcile.Container {
	adopted := reconcile.Container{
		Name:       strings.TrimPrefix(c.Name, "/"),
		Deployment: spec.ParseName(deployment),
		Revision:   reconcile.AdoptedRevision,
		Image:      c.Config.Image,
	}
	if addresses := addressesOf(c); len(addresses) > 0 {
		adopted.Address = addresses[0]
	}
	fillState(&adopted, c)
	return adopted
}

func fillState(to *reconcile.Container, c container.InspectResponse) {
	to.ID = c.ID
	to.PublishedPorts = publishedPorts(c)
	state := c.State
	if state == nil {
		return
	}
	to.State = stateOf(state.Status)
	to.StartedAt, to.ExitedAt = timeOf(state.StartedAt), timeOf(state.FinishedAt)
	to.ExitCode, to.OOMKilled = state.ExitCode, state.OOMKilled
	if to.State == reconcile.ContainerRunning {
		// What is left of an earlier run.
		to.ExitedAt, to.ExitCode, to.PID = time.Time{}, 0, state.Pid
	}
	if health := state.Health; health != nil && health.Status != container.NoHealthcheck {
		to.HasImageHealth = true
		switch health.Status {
		case container.Healthy:
			to.ImageHealth = reconcile.Yes
		case container.Unhealthy:
			to.ImageHealth = reconcile.No
		}
	}
}

func stateOf(status string) reconcile.ContainerState {
	switch status {
	case container.StateCreated:
		return reconcile.ContainerCreated
	case container.StateRunning, container.StatePaused, container.StateRestarting:
		return reconcile.ContainerRunning
	case container.StateExited, container.StateDead, container.StateRemoving:
		return reconcile.ContainerExited
	default:
		return reconcile.ContainerUnknown
	}
}

// timeOf reads the engine's timestamps. Zero for what never happened.
func timeOf(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Year() <= 1 {
		return time.Time{}
	}
	return t
}

// addressesOf are the container's addresses, IPv4 where a network has one: the one on the network segue first, then by
// the networks' names.
func addressesOf(c container.InspectResponse) []netip.Addr {
	if c.NetworkSettings == nil {
		return nil
	}
	names := make([]string, 0, len(c.NetworkSettings.Networks))
	for name := range c.NetworkSettings.Networks {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if (a == networkName) != (b == networkName) {
			if a == networkName {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	var addresses []netip.Addr
	for _, name := range names {
		if address, ok := addressOn(c.NetworkSettings.Networks[name]); ok {
			addresses = append(addresses, address)
		}
	}
	return addresses
}

func addressOn(endpoint *network.EndpointSettings) (netip.Addr, bool) {
	if endpoint == nil {
		return netip.Addr{}, false
	}
	for _, s := range []string{endpoint.IPAddress, endpoint.GlobalIPv6Address} {
		if address, err := netip.ParseAddr(s); err == nil {
			return address, true
		}
	}
	return netip.Addr{}, false
}

// publishedPorts maps TCP ports to where the host publishes them, IPv4 before IPv6.
func publishedPorts(c container.InspectResponse) map[int]netip.AddrPort {
	if c.NetworkSettings == nil {
		return nil
	}
	var published map[int]netip.AddrPort
	for port, bindings := range c.NetworkSettings.Ports {
		for _, binding := range bindings {
			at, err := netip.ParseAddrPort(net.JoinHostPort(binding.HostIP, binding.HostPort))
			if err != nil || port.Proto() != "tcp" {
				continue
			}
			before, ok := published[port.Int()]
			if ok && (before.Addr().Is4() || !at.Addr().Is4()) {
				continue
			}
			if published == nil {
				published = map[int]netip.AddrPort{}
			}
			published[port.Int()] = at
		}
	}
	return published
}
