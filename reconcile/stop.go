package reconcile

import (
	"time"

	"github.com/segue-dev/segue/spec"
)

// Stop says how an instance is ended.
type Stop struct {
	// Grace is the time between the rename and SIGKILL; preStop runs inside it.
	Grace   time.Duration
	PreStop *spec.PreStop
	// Signal is the stop signal; the image's, else SIGTERM, when empty.
	Signal string
	// Keep: an adopted container is stopped and kept under its own name, with its restart policy set to no.
	Keep bool
}
