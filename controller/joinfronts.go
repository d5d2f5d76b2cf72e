package controller

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// serverAt is a server of an Nginx object as p.observed has it.
type serverAt struct {
	object spec.Name
	// local is what the object calls it.
	local  string
	server reconcile.NginxServer
}

// joinFronts adds the nginx servers that are or were registered in place of the instances. home are the registries of
// the Eureka servers.
func (o *observer) joinFronts(p *pass, home map[string]spec.Name) {
	left := map[string]frontName{}
	for instance := range p.leases {
		if f, isFront := parseFront(instance); isFront {
			left[instance] = f
		}
	}
	for _, at := range p.servers {
		p.observed.Fronts = append(p.observed.Fronts, p.frontsAt(at, left)...)
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		p.observed.Fronts = append(p.observed.Fronts, o.strayFront(name, left[name]))
	}
	for i := range p.observed.Fronts {
		f := &p.observed.Fronts[i]
		meant, named := parseFront(f.Name)
		for _, server := range p.observed.Eureka {
			if !named || home[server.URL].String() != meant.registry {
				continue
			}
			f.Eureka = append(f.Eureka, reconcile.EurekaFact{
				Server: server.URL, State: server.State, RestartedAt: server.RestartedAt, Lease: server.Leases[eurekaID(o.owner, p.name, f.Name)],
			})
		}
	}
}

// frontsAt are the fronts at one server: the one that is wanted, and what is left of others, which it takes out of left.
func (p *pass) frontsAt(at serverAt, left map[string]frontName) []reconcile.Front {
	port := at.server.Listeners[p.name.String()][spec.EurekaRoute]
	one := reconcile.Front{
		Nginx: at.object.String(), Server: at.server.Name, State: at.server.State,
		Wanted: p.target.Deployment.Spec.Proxied() && at.object == p.around.eurekaNginx && p.around.registry != (spec.Name{}),
	}
	if at.server.Listeners != nil && at.server.Included != reconcile.No {
		one.Listens = reconcile.TriOf(port != 0)
	}
	meant := frontName{
		nginx: at.object.String(), server: at.local, registry: p.around.registry.String(), app: appOf(p.target.Deployment), host: at.server.Host, port: port,
	}
	var here []string
	for _, name := range slices.Sorted(maps.Keys(left)) {
		if left[name].nginx == meant.nginx && left[name].server == meant.server {
			here = append(here, name)
		}
	}
	var fronts []reconcile.Front
	if one.Wanted {
		wanted := one
		switch {
		case port != 0 && meant.host != "":
			wanted.Name = meant.String()
		case at.server.State == reconcile.ServerUp:
			wanted.Reason = noHost(meant.host)
		default:
			wanted.Name = lastOfApp(here, left, meant)
		}
		fronts = append(fronts, wanted)
	}
	for _, name := range here {
		f := left[name]
		delete(left, name)
		if one.Wanted && fronts[0].Name == name {
			continue
		}
		old := one
		old.Name, old.Wanted = name, false
		if one.Listens != reconcile.Unknown && (f.host != meant.host || f.port != port) {
			old.Server, old.State = "", reconcile.ServerDown // nobody listens there any more
		}
		fronts = append(fronts, old)
	}
	if len(fronts) == 0 && one.Listens == reconcile.Yes {
		fronts = append(fronts, one)
	}
	return fronts
}

func noHost(host string) string {
	if host != "" {
		return ""
	}
	return "nobody said where its consumers reach it: start segue with --advertise-address, or write advertiseAddress beside the server"
}

// lastOfApp is what a server that cannot be asked is registered as; "" when it is not.
func lastOfApp(here []string, left map[string]frontName, meant frontName) string {
	for _, name := range here {
		if left[name].registry == meant.registry && left[name].app == meant.app {
			return name
		}
	}
	return ""
}

// strayFront is what is left of a server that the Deployment's routes do not go through. One of which nobody can say
// that it is not there any more is unknown.
func (o *observer) strayFront(name string, f frontName) reconcile.Front {
	stray := reconcile.Front{Name: name, Nginx: f.nginx, State: reconcile.ServerDown}
	gateway := o.around.gateways.get(spec.ParseName(f.nginx))
	if gateway == nil {
		return stray
	}
	servers := gateway.view.last().Servers
	i := slices.IndexFunc(servers, func(server reconcile.NginxServer) bool { return server.Name == f.server })
	if gateway.err != nil || len(servers) == 0 || i >= 0 && servers[i].Listeners == nil && servers[i].State != reconcile.ServerDown {
		stray.Server, stray.State = f.nginx+"/"+f.server, reconcile.ServerUnknown
	}
	return stray
}

// stale: the routes that a server serves for the Deployment are not those of now. What was handed over and done is as
// good as what was asked for, however it is written down.
func (p *pass) stale(object spec.Name, server reconcile.NginxServer, wish reconcile.Wish) bool {
	served, rendered := server.Routes[p.name.String()]
	if !rendered || p.desired.Deleted {
		return false
	}
	wanted := p.wantedText(object)
	if wish.State == reconcile.WishDone && p.memory.routed[object] == wanted {
		return false
	}
	if _, shown := served[spec.EurekaRoute]; shown && !slices.Contains(p.around.routes[object], spec.EurekaRoute) {
		served = maps.Clone(served)
		delete(served, spec.EurekaRoute) // it stays as long as somebody may dial it
	}
	return routesText(served) != wanted
}

// wantedRoutes are the target's routes through an Nginx object, with defaults.
func (p *pass) wantedRoutes(object spec.Name) map[string]spec.Route {
	all := p.meant.Spec.AllRoutes()
	wanted := map[string]spec.Route{}
	for _, name := range p.around.routes[object] {
		wanted[name] = all[name]
	}
	return wanted
}

// wantedText are these routes as text, made once in a look.
func (p *pass) wantedText(object spec.Name) string {
	text, made := p.routesOf[object]
	if !made {
		text = routesText(p.wantedRoutes(object))
		if p.routesOf == nil {
			p.routesOf = map[spec.Name]string{}
		}
		p.routesOf[object] = text
	}
	return text
}

func routesText(routes map[string]spec.Route) string {
	text, err := json.Marshal(routes)
	if err != nil {
		return "" // strings and numbers only: cannot happen
	}
	return string(text)
}

// front is one of the observed; nil when there is none of that name.
func (p *pass) front(name string) *reconcile.Front {
	for i := range p.observed.Fronts {
		if p.observed.Fronts[i].Name == name {
			return &p.observed.Fronts[i]
		}
	}
	return nil
}
