package controller

import (
	"context"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// rehearser is a Router that can prepare for the wish that will probably come next, without changing anything yet.
type rehearser interface {
	Rehearse(wish reconcile.RouteWish)
}

// Router sends traffic: one for each Nginx object. controller/nginx is the real one.
type Router interface {
	// Run owns the switcher until ctx ends. changed is called with a Deployment's name, or "" for all, when something
	// that View shows has changed; it must not block.
	Run(ctx context.Context, changed func(deployment string)) error
	// Route hands over a wish and returns. The last wish of a Deployment counts; the same wish again changes nothing,
	// except that a failed one is tried again.
	Route(wish reconcile.RouteWish)
	// View is what is known, as read at or after began.
	View(ctx context.Context, began time.Time) (reconcile.NginxView, error)
}
