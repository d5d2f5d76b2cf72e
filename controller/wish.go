package controller

import (
	"net/netip"
	"slices"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// routeWishes are what a Route asks of each Nginx object around the Deployment. One whose routes are gone is asked to
// take the Deployment out. reserved are the addresses that the next colour will have, in flag mode.
func (p *pass) routeWishes(step reconcile.Step, reserved []netip.Addr, r reaching) map[spec.Name]reconcile.RouteWish {
	meant := p.target.Deployment.Defaulted()
	wishes := map[spec.Name]reconcile.RouteWish{}
	for nginx, routes := range p.around.routes {
		wish := reconcile.RouteWish{Deployment: p.name, Strategy: meant.Spec.Strategy.Type}
		if !p.object.Deleting {
			for _, name := range routes {
				wished := reconcile.WishedRoute{
					Name: name, Route: meant.Spec.Routes[name],
					Backends: p.backends(name, step.Serving, r), Standby: p.backends(name, step.Preview, r),
				}
				if port, err := wished.Route.PortOf(meant.Spec.Template, name); err == nil {
					wished.Standby = withReserved(wished.Standby, reserved, port, r.freePlace(p.target.Deployment, wished.Backends))
				}
				wish.Routes = append(wish.Routes, wished)
			}
		}
		wishes[nginx] = wish
	}
	return wishes
}

// backends are where instances answer for a route. An instance without an address or port answers nowhere.
func (p *pass) backends(route string, instances []string, r reaching) []reconcile.Backend {
	var list []reconcile.Backend
	for _, name := range slices.Sorted(slices.Values(instances)) {
		i := p.instance(name)
		if i == nil || !i.Address.IsValid() {
			continue
		}
		port, err := p.target.Deployment.Spec.Routes[route].PortOf(p.templateOf(i), route)
		if err != nil {
			port, err = p.target.Deployment.Spec.Routes[route].PortOf(p.target.Deployment.Defaulted().Spec.Template, route)
		}
		number := port.ContainerPort
		if port := r.adopted.port(name); port != 0 {
			number, err = port, nil
		}
		if err != nil || number == 0 {
			continue
		}
		list = append(list, reconcile.Backend{
			Instance: name, Address: netip.AddrPortFrom(i.Address, uint16(number)), Published: r.published(i, number), TLS: port.AppProtocol == spec.ProtocolHTTPS,
		})
	}
	return list
}

// templateOf is the template that the instance was started from; the target's for adopted ones.
func (p *pass) templateOf(i *reconcile.Instance) spec.Template {
	return p.revisionOf(i.Revision).Deployment.Defaulted().Spec.Template
}

// withReserved adds the reserved addresses where nobody is yet. The one that will be in the slot that is free is published
// where that slot is.
func withReserved(standby []reconcile.Backend, reserved []netip.Addr, port spec.Port, place netip.AddrPort) []reconcile.Backend {
	for _, address := range reserved {
		at := netip.AddrPortFrom(address, uint16(port.ContainerPort))
		if !slices.ContainsFunc(standby, func(b reconcile.Backend) bool { return b.Address == at }) {
			standby = append(standby, reconcile.Backend{Address: at, Published: place, TLS: port.AppProtocol == spec.ProtocolHTTPS})
		}
	}
	return standby
}
