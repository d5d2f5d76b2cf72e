package reconcile

import "fmt"

// StepKind is one idempotent effect on one system.
type StepKind int8

// The steps. Pull, Warm and Route are wishes: the driver starts the work, or finds it running, and returns; what
// became of it is observed.
const (
	// Pull resolves and fetches the revision's image.
	Pull StepKind = iota + 1
	// Seed puts a dark lease on every Eureka server before a self-registering instance starts.
	Seed
	// Start creates and starts the instance.
	Start
	// Warm sends the warm-up requests.
	Warm
	// Register makes the instance UP in Eureka: opens the dark lease, or registers it.
	Register
	// Route sends nginx traffic to exactly the serving set.
	Route
	// Deregister takes the instance out of Eureka's UP instances; the lease of an exited instance is deleted.
	Deregister
	// Retire renames, then signals.
	Retire
	// Remove takes away the container, its lease and its address.
	Remove
	// Accept remembers the revision as good.
	Accept
	// Reject remembers the revision as bad.
	Reject
)

var stepNames = [...]string{"", "pull", "seed", "start", "warm", "register", "route", "deregister", "retire", "remove", "accept", "reject"}

func (k StepKind) String() string {
	if k < 0 || int(k) >= len(stepNames) {
		return fmt.Sprintf("StepKind(%d)", int8(k))
	}
	return stepNames[k]
}

// Step is one effect that Next proposes.
type Step struct {
	Kind StepKind
	// Instance is set for all but Pull, Route, Accept and Reject. Register, Deregister and Remove may name a Front.
	Instance string
	// Revision is the hash of the instance's revision, or of the one pulled, accepted or rejected.
	Revision string
	// Slot is the slot in which a Start starts.
	Slot string
	// Serving and Preview are the instances that a Route sends to, sorted by name.
	Serving []string
	Preview []string
	// Listeners are the Nginx objects on which a Route leaves or opens a listener for Eureka's consumers, sorted.
	Listeners []string
	// Rejection is what a Reject remembers.
	Rejection *Rejection
	// Repeat: it was asked for before and is under way (a retired container that has yet to exit, a pending route).
	// Taking it again does no harm; having taken it is no reason to look again before Decision.Again.
	Repeat bool
	// Reason says why, in words that reach status, log and events unchanged.
	Reason string
}
