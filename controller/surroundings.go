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
	// missingNginx and missingRegistry say what the manifest names and does not exist.
	missingNginx, missingRegistry []string
}

// surround resolves what the target and the older revisions name.
func (o *objects) surround(target reconcile.Revision, r *record) surroundings {
	s := surroundings{routes: map[spec.Name][]string{}}
	namespace := target.Deployment.Metadata.ObjectName().Namespace
	nginx := o.names(spec.KindNginx)
	for _, name := range sortedKeys(target.Deployment.Spec.Routes) {
		on, err := target.Deployment.Spec.Routes[name].NginxOf(namespace, nginx)
		if err != nil {
			s.missingNginx = append(s.missingNginx, "route "+name+": "+err.Error())
			continue
		}
		s.routes[on] = append(s.routes[on], name)
	}
	registries := o.names(spec.KindEureka)
	s.registry = s.register(target, registries, true)
	s.register(r.Wanted, registries, false)
	for _, accepted := range r.Accepted {
		s.register(accepted, registries, false)
	}
	return s
}

// register adds the registry of one revision.
func (s *surroundings) register(revision reconcile.Revision, existing []spec.Name, isTarget bool) spec.Name {
	registration := revision.Deployment.Spec.Eureka
	if registration == nil {
		return spec.Name{}
	}
	name, err := registration.RegistryOf(revision.Deployment.Metadata.ObjectName().Namespace, existing)
	if err != nil {
		if isTarget {
			s.missingRegistry = append(s.missingRegistry, "eureka: "+err.Error())
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
