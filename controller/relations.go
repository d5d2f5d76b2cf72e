package controller

import (
	"maps"
	"slices"

	"github.com/segue-dev/segue/spec"
)

// relations are what follows from the objects' text alone. They are worked out once for each change of an object, so
// that a look at one Deployment does not read all of them.
type relations struct {
	// keys are all objects, sorted; names those of a kind, kept those that are not being deleted.
	keys        []key
	names, kept map[string][]spec.Name
	// users are the Deployments that live with an object or depend on it.
	users map[key][]spec.Name
}

func relate(byKey map[key]*object) *relations {
	r := &relations{keys: slices.SortedFunc(maps.Keys(byKey), compareKeys), names: map[string][]spec.Name{}, kept: map[string][]spec.Name{}, users: map[key][]spec.Name{}}
	for _, k := range r.keys {
		r.names[k.kind] = append(r.names[k.kind], k.name)
		if !byKey[k].Deleting {
			r.kept[k.kind] = append(r.kept[k.kind], k.name)
		}
	}
	for _, k := range r.keys {
		if d := byKey[k].Manifest.Deployment; d != nil {
			r.relateDeployment(k.name, d.Spec)
		}
	}
	return r
}

// nginxOf is the Nginx object that a route goes through. One that is being deleted stays until its last user is gone.
func (r *relations) nginxOf(route spec.Route, namespace string) (spec.Name, error) {
	if name, err := route.NginxOf(namespace, r.kept[spec.KindNginx]); err == nil {
		return name, nil
	}
	return route.NginxOf(namespace, r.names[spec.KindNginx])
}

// registryOf is the Eureka object of a registration, chosen likewise.
func (r *relations) registryOf(registration spec.Registration, namespace string) (spec.Name, error) {
	if name, err := registration.RegistryOf(namespace, r.kept[spec.KindEureka]); err == nil {
		return name, nil
	}
	return registration.RegistryOf(namespace, r.names[spec.KindEureka])
}

func (r *relations) relateDeployment(name spec.Name, s spec.DeploymentSpec) {
	uses := map[key]bool{}
	for _, route := range s.AllRoutes() {
		if nginx, err := r.nginxOf(route, name.Namespace); err == nil {
			uses[key{kind: spec.KindNginx, name: nginx}] = true
		}
	}
	if s.Eureka != nil {
		if registry, err := r.registryOf(*s.Eureka, name.Namespace); err == nil {
			uses[key{kind: spec.KindEureka, name: registry}] = true
		}
	}
	for _, on := range s.DependsOn {
		uses[deploymentKey(spec.ReferTo(on, name.Namespace))] = true
	}
	for k := range uses {
		r.users[k] = append(r.users[k], name)
	}
}
