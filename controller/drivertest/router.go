package drivertest

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// Router is the nginx servers of one Nginx object.
type Router struct {
	// Version is that of all its servers; "" when nobody knows it.
	Version string

	world   *World
	changed func(string)
	servers []*nginxServer
	wishes  map[string]*routeWish
	// rehearsed are the wishes that were expected last; surprises counts those that were not and were to be.
	rehearsed map[string]reconcile.RouteWish
	surprises int
}

type nginxServer struct {
	name  string
	state reconcile.ServerState
	// loaded are the backends by Deployment; workers are old generations that live on.
	loaded  map[string][]reconcile.Backend
	workers []oldWorker
	// texts are the routes behind loaded, host where listeners are dialled.
	texts map[string]map[string]spec.Route
	host  string
}

type oldWorker struct {
	loaded map[string][]reconcile.Backend
	until  time.Time
}

type routeWish struct {
	asked reconcile.RouteWish
	state reconcile.Wish
}

// NewRouter adds an Nginx object's servers to the world.
func (w *World) NewRouter(servers ...string) *Router {
	r := &Router{world: w, changed: func(string) {}, wishes: map[string]*routeWish{}, rehearsed: map[string]reconcile.RouteWish{}}
	for i, name := range servers {
		r.servers = append(r.servers, &nginxServer{
			name: name, state: reconcile.ServerUp, loaded: map[string][]reconcile.Backend{}, texts: map[string]map[string]spec.Route{},
			host: fmt.Sprintf("10.83.128.%d", i+2),
		})
	}
	w.Lock()
	defer w.Unlock()
	w.routers = append(w.routers, r)
	return r
}

// SetState says whether a server answers.
func (r *Router) SetState(server string, state reconcile.ServerState) {
	r.world.Lock()
	for _, s := range r.servers {
		if s.name == server {
			s.state = state
		}
	}
	changed := r.changed
	r.world.Unlock()
	changed("")
}

// SetHost gives a server another address, as an engine does to a container that starts again.
func (r *Router) SetHost(server, host string) {
	r.world.Lock()
	for _, s := range r.servers {
		if s.name == server {
			s.host = host
		}
	}
	changed := r.changed
	r.world.Unlock()
	changed("")
}

// Serving are the instances that the first server sends a Deployment's traffic to.
func (r *Router) Serving(deployment string) []string {
	r.world.Lock()
	defer r.world.Unlock()
	return instancesOf(r.servers[0].loaded[deployment])
}

// Run tells of changes until ctx ends.
func (r *Router) Run(ctx context.Context, changed func(deployment string)) error {
	r.world.Lock()
	r.changed = changed
	r.world.Unlock()
	<-ctx.Done()
	return ctx.Err()
}

// Rehearse notes a wish that is expected.
func (r *Router) Rehearse(wish reconcile.RouteWish) {
	r.world.Lock()
	defer r.world.Unlock()
	r.rehearsed[wish.Deployment.String()] = wish
}

// Surprises counts the new wishes that were not the one last rehearsed.
func (r *Router) Surprises() int {
	r.world.Lock()
	defer r.world.Unlock()
	return r.surprises
}

// Route changes all servers after the world's Reload.
func (r *Router) Route(wish reconcile.RouteWish) {
	r.world.Lock()
	defer r.world.Unlock()
	name := wish.Deployment.String()
	if last := r.wishes[name]; last != nil && reflect.DeepEqual(last.asked, wish) && last.state.State != reconcile.WishFailed {
		return
	}
	if !reflect.DeepEqual(r.rehearsed[name], wish) {
		r.surprises++
	}
	mine := &routeWish{asked: wish, state: reconcile.Wish{State: reconcile.WishPending, At: time.Now()}}
	r.wishes[name] = mine
	r.world.after(r.world.Reload, func() { r.load(mine) })
}

// load takes a wish that nothing has overtaken into the servers.
func (r *Router) load(mine *routeWish) {
	name := mine.asked.Deployment.String()
	r.world.Lock()
	if r.wishes[name] == mine {
		mine.state = reconcile.Wish{State: reconcile.WishDone, At: time.Now()}
		if r.world.RouteFails != "" {
			mine.state = reconcile.Wish{State: reconcile.WishFailed, Reason: r.world.RouteFails, At: time.Now()}
		} else {
			r.loadAll(name, mine.asked)
		}
	}
	changed, workers := r.changed, r.world.Worker
	r.world.Unlock()
	changed(name)
	r.world.after(workers, func() {
		r.world.Lock()
		changed := r.changed
		r.world.Unlock()
		changed(name)
	})
}

