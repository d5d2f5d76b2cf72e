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
	if d.Proxied() {
		s.reachableNginx(m, on)
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

// reachableNginx reports what keeps such consumers from nginx in place of the instances.
func (s *objectSet) reachableNginx(m Manifest, on Name) {
	through, err := m.Deployment.Spec.AllRoutes()[EurekaRoute].NginxOf(m.Name().Namespace, s.names[KindNginx])
	if err != nil {
		return // reported as a reference
	}
	servers := s.byKey[KindNginx+"/"+through.String()].Nginx.Spec.Servers
	if len(servers) == 0 {
		s.problem(m, "spec.eureka.mode", "the consumers of eureka %s come from other machines (reach: Host), and nginx %s, which segue runs itself, is not reached from there; name servers in it, or say mode: Managed", on, through)
	}
	for _, server := range servers {
		if server.Container != "" && server.AdvertiseAddress == "" {
			s.problem(m, "spec.eureka.mode", "the consumers of eureka %s come from other machines (reach: Host), and nobody said where they reach container %s of nginx %s; write advertiseAddress beside it", on, server.Container, through)
		}
	}
}

func onlyHere(hostIP string) bool {
	ip, err := netip.ParseAddr(hostIP)
	return err == nil && ip.IsLoopback()
}
