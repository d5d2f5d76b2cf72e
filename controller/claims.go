package controller

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/segue-dev/segue/spec"
)

// conflicts are the routes of a Deployment that an older one holds, with that one's name, by route.
type conflicts map[string]spec.Name

// routeConflicts finds, for every Deployment, the routes that it may not have because an older one has the same host
// and path or the same upstream on the same Nginx object.
func (o *objects) routeConflicts() map[spec.Name]conflicts {
	var deployments []*object
	for _, k := range o.keys() {
		if one := o.get(k); k.kind == spec.KindDeployment && one != nil && !one.Orphan {
			deployments = append(deployments, one)
		}
	}
	slices.SortStableFunc(deployments, func(a, b *object) int { return cmp.Or(a.CreatedAt.Compare(b.CreatedAt)) })
	holders := map[string]spec.Name{}
	found := map[spec.Name]conflicts{}
	related := o.relations()
	for _, one := range deployments {
		name := one.Manifest.Name()
		for _, routeName := range sortedKeys(one.Manifest.Deployment.Spec.Routes) {
			route := one.Manifest.Deployment.Spec.Routes[routeName]
			if holder, held := claim(holders, name, route, related); held {
				if found[name] == nil {
					found[name] = conflicts{}
				}
				found[name][routeName] = holder
			}
		}
	}
	return found
}

// claim takes what the route asks for, or answers who holds it.
func claim(holders map[string]spec.Name, name spec.Name, route spec.Route, related *relations) (spec.Name, bool) {
	on, err := related.nginxOf(route, name.Namespace)
	if err != nil {
		return spec.Name{}, false
	}
	places := placesOf(on, route)
	for _, place := range places {
		if holder, held := holders[place]; held && holder != name {
			return holder, true
		}
	}
	for _, place := range places {
		holders[place] = name
	}
	return spec.Name{}, false
}

// placesOf are what only one Deployment can have. A variable is set in a file of the Deployment's own name.
func placesOf(on spec.Name, route spec.Route) []string {
	switch route.Kind() {
	case spec.RouteUpstream:
		return []string{fmt.Sprintf("%s upstream %s", on, route.Upstream)}
	case spec.RouteVariable, spec.RouteInternal:
		return nil
	}
	var places []string
	for _, host := range orDefault(route.Hostnames, "*") {
		for _, path := range orDefault(route.Paths, "/") {
			places = append(places, fmt.Sprintf("%s http://%s%s", on, host, path))
		}
	}
	return places
}

func orDefault(list []string, one string) []string {
	if len(list) == 0 {
		return []string{one}
	}
	return list
}

// without is d without the routes that others hold.
func (c conflicts) without(d spec.Deployment) spec.Deployment {
	if len(c) == 0 {
		return d
	}
	d.Spec.Routes = maps.Clone(d.Spec.Routes)
	for route := range c {
		delete(d.Spec.Routes, route)
	}
	return d
}

func sortedKeys[V any](m map[string]V) []string {
	if len(m) == 0 {
		return nil
	}
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
