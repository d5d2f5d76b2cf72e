package controller

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// switching is how the servers of one Nginx object are changed for a Deployment.
type switching struct {
	object spec.Name
	spec   spec.NginxSpec
	routes []namedRoute
	// blueGreen: the Deployment switches all at once, so flag mode is possible.
	blueGreen bool
	// servers are those that were looked at; count is how many there are.
	servers []reconcile.NginxServer
	count   int
	// cut are other Deployments that any reload of an older nginx costs a little.
	cut []string
}

type namedRoute struct {
	name  string
	route spec.Route
}

// switchings are the Nginx objects of the target's routes.
func (o *objects) switchings(p *pass) []switching {
	var all []switching
	s, routes := p.target.Deployment.Spec, p.target.Deployment.Spec.AllRoutes()
	for _, name := range p.around.nginx() {
		one := switching{object: name, blueGreen: s.Strategy.Type == spec.BlueGreen}
		if kept := o.get(key{kind: spec.KindNginx, name: name}); kept != nil {
			one.spec = kept.Manifest.Nginx.Defaulted().Spec
		}
		for _, route := range p.around.routes[name] {
			one.routes = append(one.routes, namedRoute{route, routes[route]})
		}
		for _, server := range p.observed.Nginx {
			object, local, qualified := strings.Cut(server.Name, "/")
			switch {
			case qualified && object != name.String() || server.Version == "":
			case qualified:
				server.Name = local
				fallthrough
			default:
				one.servers = append(one.servers, server)
			}
		}
		one.count = max(len(one.spec.Servers), 1)
		one.cut = o.cut(name, p.name)
		all = append(all, one)
	}
	return all
}

// way is how one server takes a change.
type way struct {
	words string
	// takes is how long until all of it serves the change, worker how long its old workers live on.
	takes, worker time.Duration
	// reloads: not by a flag. lossless: not even a client that keeps its connection notices.
	reloads, lossless bool
}

// wayOf is how a server of that version is changed: the table of docs/nginx.md. "" is a version that nobody has seen.
func (s switching) wayOf(version string) way {
	minTimeout, lame := secondsOf(s.spec.KeepaliveMinTimeoutSeconds, 2), secondsOf(s.spec.LameSeconds, 3)
	keepalive := "keepalive_min_timeout " + inSeconds(minTimeout)
	owned, variable := s.are(spec.RouteOwned, spec.RouteInternal), s.are(spec.RouteVariable)
	old := version != "" && !atLeast(version, 1, 27, 4)
	switch {
	case version == "" && len(s.spec.Servers) > 0:
		return way{words: "reload", takes: 2 * time.Second, worker: minTimeout, reloads: true, lossless: true}
	case s.blueGreen && variable && s.spec.Switch != spec.SwitchReload && (old || s.spec.Switch == spec.SwitchFlag):
		return way{words: "flag, no reload", takes: time.Second, worker: 0, lossless: true}
	case !old:
		return way{words: "reload (" + strings.TrimPrefix(version+", ", ", ") + keepalive + ")", takes: 2 * time.Second, worker: minTimeout, reloads: true, lossless: true}
	case owned:
		return way{words: "reload+lame " + inSeconds(lame) + " (" + version + ")", takes: lame + time.Second, worker: time.Second, reloads: true, lossless: true}
	default:
		return way{words: "reload (" + version + ")", takes: 2 * time.Second, worker: time.Second, reloads: true, lossless: false}
	}
}

// are: all routes are of these kinds.
func (s switching) are(kinds ...spec.RouteKind) bool {
	return !slices.ContainsFunc(s.routes, func(r namedRoute) bool { return !slices.Contains(kinds, r.route.Kind()) })
}

func inSeconds(d time.Duration) string { return fmt.Sprintf("%ds", int(d.Seconds())) }

// versions are those of the servers, each once; one that is not known where no server was seen.
func (s switching) versions() []string {
	var list []string
	for _, server := range s.servers {
		if !slices.Contains(list, server.Version) {
			list = append(list, server.Version)
		}
	}
	if len(list) == 0 {
		return []string{""}
	}
	return list
}

func (s switching) words() string {
	var ways []string
	for _, version := range s.versions() {
		ways = append(ways, s.wayOf(version).words)
	}
	return fmt.Sprintf("nginx/%s, %s: %s", s.object, count(s.count, "server"), strings.Join(ways, ", "))
}

// switchTimes is how long a change takes on all servers, and how long their old workers live on.
func switchTimes(all []switching) (takes, worker time.Duration) {
	for _, s := range all {
		for _, version := range s.versions() {
			w := s.wayOf(version)
			takes, worker = max(takes, w.takes), max(worker, w.worker)
		}
	}
	return takes, worker
}

// losses says where a change of nginx may lose a request, and how many. reloads is how often each server reloads.
func (s switching) losses(reloads int) []string {
	var notes []string
	for _, version := range s.versions() {
		w := s.wayOf(version)
		if w.reloads && !w.lossless && reloads > 0 {
			notes = append(notes, fmt.Sprintf("Not lossless: nginx/%s (%s) reloads %s for route %s, whose location is yours. A reload at 3,000 requests a second loses about 2 of clients that look\n"+
				"before they reuse a connection, and one per open connection of those that do not. Lossless: nginx 1.27.4, hostnames, or BlueGreen with a variable.",
				s.object, version, times(reloads), s.inUsersLocation()))
		}
		if others := s.lossesOfOthers(version); others != "" && w.reloads && reloads > 0 {
			notes = append(notes, others)
		}
		if w.reloads && reloads > 0 && len(s.spec.TLS) > 0 && s.ownsOne() {
			notes = append(notes, fmt.Sprintf("HTTP/2 at nginx/%s: a reload may refuse a POST that is just being sent, unprocessed (5 to 18 of 79,000 in 15 reloads); clients that can send it again do.", s.object))
		}
	}
	return slices.Compact(notes)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func (s switching) inUsersLocation() string {
	var names []string
	for _, r := range s.routes {
		if kind := r.route.Kind(); kind == spec.RouteUpstream || kind == spec.RouteVariable {
			names = append(names, r.name)
		}
	}
	return strings.Join(names, ", ")
}

func (s switching) ownsOne() bool {
	return slices.ContainsFunc(s.routes, func(r namedRoute) bool { return r.route.Kind() == spec.RouteOwned })
}

// atLeast compares a version as nginx -v prints it, numbers between dots.
func atLeast(version string, want ...int) bool {
	parts := strings.Split(version, ".")
	for i, least := range want {
		if i >= len(parts) {
			return false
		}
		n, err := strconv.Atoi(parts[i])
		if err != nil || n < least {
			return false
		}
		if n > least {
			return true
		}
	}
	return true
}
