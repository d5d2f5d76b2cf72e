package controller

import (
	"context"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// Registry registers instances: one for each Eureka object. controller/eureka is the real one.
//
// Every write goes to each server that disagrees; a server that is down is skipped and written to when it returns.
// All of them are idempotent and return when each server that is up was asked once.
type Registry interface {
	// Run polls and heartbeats until ctx ends. changed is called with an instance id, or "" for all, when something
	// that View shows has changed; it must not block.
	Run(ctx context.Context, changed func(id string)) error
	// View is what is known, as read at or after began. It also holds the leases of ids named in Watch.
	View(ctx context.Context, began time.Time) (reconcile.EurekaView, error)
	// Watch says which ids without this owner's prefix (adopted ones) View shows.
	Watch(ids []string)
	// Seed puts a dark lease on every server and keeps it alive until the app's own POST.
	Seed(ctx context.Context, order reconcile.LeaseOrder) error
	// Open makes the instance UP: it opens the dark lease of a self-registered one and registers a managed one, whose
	// heartbeats it takes over.
	Open(ctx context.Context, order reconcile.LeaseOrder) error
	// Close takes the instance out of service: by override for a self-registered one, by a newer DOWN for a managed one.
	Close(ctx context.Context, order reconcile.LeaseOrder) error
	// Remove ends the heartbeats and deletes the lease. It is for dead instances and managed ones only.
	Remove(ctx context.Context, order reconcile.LeaseOrder) error
}
