package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// objectSet is every object that there will be, and what is wrong between them.
type objectSet struct {
	all     []Manifest
	changed map[string]bool
	byKey   map[string]Manifest
	// names are those of each kind, in the order of all.
	names    map[string][]Name
	claimed  map[string]claim
	problems Problems
}

// claim is what only one may have: a host and path, an upstream's name, a port of the host.
type claim struct {
	by   Manifest
	path string
}

func newObjectSet(changed, existing []Manifest) *objectSet {
	s := &objectSet{
		changed: map[string]bool{}, byKey: map[string]Manifest{}, names: map[string][]Name{}, claimed: map[string]claim{},
	}
	for _, m := range changed {
		s.changed[m.key()] = true
	}
	// The existing ones come first: what is claimed twice is a problem of the changed one.
	for _, m := range existing {
		if !s.changed[m.key()] {
			s.add(m)
		}
	}
	for _, m := range changed {
		s.add(m)
	}
	return s
}

func (s *objectSet) add(m Manifest) {
	if _, doubled := s.byKey[m.key()]; doubled {
		return
	}
	s.byKey[m.key()] = m
	s.all = append(s.all, m)
	s.names[m.Kind()] = append(s.names[m.Kind()], m.Name())
}

func (s *objectSet) problem(m Manifest, path, format string, args ...any) {
	s.problems = append(s.problems, m.problemAt(path, fmt.Sprintf(format, args...)))
}

// references reports what a changed Deployment names and nobody has.
func (s *objectSet) references(m Manifest) {
	if !s.changed[m.key()] {
		return
	}
	d, namespace := m.Deployment, m.Name().Namespace
	for _, name := range slices.Sorted(maps.Keys(d.Spec.Routes)) {
		route := d.Spec.Routes[name]
		if _, err := route.NginxOf(namespace, s.names[KindNginx]); err != nil {
			s.problem(m, below("spec.routes", name)+".nginx", "%s%s", err, s.hint(KindNginx, route.Nginx, namespace))
		}
	}
	if d.Spec.Proxied() {
		s.proxied(m, d.Spec.AllRoutes()[EurekaRoute])
	}
	if r := d.Spec.Eureka; r != nil {
		if _, err := r.RegistryOf(namespace, s.names[KindEureka]); err != nil {
			s.problem(m, "spec.eureka.registry", "%s%s", err, s.hint(KindEureka, r.Registry, namespace))
		}
	}
	for i, on := range d.Spec.DependsOn {
		if _, exists := s.byKey[KindDeployment+"/"+ReferTo(on, namespace).String()]; !exists && on != "" {
			s.problem(m, item("spec.dependsOn", i), "no Deployment %q%s", on, s.hint(KindDeployment, on, namespace))
		}
	}
}

// proxied reports an Nginx object that is not there, or whose servers nobody could call.
func (s *objectSet) proxied(m Manifest, route Route) {
	through, err := route.NginxOf(m.Name().Namespace, s.names[KindNginx])
	if err != nil {
		s.problem(m, "spec.eureka.nginx", "mode Proxied registers nginx: %s%s", err, s.hint(KindNginx, route.Nginx, m.Name().Namespace))
		return
	}
	for _, server := range s.byKey[KindNginx+"/"+through.String()].Nginx.Spec.Servers {
		if server.SSH != nil && server.AdvertiseAddress == "" && !server.SSH.byAddress() {
			s.problem(m, "spec.eureka.mode", "nginx %s has server %s, and nobody said where Eureka's clients reach that; write advertiseAddress beside it", through, server.Name())
		}
	}
}

// hint is `; did you mean "edge" (shop/edge.yaml:3)?`, with what one of that kind is called from namespace; "" where
// nothing was written.
func (s *objectSet) hint(kind, written, namespace string) string {
	if written == "" {
		return ""
	}
	where := map[string]string{}
	for _, name := range s.names[kind] {
		called := name.Name
		if name.Namespace != namespace {
			called = name.Namespace + "." + name.Name
		}
		where[called] = s.byKey[kind+"/"+name.String()].where()
	}
	called := slices.Sorted(maps.Keys(where))
	near := nearest(written, called)
	for _, name := range called {
		if near == "" && strings.HasSuffix(name, "."+written) {
			near = name // it stands in another namespace
		}
	}
	switch {
	case near != "":
		return fmt.Sprintf("; did you mean %q (%s)?", near, where[near])
	case len(called) > 0:
		return "; there is " + strings.Join(called, ", ")
	default:
		return ""
	}
}

