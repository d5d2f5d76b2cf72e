package reconcile

import "time"

// Health is what the probes know of one instance.
type Health struct {
	// Ready is the readiness verdict with its hysteresis: Yes after successThreshold successes, No after
	// failureThreshold failures that were answers or refusals of the instance itself. Unknown until one of both.
	Ready Tri
	// Since is when Ready last changed; zero for an instance that is ready because it served when segue started
	// (then Warm is done as well).
	Since time.Time
	// Started: the startup probe has passed, or there is none.
	Started bool
	// Alive is the liveness verdict; Unknown when there is no probe or no verdict yet.
	Alive Tri
	// Warm says how far the warm-up requests have come; done when there are none.
	Warm Wish
	// Last is the last probe's question and answer in words, as "GET http://10.83.0.24:8080/health → 503", with
	// the first line of the body; LastAt is when it was answered; Failures counts the failures in a row.
	Last     string
	LastAt   time.Time
	Failures int
}
