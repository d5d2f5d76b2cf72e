package controller

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// reaching says where others reach what is on this machine.
type reaching struct {
	adopted adoptions
	// advertise is this machine's address; invalid when nobody said.
	advertise netip.Addr
}

// published is where an instance's port is reached from other machines; invalid when it is not published.
func (r reaching) published(i *reconcile.Instance, port int) netip.AddrPort {
	at := i.PublishedPorts[port]
	if i.AddressOnly {
		at = netip.AddrPortFrom(i.Address, uint16(port))
		if i.Address.IsLoopback() {
			at = netip.AddrPortFrom(r.advertise, uint16(port))
		}
	}
	return r.seen(at)
}

// seen is a place of this machine as others dial it.
func (r reaching) seen(at netip.AddrPort) netip.AddrPort {
	if !at.IsValid() || !at.Addr().IsUnspecified() {
		return at
	}
	return netip.AddrPortFrom(r.advertise, at.Port())
}

// freePlace is where the slot that none of serving is in is published; invalid without slots.
func (r reaching) freePlace(d spec.Deployment, serving []reconcile.Backend) netip.AddrPort {
	if d.Spec.Strategy.BlueGreen == nil {
		return netip.AddrPort{}
	}
	slots := d.Spec.Strategy.BlueGreen.Slots
	for _, name := range sortedKeys(slots) {
		at := r.place(slots[name].HostIP, slots[name].HostPort)
		taken := slices.ContainsFunc(serving, func(b reconcile.Backend) bool {
			return b.Published == at || b.Address == at || b.Published.Port() == at.Port()
		})
		if at.IsValid() && !taken {
			return at
		}
	}
	return netip.AddrPort{}
}

// place is a hostIP and hostPort as others dial it; what says no hostIP is published on the advertised address.
func (r reaching) place(hostIP string, hostPort int) netip.AddrPort {
	if hostPort == 0 {
		return netip.AddrPort{}
	}
	on := r.advertise
	if hostIP != "" {
		var err error
		if on, err = netip.ParseAddr(hostIP); err != nil {
			return netip.AddrPort{}
		}
	}
	if !on.IsValid() {
		return netip.AddrPort{}
	}
	return r.seen(netip.AddrPortFrom(on, uint16(hostPort)))
}

// publish publishes the ports that nginx servers reach by this machine's address: on it where the manifest names a
// hostPort and no hostIP, and on a free port of it where it names neither.
func (e *executor) publish(d spec.Deployment, launch *reconcile.Launch) error {
	reached, by := e.objects.reachedByHost(d)
	if len(reached) == 0 {
		return nil
	}
	if !e.advertise.IsValid() {
		return fmt.Errorf("nginx %s has servers that reach instances by this machine's address (reach: Host), and that is not known: start segue with --advertise-address", by)
	}
	ip := ""
	if bg := d.Spec.Strategy.BlueGreen; bg != nil {
		ip = bg.Slots[launch.Slot].HostIP
	}
	launch.Publish = map[int]netip.Addr{}
	for i, port := range d.Spec.Template.Ports {
		switch {
		case !reached[port.ContainerPort]:
		case launch.Ports[i].HostPort == 0:
			launch.Publish[port.ContainerPort] = e.advertise
		case port.HostIP == "" && ip == "":
			launch.Ports[i].HostIP = e.advertise.String()
		}
	}
	return nil
}

// reachedByHost are the container ports of routes through an Nginx object with a server that has reach: Host, and one
// such object.
func (o *objects) reachedByHost(d spec.Deployment) (ports map[int]bool, by spec.Name) {
	related, namespace := o.relations(), d.Metadata.ObjectName().Namespace
	ports = map[int]bool{}
	for name, route := range d.Spec.AllRoutes() {
		on, err := related.nginxOf(route, namespace)
		if err != nil {
			continue
		}
		object := o.get(key{kind: spec.KindNginx, name: on})
		port, err := route.PortOf(d.Defaulted().Spec.Template, name)
		if object == nil || err != nil {
			continue
		}
		for _, server := range object.Manifest.Nginx.Defaulted().Spec.Servers {
			if server.Reach == spec.ReachHost {
				ports[port.ContainerPort], by = true, on
			}
		}
	}
	return ports, by
}
