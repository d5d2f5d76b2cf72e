package controller

import (
	"maps"
	"slices"

	"github.com/segue-dev/segue/spec"
)

// relations are what follows from the objects' text alone. They are worked out once for each change of an object, so
// that a look at one Deployment does not read all of them.
type relations struct {
	// keys are all objects, sorted; names those of a kind that are not being deleted.
	keys  []key
	names map[string][]spec.Name
	// users are the Deployments that live with an object or depend on it.
	users map[key][]spec.Name
}

func relate(byKey map[key]*object) *relations {
	r := &relations{keys: slices.SortedFunc(maps.Keys(byKey), compareKeys), names: map[string][]spec.Name{}, users: map[key][]spec.Name{}}
	for _, k := range r.keys {
		if !byKey[k].Deleting {
			r.names[k.kind] = append(r.names[k.kind], k.name)
		}
	}
	for _, k := range r.keys {
		if d := byKey[k].Manifest.Deployment; d != nil {
			r.relateDeployment(k.name, d.Spec)
		}
	}
	return r
}

func (r *relations) relateDeployment(name spec.Name, s spec.DeploymentSpec) {
	uses := map[key]bool{}
	for _, route := range s.Routes {
		if nginx, err := route.NginxOf(name.Namespace, r.names[spec.KindNginx]); err == nil {
			uses[key{kind: spec.KindNginx, name: nginx}] = true
		}
	}
	if s.Eureka != nil {
		if registry, err := s.Eureka.RegistryOf(name.Namespace, r.names[spec.KindEureka]); err == nil {
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
