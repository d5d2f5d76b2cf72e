package spec

import (
	"maps"
	"net/netip"
	"slices"
)

// reachable reports what keeps Eureka's consumers on other machines from an instance, where its Eureka object has
// reach: Host.
func (s *objectSet) reachable(m Manifest) {
	d, namespace := m.Deployment.Spec, m.Name().Namespace
	if d.Eureka == nil {
		return
	}
	on, err := d.Eureka.RegistryOf(namespace, s.names[KindEureka])
	if err != nil {
		return // reported as a reference
	}
	object := s.byKey[KindEureka+"/"+on.String()]
	if object.Eureka == nil || object.Eureka.Spec.Reach != ReachHost || !s.changed[m.key()] && !s.changed[object.key()] {
		return
	}
	const remedy = "; leave hostIP out, and the port is published on --advertise-address"
	fixed := false
	for i, port := range d.Template.Ports {
		if registered, err := d.Eureka.PortOf(d.Template); err != nil || registered.ContainerPort != port.ContainerPort {
			continue
		}
		fixed = fixed || port.HostPort != 0
		if onlyHere(port.HostIP) {
			s.problem(m, item("spec.template.ports", i)+".hostIP", "%s is this machine's alone, and the consumers of eureka %s come from others (reach: Host)%s", port.HostIP, on, remedy)
		}
	}
	if bg := d.Strategy.BlueGreen; bg != nil {
		for _, name := range slices.Sorted(maps.Keys(bg.Slots)) {
			fixed = fixed || bg.Slots[name].HostPort != 0
			if onlyHere(bg.Slots[name].HostIP) {
				s.problem(m, below("spec.strategy.blueGreen.slots", name)+".hostIP", "%s is this machine's alone, and the consumers of eureka %s come from others (reach: Host)%s", bg.Slots[name].HostIP, on, remedy)
			}
		}
	}
	self := d.Eureka.Mode != ManagedRegistration
	if inject := d.Eureka.Inject; self && inject != nil && !*inject && !fixed {
		s.problem(m, "spec.eureka.inject", "false: nobody tells the app which port of the machine it has, and eureka %s wants that one registered (reach: Host); leave inject out, or fix the port with hostPort (Recreate, or slots) and register it yourself", on)
	}
}

func onlyHere(hostIP string) bool {
	ip, err := netip.ParseAddr(hostIP)
	return err == nil && ip.IsLoopback()
}
