package docker

import (
	"context"
	"fmt"
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
	if err := v.readOf(ctx, deployment); err != nil {
		return nil, time.Time{}, err
	}
	list, at, _ := v.answerOf(deployment, time.Time{}, time.Time{})
	return list, at, nil
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
		v.sorted = v.sort()
	}
	var list []reconcile.Container
	for _, c := range v.sorted {
		if c.Deployment.String() == deployment {
			list = append(list, c)
		}
	}
	return list, at, true
}

// readOf reads one Deployment's containers afresh; everything, where there is nothing yet that they could be added to.
// The caller holds the lock.
func (v *view) readOf(ctx context.Context, deployment string) error {
	v.mu.Lock()
	whole := v.began.IsZero() || v.connected.IsZero()
	v.mu.Unlock()
	if whole {
		_, err := v.read(ctx)
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	began := time.Now()
	listed, err := v.cli.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(
		filters.Arg("label", labelOwner+"="+v.owner), filters.Arg("label", labelDeployment+"="+deployment))})
	if err != nil {
		return fmt.Errorf("list containers of %s: %w", deployment, err)
	}
	keep, names, adopted := v.sift(listed)
	names = slices.DeleteFunc(names, func(name string) bool { return adopted[name] != "" && adopted[name] != deployment })
	found, err := v.inspectAll(ctx, names)
	if err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.began.IsZero() {
		return fmt.Errorf("list containers of %s: the event stream was lost meanwhile", deployment)
	}
	for id, known := range v.entries {
		if known.container.Deployment.String() == deployment && !keep[id] {
			delete(v.entries, id)
		}
	}
	for name, seen := range found {
		if e, ok := v.entryOf(seen, adopted[name]); ok {
			v.entries[e.container.ID] = e
		}
	}
	v.readsOf[deployment], v.sorted = began, nil
	return nil
}
