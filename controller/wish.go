package controller

import (
	"net/netip"
	"slices"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// routeWishes are what a Route asks of each Nginx object around the Deployment. One whose routes are gone is asked to
// take the Deployment out, unless a listener of it is still known to consumers of Eureka. reserved are the addresses
// that the next colour will have, in flag mode.
func (p *pass) routeWishes(step reconcile.Step, reserved []netip.Addr, r reaching) map[spec.Name]reconcile.RouteWish {
	meant, written := p.meant, p.target.Deployment.Spec.AllRoutes()
	wishes := map[spec.Name]reconcile.RouteWish{}
	objects := p.around.nginx()
	for _, name := range step.Listeners {
		objects = append(objects, spec.ParseName(name))
	}
	for _, nginx := range objects {
		wish := reconcile.RouteWish{Deployment: p.name, Strategy: meant.Spec.Strategy.Type}
		routes := p.wantedRoutes(nginx)
		switch listens := slices.Contains(step.Listeners, nginx.String()); {
		case p.desired.Deleted && !listens:
			routes = nil
		case listens:
			p.keepListener(nginx, routes)
		case p.around.eurekaNginx == nginx:
			delete(routes, spec.EurekaRoute)
		}
		for _, name := range sortedKeys(routes) {
			asWritten, ok := written[name]
			if !ok {
				asWritten = routes[name]
			}
			wished := reconcile.WishedRoute{
				Name: name, Route: routes[name],
				Backends: p.backends(asWritten, name, step.Serving, r), Standby: p.backends(asWritten, name, step.Preview, r),
			}
			if port, err := wished.Route.PortOf(meant.Spec.Template, name); err == nil {
				wished.Standby = withReserved(wished.Standby, reserved, port, r.freePlace(p.target.Deployment, wished.Backends))
			}
			wish.Routes = append(wish.Routes, wished)
		}
		wishes[nginx] = wish
	}
	return wishes
}

// keepListener adds the listener that consumers of Eureka may still dial, as it is served, where the target has none.
func (p *pass) keepListener(nginx spec.Name, routes map[string]spec.Route) {
	if _, wanted := routes[spec.EurekaRoute]; wanted {
		return
	}
	for _, at := range p.servers {
		if served, ok := at.server.Routes[p.name.String()][spec.EurekaRoute]; ok && at.object == nginx {
			routes[spec.EurekaRoute] = served
			return
		}
	}
}

// backends are where instances answer for a route. An instance without an address or port answers nowhere.
func (p *pass) backends(route spec.Route, routeName string, instances []string, r reaching) []reconcile.Backend {
	var list []reconcile.Backend
	for _, name := range slices.Sorted(slices.Values(instances)) {
		i := p.instance(name)
		if i == nil || !i.Address.IsValid() {
			continue
		}
		port, err := route.PortOf(p.templateOf(i), routeName)
		if err != nil {
			port, err = p.portOfTarget(route, routeName)
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

// portOfTarget is the port that the target has for a route, for a listener that outlives its mode the registered one.
func (p *pass) portOfTarget(route spec.Route, name string) (spec.Port, error) {
	t := p.meant.Spec.Template
	port, err := route.PortOf(t, name)
	if e := p.target.Deployment.Spec.Eureka; err != nil && e != nil && name == spec.EurekaRoute {
		return e.PortOf(t)
	}
	return port, err
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
