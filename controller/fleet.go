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

// fleet is the engine's containers by Deployment, read once for all.
type fleet struct {
	runtime Runtime
	view    *snapshot[map[spec.Name][]reconcile.Container]

	mu sync.Mutex
	// adopted maps containers that segue did not start to the Deployment that adopts them.
	adopted map[string]string
}

func newFleet(runtime Runtime) *fleet {
	f := &fleet{runtime: runtime, adopted: map[string]string{}}
	f.view = &snapshot[map[spec.Name][]reconcile.Container]{read: f.read}
	return f
}

func (f *fleet) read(ctx context.Context, began time.Time) (map[spec.Name][]reconcile.Container, time.Time, error) {
	list, began, err := f.runtime.Containers(ctx, began)
	if err != nil {
		return nil, time.Time{}, err
	}
	byDeployment := map[spec.Name][]reconcile.Container{}
	for _, c := range list {
		byDeployment[c.Deployment] = append(byDeployment[c.Deployment], c)
	}
	return byDeployment, began, nil
}

// of are the containers of one Deployment, as read at or after floor.
func (f *fleet) of(ctx context.Context, name spec.Name, floor time.Time) ([]reconcile.Container, time.Time, error) {
	all, began, err := f.view.get(ctx, floor, fleetAge)
	if err != nil {
		return nil, time.Time{}, err
	}
	return all[name], began, nil
}

// adopt says which containers a Deployment adopts.
func (f *fleet) adopt(name spec.Name, containers []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := maps.Clone(f.adopted)
	maps.DeleteFunc(f.adopted, func(_, deployment string) bool { return deployment == name.String() })
	for _, container := range containers {
		f.adopted[container] = name.String()
	}
	if maps.Equal(before, f.adopted) {
		return
	}
	f.runtime.Adopt(maps.Clone(f.adopted))
	f.view.stale.Store(true)
}
