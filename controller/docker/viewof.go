package docker

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"

	"github.com/segue-dev/segue/reconcile"
)

// ContainersOf are those of one Deployment, as read at or after began: of its containers alone where the whole was not
// read since.
func (r *Runtime) ContainersOf(ctx context.Context, deployment string, began time.Time) ([]reconcile.Container, time.Time, error) {
	return r.view.containersOf(ctx, deployment, began)
}

func (v *view) containersOf(ctx context.Context, deployment string, began time.Time) ([]reconcile.Container, time.Time, error) {
	arrived := time.Now()
	if list, at, ok := v.answerOf(deployment, began, arrived); ok {
		return list, at, nil
	}
	if err := v.lock(ctx); err != nil {
		return nil, time.Time{}, fmt.Errorf("wait for the engine's snapshot: %w", err)
	}
	defer v.unlock()
	if list, at, ok := v.answerOf(deployment, began, arrived); ok {
		return list, at, nil
	}
	return v.readOf(ctx, deployment)
}

// answerOf is answer for one Deployment.
func (v *view) answerOf(deployment string, began, arrived time.Time) ([]reconcile.Container, time.Time, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	at := v.began
	if own := v.readsOf[deployment]; own.After(at) {
		at = own
	}
	if v.began.IsZero() || at.Before(began) || v.connected.IsZero() && at.Before(arrived) {
		return nil, time.Time{}, false
	}
	if v.sorted == nil {
		v.sorted = v.sort(v.entries)
	}
	return only(v.sorted, deployment), at, true
}

// only are those of one Deployment.
func only(all []reconcile.Container, deployment string) []reconcile.Container {
	var list []reconcile.Container
	for _, c := range all {
		if c.Deployment.String() == deployment {
			list = append(list, c)
		}
	}
	return list
}

// readOf reads one Deployment's containers afresh; everything, where there is nothing yet that they could be added to.
// The caller holds the lock.
func (v *view) readOf(ctx context.Context, deployment string) ([]reconcile.Container, time.Time, error) {
	v.mu.Lock()
	whole := v.began.IsZero() || v.connected.IsZero()
	v.mu.Unlock()
	if whole {
		all, at, _, err := v.read(ctx)
		return only(all, deployment), at, err
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	began := time.Now()
	listed, err := v.cli.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(
		filters.Arg("label", labelOwner+"="+v.owner), filters.Arg("label", labelDeployment+"="+deployment))})
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("list containers of %s: %w", deployment, err)
	}
	part := v.sift(listed)
	names := slices.DeleteFunc(part.names, func(name string) bool { return part.adopted[name] != "" && part.adopted[name] != deployment })
	found, err := v.inspectAll(ctx, names)
	if err != nil {
		return nil, time.Time{}, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	own := part.keep
	for name, seen := range found {
		if e, ok := v.entryOf(seen, part.adopted[name]); ok {
			own[e.container.ID] = e
		}
	}
	if v.turn != part.turn {
		return only(v.sort(own), deployment), began, nil
	}
	maps.DeleteFunc(v.entries, func(_ string, known entry) bool { return known.container.Deployment.String() == deployment })
	maps.Copy(v.entries, own)
	v.readsOf[deployment], v.sorted = began, v.sort(v.entries)
	return only(v.sorted, deployment), began, nil
}
