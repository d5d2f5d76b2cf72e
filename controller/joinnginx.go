package controller

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// joinNginx adds the servers that the Deployment's routes go through, and those that still send to it, and what each
// means for each instance.
func (o *observer) joinNginx(ctx context.Context, p *pass) {
	wanted := p.around.nginx()
	qualified := len(wanted) > 1
	var wishes []reconcile.Wish
	for _, name := range wanted {
		view := o.gatewayView(ctx, p, name)
		for i, server := range o.serversOf(p, name, view, qualified) {
			server.Stale = p.stale(name, server, view.Wishes[p.name.String()])
			p.servers = append(p.servers, serverAt{object: name, local: view.Servers[i].Name, server: server})
		}
		if wish, asked := view.Wishes[p.name.String()]; asked {
			wishes = append(wishes, wish)
		}
	}
	p.servers = append(p.servers, o.formerServers(p, wanted)...)
	for _, at := range p.servers {
		p.observed.Nginx = append(p.observed.Nginx, at.server)
	}
	for _, name := range sortedKeys(p.around.missingNginx) {
		p.observed.Nginx = append(p.observed.Nginx, reconcile.NginxServer{Name: name, Reason: p.around.missingNginx[name]})
	}
	p.observed.RouteWish = together(wishes)
	if wish := p.observed.RouteWish; (wish.State != reconcile.WishPending || wish.Written) && p.memory.wished != nil {
		p.memory.mayRoute = slices.Clone(p.memory.wished)
	}
	p.observed.Wished, p.observed.MayRoute, p.observed.Listening = p.memory.wished, p.memory.mayRoute, p.memory.listening
	for i := range p.observed.Instances {
		one := &p.observed.Instances[i]
		for _, server := range p.observed.Nginx {
			one.Nginx = append(one.Nginx, nginxFact(server, p.name.String(), one.Name))
		}
	}
}

// notLooked is the reason of servers whose object is only just there.
const notLooked = "segue has yet to look at it"

// gatewayView reads one Nginx object's view. What cannot be read is known by name only.
func (o *observer) gatewayView(ctx context.Context, p *pass, name spec.Name) reconcile.NginxView {
	gateway := o.around.gateways.get(name)
	if gateway == nil {
		return unknownServers(reconcile.NginxView{}, name, notLooked)
	}
	if gateway.err != nil {
		return unknownServers(reconcile.NginxView{}, name, gateway.err.Error())
	}
	view, began, err := gateway.view.get(ctx, p.memory.floor, p.maxAge())
	if err != nil {
		return unknownServers(view, name, err.Error())
	}
	p.sinceBegan(began)
	return view
}

// unknownServers is a view of which nothing but the servers' names is known.
func unknownServers(last reconcile.NginxView, name spec.Name, reason string) reconcile.NginxView {
	view := reconcile.NginxView{Servers: []reconcile.NginxServer{}}
	for _, server := range last.Servers {
		view.Servers = append(view.Servers, reconcile.NginxServer{Name: server.Name, Reason: reason})
	}
	if len(view.Servers) == 0 {
		view.Servers = []reconcile.NginxServer{{Name: name.String(), Reason: reason}}
	}
	return view
}

// serversOf are a view's servers as p sees them. Not to be rendered is to send to nobody for what is deleted.
func (o *observer) serversOf(p *pass, object spec.Name, view reconcile.NginxView, qualified bool) []reconcile.NginxServer {
	servers := slices.Clone(view.Servers)
	deployment := p.name.String()
	for i := range servers {
		if qualified {
			servers[i].Name = object.String() + "/" + servers[i].Name
		}
		_, rendered := servers[i].Serves[deployment]
		if p.desired.Deleted && servers[i].Serves != nil && !rendered {
			servers[i].Serves = maps.Clone(servers[i].Serves)
			servers[i].Serves[deployment] = []string{}
		}
	}
	return servers
}

// formerServers are those of Nginx objects that the Deployment's routes no longer go through and that may still send
// to it.
func (o *observer) formerServers(p *pass, wanted []spec.Name) []serverAt {
	var servers []serverAt
	deployment := p.name.String()
	for name, gateway := range o.around.gateways.all() {
		if gateway.err != nil || slices.Contains(wanted, name) {
			continue
		}
		for _, server := range gateway.view.last().Servers {
			if len(server.Serves[deployment]) > 0 || len(server.Reachable[deployment]) > 0 || server.Listeners[deployment][spec.EurekaRoute] != 0 {
				at := serverAt{object: name, local: server.Name, server: server}
				at.server.Name = name.String() + "/" + server.Name
				servers = append(servers, at)
			}
		}
	}
	slices.SortFunc(servers, func(a, b serverAt) int { return compareStrings(a.server.Name, b.server.Name) })
	return servers
}

// nginxFact is what a server means for an instance. An instance that the server has no count for was never sent to by
// it, unless nobody knows whom it reaches.
func nginxFact(server reconcile.NginxServer, deployment, instance string) reconcile.NginxFact {
	fact := reconcile.NginxFact{Server: server.Name, State: server.State, Connections: -1}
	if server.Serves != nil {
		fact.Routed = reconcile.TriOf(slices.Contains(server.Serves[deployment], instance))
	}
	if server.Reachable == nil {
		return fact
	}
	fact.Reachable = reconcile.TriOf(fact.Routed == reconcile.Yes || slices.Contains(server.Reachable[deployment], instance))
	fact.Connections = server.Connections[instance]
	return fact
}

// together is the state of several wishes as one: the worst of them.
func together(wishes []reconcile.Wish) reconcile.Wish {
	rank := map[reconcile.WishState]int{reconcile.WishDone: 1, reconcile.WishNone: 2, reconcile.WishPending: 3, reconcile.WishFailed: 4}
	var worst reconcile.Wish
	written := true
	for i, wish := range wishes {
		if i == 0 || rank[wish.State] > rank[worst.State] {
			worst = wish
		}
		written = written && (wish.State != reconcile.WishPending || wish.Written)
	}
	worst.Written = worst.Written && written
	return worst
}

func compareStrings(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

// routerView reads a router's view with the time at which its read began.
func routerView(ctx context.Context, router Router, began time.Time) (reconcile.NginxView, time.Time, error) {
	view, err := router.View(ctx, began)
	if err != nil {
		return reconcile.NginxView{}, time.Time{}, fmt.Errorf("look at nginx: %w", err)
	}
	return view, view.Began, nil
}
