package controller

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// fleetAge is how old a read of the engine may be while nothing is known to have changed.
const fleetAge = 30 * time.Second

// fleet is the engine's containers by Deployment: read once for all, and of one Deployment alone where that has changed
// since, so that what a step or an event costs does not follow the number of Deployments.
type fleet struct {
	runtime Runtime
	view    *snapshot[map[spec.Name][]reconcile.Container]

	mu sync.Mutex
	// adopted maps containers that segue did not start to the Deployment that adopts them.
	adopted map[string]string
	// parts are the Deployments that were read alone, or are to be, since the whole was read.
	parts map[spec.Name]part
	// allAt is when last anything may have changed.
	allAt time.Time
}

// part is one Deployment's containers.
type part struct {
	list []reconcile.Container
	// began is when their read began, as the driver says, fetched when the driver was asked; zero before the first.
	began, fetched time.Time
	// changedAt is when the driver last said that something of it has changed.
	changedAt time.Time
}

func newFleet(runtime Runtime) *fleet {
	f := &fleet{runtime: runtime, adopted: map[string]string{}, parts: map[spec.Name]part{}}
	f.view = &snapshot[map[spec.Name][]reconcile.Container]{read: f.read}
	return f
}

func (f *fleet) read(ctx context.Context, began time.Time) (map[spec.Name][]reconcile.Container, time.Time, error) {
	asked := time.Now()
	list, began, err := f.runtime.Containers(ctx, began)
	if err != nil {
		return nil, time.Time{}, err
	}
	byDeployment := map[spec.Name][]reconcile.Container{}
	for _, c := range list {
		byDeployment[c.Deployment] = append(byDeployment[c.Deployment], c)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	maps.DeleteFunc(f.parts, func(_ spec.Name, one part) bool { return one.changedAt.Before(asked) && one.fetched.Before(asked) })
	return byDeployment, began, nil
}

// changed notes that something of a Deployment has changed, or, without a name, anything.
func (f *fleet) changed(name spec.Name) {
	f.view.stale.Store(true)
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	if name.Name == "" {
		f.allAt = now
		clear(f.parts)
		return
	}
	one := f.parts[name]
	one.changedAt = now
	f.parts[name] = one
}

// of are the containers of one Deployment, as read after floor.
func (f *fleet) of(ctx context.Context, name spec.Name, floor time.Time) ([]reconcile.Container, time.Time, error) {
	oldest := time.Now().Add(-fleetAge)
	f.mu.Lock()
	one, allAt := f.parts[name], f.allAt
	f.mu.Unlock()
	all, began, wholeAt := f.view.known()
	wholeHolds := wholeAt.After(allAt) && !wholeAt.Before(oldest)
	switch {
	case wholeHolds && began.After(floor) && wholeAt.After(one.changedAt):
		return all[name], began, nil
	case one.began.After(floor) && one.fetched.After(one.changedAt) && one.fetched.After(allAt) && !one.fetched.Before(oldest):
		return one.list, one.began, nil
	case wholeHolds:
		return f.readOne(ctx, name, floor, oldest)
	}
	all, began, err := f.view.get(ctx, floor, fleetAge)
	if err != nil {
		return nil, time.Time{}, err
	}
	return all[name], began, nil
}

// readOne reads one Deployment's containers and keeps them.
func (f *fleet) readOne(ctx context.Context, name spec.Name, floor, oldest time.Time) ([]reconcile.Container, time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	if floor.Before(oldest) {
		floor = oldest
	}
	asked := time.Now()
	list, began, err := f.runtime.ContainersOf(ctx, name.String(), floor)
	if err != nil {
		return nil, time.Time{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.parts[name] = part{list: list, began: began, fetched: asked, changedAt: f.parts[name].changedAt}
	return list, began, nil
}

// adopt says which containers a Deployment adopts.
func (f *fleet) adopt(name spec.Name, containers []string) {
	f.mu.Lock()
	before := maps.Clone(f.adopted)
	maps.DeleteFunc(f.adopted, func(_, deployment string) bool { return deployment == name.String() })
	for _, container := range containers {
		f.adopted[container] = name.String()
	}
	after := maps.Clone(f.adopted)
	same := maps.Equal(before, after)
	if !same {
		f.runtime.Adopt(after)
	}
	f.mu.Unlock()
	if !same {
		f.changed(spec.Name{})
	}
}
