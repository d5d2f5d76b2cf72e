package nginx

import (
	"maps"
	"slices"
)

// news are the Deployments for which something differs, or "" alone for all.
func news(before, after []sight) []string {
	if before == nil {
		return []string{""}
	}
	names := map[string]bool{}
	for i, b := range after {
		a := before[i]
		if a.state != b.state || a.included != b.included || a.reason != b.reason || a.version != b.version || a.confErr != b.confErr {
			return []string{""}
		}
		rewritten(names, a, b)
		differing(names, a.serves, b.serves)
		differing(names, a.reachable, b.reachable)
		if !maps.Equal(a.connections, b.connections) {
			for name := range owners(b, a) {
				names[name] = true
			}
		}
	}
	return sortedKeys(names)
}

// rewritten adds the Deployments for which something else is on disk now: which lines the user has yet to add follows
// from that.
func rewritten(names map[string]bool, a, b sight) {
	if a.current == b.current || a.disk == nil || b.disk == nil {
		return
	}
	for name, now := range b.disk.Sections {
		if was, found := a.disk.Sections[name]; !found || was.HTTP != now.HTTP || was.Inc != now.Inc {
			names[name] = true
		}
	}
	for name := range a.disk.Sections {
		if _, found := b.disk.Sections[name]; !found {
			names[name] = true
		}
	}
}

// owners are the Deployments whose instances have another number of connections.
func owners(a, b sight) map[string]bool {
	names := map[string]bool{}
	for instance, n := range a.connections {
		if m, found := b.connections[instance]; !found || m != n {
			names[a.of[instance]] = true
		}
	}
	for instance := range b.connections {
		if _, found := a.connections[instance]; !found {
			names[b.of[instance]] = true
		}
	}
	return names
}

func differing(names map[string]bool, a, b map[string][]string) {
	if (a == nil) != (b == nil) {
		names[""] = true
		return
	}
	for name, list := range b {
		if other, found := a[name]; !found || !slices.Equal(list, other) {
			names[name] = true
		}
	}
	for name := range a {
		if _, found := b[name]; !found {
			names[name] = true
		}
	}
}
