package controller

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// strangerTime is how long a port of the machine that somebody else was found to hold is not tried again.
const strangerTime = 10 * time.Minute

// registeredAt is where Eureka's consumers reach an instance that is about to start, when its Eureka object has
// reach: Host: a port of this machine, the one that the manifest or the slot names, else a free one. Invalid when they
// reach it at its own address.
func (e *executor) registeredAt(p *pass, d spec.Deployment, instance, slot string) (netip.AddrPort, error) {
	if d.Spec.Eureka == nil || d.Spec.Proxied() {
		return netip.AddrPort{}, nil
	}
	registry := e.objects.registryOf(*d.Spec.Eureka, d.Metadata.ObjectName().Namespace)
	object := e.objects.get(key{kind: spec.KindEureka, name: registry})
	if object == nil || object.Manifest.Eureka.Spec.Reach != spec.ReachHost {
		return netip.AddrPort{}, nil
	}
	if !e.advertise.IsValid() {
		return netip.AddrPort{}, fmt.Errorf("eureka/%s has reach: Host, and this machine's address is not known: start segue with --advertise-address", registry)
	}
	hostIP, port, err := hostPlace(d, slot)
	if err != nil {
		return netip.AddrPort{}, err
	}
	if port == 0 {
		if port, err = e.addresses.hostPort(instance, e.strangers(p)); err != nil {
			return netip.AddrPort{}, err
		}
	}
	on := e.advertise
	if ip, err := netip.ParseAddr(hostIP); err == nil && !ip.IsUnspecified() {
		on = ip
	}
	return netip.AddrPortFrom(on, uint16(port)), nil
}

// hostPlace is where the manifest publishes the registered port for an instance in a slot; port 0 where it names none.
func hostPlace(d spec.Deployment, slot string) (hostIP string, port int, err error) {
	registered, err := d.Spec.Eureka.PortOf(d.Spec.Template)
	if err != nil {
		return "", 0, err
	}
	if bg := d.Spec.Strategy.BlueGreen; bg != nil && bg.Slots[slot].HostPort != 0 {
		if published, err := d.Spec.SlotPort(); err == nil && published.ContainerPort == registered.ContainerPort {
			return bg.Slots[slot].HostIP, bg.Slots[slot].HostPort, nil
		}
	}
	return registered.HostIP, registered.HostPort, nil
}

// strangers are the ports of the machine that somebody else was found to hold of late.
func (e *executor) strangers(p *pass) map[int]bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	found := map[int]bool{}
	for port, at := range p.memory.strangers {
		found[port] = p.began.Before(at.Add(strangerTime))
	}
	return found
}

// noteStranger remembers that a port which segue chose is somebody else's.
func noteStranger(p *pass, launch reconcile.Launch, now time.Time) {
	if launch.Registered.IsValid() {
		p.memory.strangers[int(launch.Registered.Port())] = now
	}
}

// publishRegistered publishes the registered port where Eureka's consumers will look for it.
func publishRegistered(d spec.Deployment, launch *reconcile.Launch) error {
	if !launch.Registered.IsValid() {
		return nil
	}
	registered, err := d.Spec.Eureka.PortOf(d.Spec.Template)
	if err != nil {
		return err
	}
	for i := range launch.Ports {
		if launch.Ports[i].ContainerPort == registered.ContainerPort {
			launch.Ports[i].HostPort = int(launch.Registered.Port())
			if ip, err := netip.ParseAddr(launch.Ports[i].HostIP); err != nil || ip.IsLoopback() {
				launch.Ports[i].HostIP = launch.Registered.Addr().String()
			}
		}
	}
	return nil
}

// reseed tells the registry of another place than the one that the dark lease was made with.
func (e *executor) reseed(ctx context.Context, p *pass, revision reconcile.Revision, launch reconcile.Launch) error {
	if !launch.Registered.IsValid() || !revision.Deployment.Spec.SelfRegisters() {
		return nil
	}
	order := leaseOrder(eurekaID(e.owner, p.name, launch.Instance), revision, launch.Address, launch.Registered)
	return e.registries(e.objects.homesOf(p, revision), func(registry Registry) error { return registry.Seed(ctx, order) })
}
