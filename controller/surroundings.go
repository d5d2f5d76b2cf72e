package controller

import (
	"slices"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// surroundings are the Nginx and Eureka objects that a Deployment lives with.
type surroundings struct {
	// routes are the names of the target's routes, sorted, by the Nginx object that they go through.
	routes map[spec.Name][]string
	// registry is the target's; registries are all that its revisions registered with.
	registry   spec.Name
	registries []spec.Name
	// eurekaNginx is the Nginx object that the target is registered by; zero in other modes than Proxied.
	eurekaNginx spec.Name
	// missingNginx and missingRegistry say why what the manifest names is not there, by how it names it.
	missingNginx, missingRegistry map[string]string
}

// surround resolves what the target and the older revisions name.
func (o *objects) surround(target reconcile.Revision, r *record) surroundings {
	s := surroundings{routes: map[spec.Name][]string{}, missingNginx: map[string]string{}, missingRegistry: map[string]string{}}
	related := o.relations()
	namespace := target.Deployment.Metadata.ObjectName().Namespace
	routes := target.Deployment.Spec.AllRoutes()
	for _, name := range sortedKeys(routes) {
		route := routes[name]
		on, err := related.nginxOf(route, namespace)
		if err != nil {
			s.missingNginx[orElse(route.Nginx, "of route "+name)] = err.Error()
			continue
		}
		s.routes[on] = append(s.routes[on], name)
		if name == spec.EurekaRoute && target.Deployment.Spec.Proxied() {
			s.eurekaNginx = on
		}
	}
	s.registry = s.register(target, related, true)
	s.register(r.Wanted, related, false)
	if r.Adopted != nil {
		s.register(*r.Adopted, related, false)
	}
	for _, accepted := range r.Accepted {
		s.register(accepted, related, false)
	}
	return s
}

// register adds the registry of one revision.
func (s *surroundings) register(revision reconcile.Revision, related *relations, isTarget bool) spec.Name {
	registration := revision.Deployment.Spec.Eureka
	if registration == nil {
		return spec.Name{}
	}
	name, err := related.registryOf(*registration, revision.Deployment.Metadata.ObjectName().Namespace)
	if err != nil {
		if isTarget {
			s.missingRegistry[orElse(registration.Registry, "of its own")] = err.Error()
		}
		return spec.Name{}
	}
	if !slices.Contains(s.registries, name) {
		s.registries = append(s.registries, name)
	}
	return name
}

// nginx are the Nginx objects of the target's routes, sorted.
func (s surroundings) nginx() []spec.Name {
	var list []spec.Name
	for name := range s.routes {
		list = append(list, name)
	}
	slices.SortFunc(list, compareNames)
	return list
}

// propagation is fetchSeconds + loadBalancerSeconds of the registry that forgets last.
func (o *objects) propagation(registries []spec.Name) time.Duration {
	var longest time.Duration
	for _, name := range registries {
		one := o.get(key{kind: spec.KindEureka, name: name})
		if one == nil {
			continue
		}
		caches := one.Manifest.Eureka.Defaulted().Spec.Caches
		longest = max(longest, secondsOf(caches.FetchSeconds, 30)+secondsOf(caches.LoadBalancerSeconds, 35))
	}
	return longest
}

func secondsOf(v *int, otherwise int) time.Duration {
	if v != nil {
		otherwise = *v
	}
	return time.Duration(otherwise) * time.Second
}

// registryOf is the Eureka object of a registration; the zero Name when there is none.
func (o *objects) registryOf(registration spec.Registration, namespace string) spec.Name {
	name, err := o.relations().registryOf(registration, namespace)
	if err != nil {
		return spec.Name{}
	}
	return name
}
