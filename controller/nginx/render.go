package nginx

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// renderer renders wishes for one server, as its version and its Nginx object want them.
type renderer struct {
	version version
	spec    spec.NginxSpec
	// placeholder is the port of the internal server that answers 503.
	placeholder int
	// listenOn is the address on which listeners are open; "" for all. port is that of a Deployment's internal route.
	listenOn string
	port     func(deployment, route string) (int, error)
}

func (r renderer) lame() bool { return !r.version.hasMinTimeout() }

// flagMode: only a BlueGreen Deployment whose routes are all variables has two pools to choose from.
func (r renderer) flagMode(wish reconcile.RouteWish) bool {
	if wish.Strategy != spec.BlueGreen || len(wish.Routes) == 0 {
		return false
	}
	for _, w := range wish.Routes {
		if w.Route.Kind() != spec.RouteVariable {
			return false
		}
	}
	return r.spec.Switch == spec.SwitchFlag || r.spec.Switch != spec.SwitchReload && r.lame()
}

// gone renders what is left of a deleted Deployment: a 503 for what the user's configuration may still name. It is
// false when that is nothing.
func (r renderer) gone(was section) (section, bool, error) {
	wish := reconcile.RouteWish{Deployment: was.Deployment}
	for _, route := range was.Routes {
		if ofUser(route.Route) {
			wish.Routes = append(wish.Routes, reconcile.WishedRoute{Name: route.Name, Route: route.Route})
		}
	}
	if len(wish.Routes) == 0 {
		return section{}, false, nil
	}
	s, err := r.section(wish, nil)
	s.Gone = true
	return s, true, err
}

// section renders a wish. pools, when not nil, gives the pools of each route for flag mode.
func (r renderer) section(wish reconcile.RouteWish, pools map[string][2][]reconcile.Backend) (section, error) {
	if err := fitsName(wish.Deployment); err != nil {
		return section{}, err
	}
	s := section{Deployment: wish.Deployment, Flag: pools != nil}
	var http, inc strings.Builder
	for _, w := range wish.Routes {
		if err := fits(labelGrammar, "route", w.Name); err != nil {
			return section{}, err
		}
		route := sectionRoute{Name: w.Name, Kind: w.Route.Kind().String(), Route: w.Route, Pools: [][]reconcile.Backend{w.Backends}}
		if s.Flag {
			p := pools[w.Name]
			route.Pools = p[:]
		}
		if err := r.route(&s, &route, &http, &inc); err != nil {
			return section{}, fmt.Errorf("route %s: %w", w.Name, err)
		}
		s.Routes = append(s.Routes, route)
	}
	s.HTTP, s.Inc = http.String(), inc.String()
	if s.Inc != "" && s.Flag {
		// A cached answer to -f would keep the old pool; an unbuffered body is what makes "no connection" mean "no request".
		s.Inc = "open_file_cache off;\nproxy_request_buffering off;\n" + s.Inc
	}
	return s, nil
}

func (r renderer) route(s *section, route *sectionRoute, http, inc *strings.Builder) error {
	route.Upstream = "segue." + s.Deployment.String() + "." + route.Name
	if route.Route.Kind() == spec.RouteUpstream {
		route.Upstream = route.Route.Upstream
		if err := fits(upstreamGrammar, "upstream", route.Upstream); err != nil {
			return err
		}
	}
	names := []string{route.Upstream}
	if s.Flag {
		names = []string{route.Upstream + ".blue", route.Upstream + ".green"}
	}
	tls := false
	for i, name := range names {
		poolTLS, err := r.upstream(http, name, route.Route.Balance, route.Pools[i], !s.Flag)
		if err != nil {
			return err
		}
		if i > 0 && len(route.Pools[0]) > 0 && len(route.Pools[1]) > 0 && poolTLS != tls {
			return fmt.Errorf("https and http in one route")
		}
		tls = tls || poolTLS
	}
	scheme := "http://"
	if tls {
		scheme = "https://"
	}
	switch route.Route.Kind() {
	case spec.RouteVariable:
		route.Variable = route.Route.Variable
		if err := fits(variableGrammar, "variable", route.Variable); err != nil {
			return err
		}
		fmt.Fprintf(inc, "set $%s %s%s;\n", route.Variable, scheme, names[0])
		if s.Flag {
			fmt.Fprintf(inc, "if (-f %s/flags/%s.green) { set $%s %s%s; }\n", r.spec.ConfDir, s.Deployment, route.Variable, scheme, names[1])
		}
	case spec.RouteInternal:
		return r.listener(http, s.Deployment.String(), route, scheme)
	case spec.RouteOwned:
		return r.locations(s, *route, scheme)
	}
	return nil
}

// upstream writes one upstream block. No backends: the internal server's placeholder, as an empty upstream fails
// nginx -t for the whole host. named adds the instances as comments.
func (r renderer) upstream(to *strings.Builder, name string, balance spec.Balance, backends []reconcile.Backend, named bool) (tls bool, err error) {
	fmt.Fprintf(to, "upstream %s {\n", name)
	switch balance {
	case spec.LeastConn, spec.IPHash:
		fmt.Fprintf(to, "    %s;\n", balance)
	case spec.RoundRobin, "":
	default:
		return false, fmt.Errorf("balance %q: unknown", balance)
	}
	for i, b := range backends {
		if i > 0 && b.TLS != tls {
			return false, fmt.Errorf("https and http in one route")
		}
		tls = b.TLS
		at, err := address(b.Address)
		if err != nil {
			return false, err
		}
		if !named {
			fmt.Fprintf(to, "    server %s max_fails=0;\n", at)
			continue
		}
		if err := fits(instanceGrammar, "instance", b.Instance); err != nil {
			return false, err
		}
		fmt.Fprintf(to, "    server %s max_fails=0; # %s\n", at, b.Instance)
	}
	if len(backends) == 0 {
		line := fmt.Sprintf("    server 127.0.0.1:%d max_fails=0; # nobody: 503\n", r.placeholder)
		to.WriteString(line + line)
	}
	to.WriteString("    keepalive 64;\n    keepalive_timeout 5s;\n}\n")
	return tls, nil
}

// locations renders an owned route for each of its hostnames and paths.
func (r renderer) locations(s *section, route sectionRoute, scheme string) error {
	hosts := route.Route.Hostnames
	if len(hosts) == 0 {
		hosts = []string{""}
	}
	paths := route.Route.Paths
	if len(paths) == 0 {
		paths = []string{"/"}
	}
	for _, host := range hosts {
		if host != "" {
			host = strings.ToLower(host)
			if err := fits(hostnameGrammar, "hostname", host); err != nil {
				return err
			}
		}
		for _, path := range paths {
			if err := fits(prefixGrammar, "path", path); err != nil {
				return err
			}
			if path != "/" {
				path = strings.TrimRight(path, "/")
			}
			text, err := r.location(route, scheme, path)
			if err != nil {
				return err
			}
			s.Locations = append(s.Locations, location{Host: host, Path: path, Text: text, Lame: r.lame()})
		}
	}
	return nil
}