func (r *Router) loadAll(name string, wish reconcile.RouteWish) {
	var backends []reconcile.Backend
	for _, route := range wish.Routes {
		backends = append(backends, route.Backends...)
	}
	r.judge(backends)
	for _, server := range r.servers {
		if server.state == reconcile.ServerUnknown {
			continue
		}
		server.workers = slices.DeleteFunc(server.workers, func(old oldWorker) bool { return !time.Now().Before(old.until) })
		server.workers = append(server.workers, oldWorker{loaded: maps.Clone(server.loaded), until: time.Now().Add(r.world.Worker)})
		r.judgeListener(server, name, wish)
		server.texts[name] = map[string]spec.Route{}
		for _, route := range wish.Routes {
			server.texts[name][route.Name] = route.Route
		}
		if len(wish.Routes) == 0 {
			delete(server.loaded, name)
			delete(server.texts, name)
		} else {
			server.loaded[name] = backends
		}
	}
}

// judge looks for what a change must never do.
func (r *Router) judge(backends []reconcile.Backend) {
	for _, b := range backends {
		c := r.world.containers[b.Instance]
		if c != nil && c.Address != b.Address.Addr() {
			r.world.violate("%s is routed at %s and runs at %s", b.Instance, b.Address, c.Address)
		}
		if !r.servers[0].routes(b.Instance) && c != nil && !r.world.answers(c) && c.State == reconcile.ContainerRunning {
			r.world.violate("%s was added before it was ready", b.Instance)
		}
	}
}

// listenerPort is that of every listener.
const listenerPort = 21002

// judgeListener looks for a listener that is closed, or left without anybody, while consumers of a registry may dial it.
func (r *Router) judgeListener(server *nginxServer, name string, wish reconcile.RouteWish) {
	if _, open := server.texts[name][spec.EurekaRoute]; !open {
		return
	}
	stays := slices.ContainsFunc(wish.Routes, func(route reconcile.WishedRoute) bool {
		return route.Name == spec.EurekaRoute && len(route.Backends) > 0
	})
	for _, registry := range r.world.registries {
		for id, lease := range registry.leases {
			known := lease.Status == reconcile.LeaseUp || lease.Visible == reconcile.Yes
			if lease.HostName == server.host && lease.Port == listenerPort && strings.Contains(id, ":"+name+":") && known && !stays {
				r.world.violate("%s closes the listener of %s or leaves nobody behind it, and consumers find it", server.name, name)
			}
		}
	}
}

// View reads the servers now.
func (r *Router) View(_ context.Context, _ time.Time) (reconcile.NginxView, error) {
	r.world.Lock()
	defer r.world.Unlock()
	view := reconcile.NginxView{Began: time.Now(), Wishes: map[string]reconcile.Wish{}}
	for name, wish := range r.wishes {
		view.Wishes[name] = wish.state
	}
	for _, server := range r.servers {
		one := server.view()
		one.Version = r.Version
		view.Servers = append(view.Servers, one)
	}
	return view, nil
}

func (s *nginxServer) view() reconcile.NginxServer {
	v := reconcile.NginxServer{Name: s.name, State: s.state, Switch: "reload"}
	if s.state != reconcile.ServerUp {
		v.Reason = "it does not answer"
		return v
	}
	v.Included, v.Generation = reconcile.Yes, "g"
	v.Host, v.Routes, v.Listeners = s.host, maps.Clone(s.texts), map[string]map[string]int{}
	for name, routes := range s.texts {
		for route, text := range routes {
			if text.Internal {
				v.Listeners[name] = map[string]int{route: listenerPort}
			}
		}
	}
	v.Serves, v.Reachable, v.Connections = map[string][]string{}, map[string][]string{}, map[string]int{}
	for name, backends := range s.loaded {
		v.Serves[name] = instancesOf(backends)
		v.Reachable[name] = instancesOf(backends)
	}
	now := time.Now()
	for _, worker := range s.workers {
		if now.Before(worker.until) {
			for name, backends := range worker.loaded {
				v.Reachable[name] = append(v.Reachable[name], instancesOf(backends)...)
			}
		}
	}
	for _, list := range v.Reachable {
		for _, instance := range list {
			v.Connections[instance] = 0
		}
	}
	return v
}

func (s *nginxServer) routes(instance string) bool {
	for _, backends := range s.loaded {
		if slices.Contains(instancesOf(backends), instance) {
			return true
		}
	}
	return false
}

func instancesOf(backends []reconcile.Backend) []string {
	names := []string{}
	for _, b := range backends {
		if !slices.Contains(names, b.Instance) {
			names = append(names, b.Instance)
		}
	}
	return names
}

// Wish is the last one of a Deployment.
func (r *Router) Wish(deployment string) reconcile.RouteWish {
	r.world.Lock()
	defer r.world.Unlock()
	return r.wishes[deployment].asked
}
