package spec

import (
	"slices"
	"strings"
)

// cycles reports each circle of dependsOn once, at the first of its changed members.
func (s *objectSet) cycles() {
	reported := map[string]bool{}
	for _, m := range s.all {
		if m.Deployment == nil || !s.changed[m.key()] {
			continue
		}
		circle := s.circle(m.Name())
		if len(circle) < 2 { // on itself: reported with the object
			continue
		}
		members := slices.Clone(circle)
		slices.Sort(members)
		if id := strings.Join(members, " "); !reported[id] {
			reported[id] = true
			s.problem(m, "spec.dependsOn", "a circle: %s; none of them could ever start", strings.Join(append(circle, circle[0]), " → "))
		}
	}
}

// circle is the way from the first name back to it; nil when there is none.
func (s *objectSet) circle(start Name) []string {
	visited := map[Name]bool{}
	var walk func(name Name, way []string) []string
	walk = func(name Name, way []string) []string {
		m, exists := s.byKey[KindDeployment+"/"+name.String()]
		if !exists {
			return nil
		}
		way = append(slices.Clone(way), name.String())
		for _, on := range m.Deployment.Spec.DependsOn {
			next := ReferTo(on, name.Namespace)
			if next == start {
				return way
			}
			if visited[next] {
				continue
			}
			visited[next] = true
			if found := walk(next, way); found != nil {
				return found
			}
		}
		return nil
	}
	return walk(start, nil)
}