// claims reports what m wants and another has.
func (s *objectSet) claims(m Manifest) {
	namespace := m.Name().Namespace
	routes := m.Deployment.Spec.Routes
	for _, name := range slices.Sorted(maps.Keys(routes)) {
		route, path := routes[name], below("spec.routes", name)
		through, err := route.NginxOf(namespace, s.names[KindNginx])
		if err != nil {
			continue // reported as a reference
		}
		switch route.Kind() {
		case RouteUpstream:
			s.claim(m, path+".upstream", fmt.Sprintf("upstream %s on nginx %s", route.Upstream, through))
		case RouteOwned:
			s.claimHosts(m, path, route, through)
		case RouteInternal:
			s.claimName(m, path, through)
		case RouteVariable: // two server blocks may each set the same variable
		}
	}
	for place, path := range m.Deployment.Spec.hostPlaces() {
		s.claim(m, path, place)
	}
	s.claimNames(m)
}

func (s *objectSet) claimHosts(m Manifest, path string, route Route, through Name) {
	hostnames, prefixes := route.Hostnames, route.Paths
	if len(hostnames) == 0 {
		hostnames = []string{""}
	}
	if len(prefixes) == 0 {
		prefixes = []string{"/"}
	}
	for h, hostname := range hostnames {
		for p, prefix := range prefixes {
			at := path
			what := "every host"
			if hostname != "" {
				what, at = hostname, item(path+".hostnames", h)
			}
			if len(route.Paths) > 0 {
				at = item(path+".paths", p)
			}
			s.claim(m, at, fmt.Sprintf("%s with path %s on nginx %s", what, canonicalPrefix(prefix), through))
		}
	}
}

// claimName reports an alias that would answer beside nginx, and servers that nobody could call.
func (s *objectSet) claimName(m Manifest, path string, through Name) {
	if !s.changed[m.key()] {
		return
	}
	name := m.Name().String()
	if at := slices.Index(m.Deployment.Spec.Template.Aliases, name); at >= 0 {
		s.problem(m, item("spec.template.aliases", at), "%s is what the internal route is called by; leave the alias out", name)
	}
	for _, server := range s.byKey[KindNginx+"/"+through.String()].Nginx.Spec.Servers {
		if server.SSH != nil && server.AdvertiseAddress == "" && !server.SSH.byAddress() {
			s.problem(m, path+".internal", "nginx %s has server %s, and nobody said where callers reach that; write advertiseAddress beside it", through, server.Name())
		}
	}
}

// claimServers: two writers of one nginx would each undo what the other does; and segue's own needs its ports.
func (s *objectSet) claimServers(m Manifest) {
	n := m.Nginx.Defaulted().Spec
	for i, server := range n.Servers {
		what := "the nginx of this host"
		switch {
		case server.Container != "":
			what = "the nginx in container " + server.Container
		case server.SSH != nil:
			what = "the nginx of " + server.Name()
		}
		s.claim(m, item("spec.servers", i), what)
	}
	if len(n.Servers) > 0 {
		return
	}
	for path, port := range map[string]int{"spec.httpPort": *n.HTTPPort, "spec.httpsPort": *n.HTTPSPort} {
		s.claim(m, path, "port "+hostPlace("0.0.0.0", port)+" of the host")
	}
}

// claim reports what somebody else has, once for each pair in which a changed object has part.
func (s *objectSet) claim(m Manifest, path, what string) {
	before, taken := s.claimed[what]
	if !taken {
		s.claimed[what] = claim{m, path}
		return
	}
	if s.changed[m.key()] && before.by.key() != m.key() {
		s.problem(m, path, "%s is %s's already (%s, %s)", what, before.by.title(), before.path, before.by.whereIs(before.path))
	}
}

// hostPlaces are the addresses and ports of the host that the Deployment asks for, with the fields that do. A port on
// every address is told from one on a single address; Docker refuses that pair when it happens.
func (s DeploymentSpec) hostPlaces() map[string]string {
	places := map[string]string{}
	for i, port := range s.Template.Ports {
		if port.HostPort != 0 {
			places["port "+hostPlace(port.HostIP, port.HostPort)+" of the host"] = item("spec.template.ports", i) + ".hostPort"
		}
	}
	if s.Strategy.BlueGreen != nil {
		for name, slot := range s.Strategy.BlueGreen.Slots {
			if slot.HostPort != 0 {
				places["port "+hostPlace(slot.HostIP, slot.HostPort)+" of the host"] = below("spec.strategy.blueGreen.slots", name) + ".hostPort"
			}
		}
	}
	return places
}
