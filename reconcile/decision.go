package reconcile

import "time"

// Phase is where a Deployment is.
type Phase int8

// The phases.
const (
	// Progressing: something is left to do or to wait for.
	Progressing Phase = iota
	// Converged: nothing is left to do.
	Converged
	// Paused: a rollout waits for a person to resume it.
	Paused
	// WaitingForPromotion: green is ready and dark.
	WaitingForPromotion
	// RolledBack: the last accepted revision serves because the wanted one was rejected or aborted.
	RolledBack
	// Failed: the wanted revision was rejected and there is none to go back to.
	Failed
	// Deleting: instances are drained and removed.
	Deleting
	// Gone: nothing is left of a deleted Deployment.
	Gone
	// Blocked: the engine cannot be read, so nothing is decided.
	Blocked
)

var phaseNames = [...]string{"Progressing", "Converged", "Paused", "WaitingForPromotion", "RolledBack", "Failed", "Deleting", "Gone", "Blocked"}

func (p Phase) String() string { return phaseNames[p] }

// Decision is what to do now.
type Decision struct {
	// Steps are independent of each other and may be taken side by side.
	Steps []Step
	Phase Phase
	// Reason is the one sentence that get shows.
	Reason string
	// Waits are the gates that are shut, longest first.
	Waits []Wait
	// Again is when to look again if nothing happens before; zero when only an event can change anything.
	Again time.Time
	// Clock is the deadline's clock as it now stands; the loop keeps it.
	Clock Clock
	// SwitchedAt is when the target took over, as it now stands; the loop keeps it.
	SwitchedAt time.Time
	// Drains are Record.Drains as they now stand; the loop keeps them before it takes the steps.
	Drains map[string]time.Time
	// EmptySince is Record.EmptySince as it now stands; the loop keeps it before it takes the steps.
	EmptySince time.Time
	// Revived is Record.Revived as it now stands; the loop keeps it before it takes the steps.
	Revived bool
	// Replicas is how many instances of the target are whole: what is written, or all there are of revision 0.
	Replicas int
	// Target is the hash of the revision that the steps lead to.
	Target string
}

// Wait is one gate that is shut.
type Wait struct {
	// Gate is start, ready, warm, minReady, register, visible, registry, route, front, drain, propagation, connections,
	// delay, promotion, pause, include, dependency, pull, slot, backoff or culprit.
	Gate string
	// On is the instance or server that is waited for.
	On    string
	Since time.Time
	// Until is when it opens at the latest; zero when that is not known.
	Until  time.Time
	Reason string
}
