package spec

import (
	"cmp"
	"slices"
)

// ValidateSet checks objects against each other: every object named exists, no two routes want the same host and path
// or define the same upstream, no nginx server belongs to two objects, no port of the host is asked for twice, dependsOn
// has no cycle, no object is there twice. existing are those that stay beside the changed ones; one of the same kind
// and name as a changed one is replaced by it. Only problems that a changed one has part in are reported. The error is
// Problems.
func ValidateSet(changed, existing []Manifest) error {
	set := newObjectSet(changed, existing)
	for _, m := range set.all {
		switch {
		case m.Deployment != nil:
			set.references(m)
			set.claims(m)
			set.reachable(m)
		case m.Nginx != nil:
			set.claimServers(m)
		}
	}
	set.cycles()
	return Join(set.problems.orNil(), doubles(changed))
}

// Users are the Deployments among all that need the object: by route, by registration or by dependsOn, also where they
// do not name it because it is the only one. Sorted.
func Users(kind string, name Name, all []Manifest) []Name {
	set := newObjectSet(nil, all)
	var users []Name
	for _, m := range all {
		if m.Deployment != nil && set.uses(*m.Deployment, kind, name) {
			users = append(users, m.Name())
		}
	}
	slices.SortFunc(users, func(a, b Name) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return users
}

func (s *objectSet) uses(d Deployment, kind string, name Name) bool {
	namespace := d.Metadata.ObjectName().Namespace
	switch kind {
	case KindNginx:
		for _, route := range d.Spec.AllRoutes() {
			if through, err := route.NginxOf(namespace, s.names[KindNginx]); err == nil && through == name {
				return true
			}
		}
	case KindEureka:
		if d.Spec.Eureka != nil {
			with, err := d.Spec.Eureka.RegistryOf(namespace, s.names[KindEureka])
			return err == nil && with == name
		}
	case KindDeployment:
		return slices.ContainsFunc(d.Spec.DependsOn, func(on string) bool { return ReferTo(on, namespace) == name })
	}
	return false
}

// doubles reports objects that are there twice.
func doubles(manifests []Manifest) error { return doublesOf(map[string]Manifest{}, manifests) }

// doublesOf reports those that are in first already, or twice among manifests, and adds the others to first.
func doublesOf(first map[string]Manifest, manifests []Manifest) error {
	var problems Problems
	for _, m := range manifests {
		if before, doubled := first[m.key()]; doubled {
			problems = append(problems, m.problemAt("metadata.name", m.title()+" is written twice; first at "+before.where()))
			continue
		}
		first[m.key()] = m
	}
	return problems.orNil()
}
