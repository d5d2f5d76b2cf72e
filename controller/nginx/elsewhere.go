package nginx

import (
	"slices"
	"sync"

	"github.com/segue-dev/segue/reconcile"
)

// elsewhere is the wish for a server that reaches instances where they are published. Those that are not, as they were
// started before this server was named, are left out; their next revision is published.
func (p *site) elsewhere(wish reconcile.RouteWish) reconcile.RouteWish {
	var without []string
	routes := make([]reconcile.WishedRoute, len(wish.Routes))
	for i, r := range wish.Routes {
		var left []string
		r.Backends, left = published(r.Backends)
		without = append(without, left...)
		standby, _ := published(r.Standby)
		r.Standby = oncePerPlace(standby)
		routes[i] = r
	}
	p.unpublished.put(wish.Deployment.String(), without)
	wish.Routes = routes
	return wish
}

// published are the backends where others reach them, and the names of the instances that nobody else reaches.
func published(backends []reconcile.Backend) (reached []reconcile.Backend, left []string) {
	for _, b := range backends {
		if !b.Published.IsValid() {
			if b.Instance != "" {
				left = append(left, b.Instance)
			}
			continue
		}
		b.Address = b.Published
		reached = append(reached, b)
	}
	return reached, left
}

// oncePerPlace leaves one backend of each address, one with an instance if there is one: what is in a slot now, and what
// is to come there, are the same place to nginx. Written twice it would be another pool, and take a reload.
func oncePerPlace(backends []reconcile.Backend) []reconcile.Backend {
	var once []reconcile.Backend
	for _, b := range backends {
		i := slices.IndexFunc(once, func(other reconcile.Backend) bool { return other.Address == b.Address })
		switch {
		case i < 0:
			once = append(once, b)
		case once[i].Instance == "":
			once[i] = b
		}
	}
	return once
}

// leftOut are instances that a server was not given, by Deployment.
type leftOut struct {
	mu sync.Mutex
	by map[string][]string
}

func (l *leftOut) put(deployment string, instances []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.by == nil {
		l.by = map[string][]string{}
	}
	l.by[deployment] = instances
}

func (l *leftOut) notes() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var notes []string
	for _, name := range sortedKeys(l.by) {
		for _, instance := range l.by[name] {
			notes = append(notes, instance+" is not published on its machine, and this server reaches instances only there: say  segue restart "+name)
		}
	}
	return notes
}
