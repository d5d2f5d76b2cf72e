package controller

import (
	"context"

	"github.com/segue-dev/segue/reconcile"
)

// Prober asks instances how they feel. controller/probe is the real one.
type Prober interface {
	// Run owns the probes until ctx ends. changed is called with an instance's name when its Health has changed; it
	// must not block.
	Run(ctx context.Context, changed func(instance string)) error
	// Watch says which instances of a Deployment are probed from now on; those of it that are not in targets are
	// forgotten.
	Watch(deployment string, targets []reconcile.ProbeTarget)
	// Health is what is known of an instance; the zero Health when it is not watched.
	Health(instance string) reconcile.Health
	// Warm starts the instance's warm-up requests, or finds them under way or done.
	Warm(instance string)
}
