package docker

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"

	"github.com/segue-dev/segue/reconcile"
)

// read reads the engine afresh, one Deployment's containers alone where the others are known: what there is, as of when,
// and whether anything was different. The caller holds the lock.
func (v *view) read(ctx context.Context, deployment string) (list []reconcile.Container, began time.Time, differs bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	began = time.Now()
	scope, label, listing := v.scopeOf(deployment), labelDeployment, "list containers"
	if scope != everyone {
		label, listing = labelDeployment+"="+scope, "list containers of "+scope
	}
	listed, err := v.cli.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(
		filters.Arg("label", labelOwner+"="+v.owner), filters.Arg("label", label))})
	if err != nil {
		return nil, time.Time{}, false, fmt.Errorf("%s: %w", listing, err)
	}
	part := v.sift(listed, scope)
	found, err := v.inspectAll(ctx, part.names)
	if err != nil {
		return nil, time.Time{}, false, err
	}

	v.mu.Lock()
	defer v.mu.Unlock()
	next := part.keep
	for name, seen := range found {
		if e, ok := v.entryOf(seen, part.adopted[name]); ok {
			before, known := v.entries[e.container.ID]
			differs = differs || !known || before.listed != e.listed
			next[e.container.ID] = e
		}
	}
	if v.turn != part.turn {
		return only(v.sort(next), deployment), began, true, nil
	}
	before := len(v.entries)
	v.take(scope, next, began)
	return only(v.sorted, deployment), began, differs || len(v.entries) != before, nil
}

// scopeOf is whose containers are to be read for a Deployment: everyone's, where there is nothing yet that its own could be
// added to.
func (v *view) scopeOf(deployment string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.began.IsZero() || v.connected.IsZero() {
		return everyone
	}
	return deployment
}

// sifted is what a list of containers asks for.
type sifted struct {
	// keep are the entries whose last inspection still holds, by id; names is what to inspect, adopted ones included.
	keep  map[string]entry
	names []string
	// adopted and turn are the view's at that time.
	adopted map[string]string
	turn    int
}

func (v *view) sift(listed []container.Summary, scope string) sifted {
	v.mu.Lock()
	defer v.mu.Unlock()
	part := sifted{keep: make(map[string]entry, len(listed)), adopted: v.adopted, turn: v.turn}
	for _, summary := range listed {
		known, ok := v.entries[summary.ID]
		if ok && known.listed == listedAs(summary) && !v.touched[summary.ID].After(known.readAt) {
			part.keep[summary.ID] = known
		} else {
			part.names = append(part.names, summary.ID)
		}
	}
	for name, deployment := range part.adopted {
		if scope == everyone || deployment == scope {
			part.names = append(part.names, name)
		}
	}
	return part
}

// take has what was read of a scope in place of what was known of it. The caller holds mu.
func (v *view) take(scope string, next map[string]entry, began time.Time) {
	if scope == everyone {
		for id, at := range v.touched {
			if _, ok := next[id]; !ok && at.Before(began) {
				delete(v.touched, id)
			}
		}
		v.entries, v.began = next, began
		clear(v.readsOf)
	} else {
		maps.DeleteFunc(v.entries, func(_ string, known entry) bool { return known.container.Deployment.String() == scope })
		maps.Copy(v.entries, next)
		v.readsOf[scope] = began
	}
	v.sorted = v.sort(v.entries)
}
