package controller

import (
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// memory is what one process remembers of one Deployment from look to look. Its loss costs a repetition. Only the
// worker that holds the Deployment's key touches it.
type memory struct {
	// floor is the end of segue's own last step here: what is decided next is read after it.
	floor time.Time
	// settled: the last decision left nothing to do.
	settled bool
	// unkept is since when what is decided cannot be written down; zero while it can.
	unkept time.Time
	// pulls are the images that were asked for, by the revision's hash.
	pulls map[string]pull
	// startFailed is the last Start's failure, startFailedOf the revision that was started; zero after a success.
	startFailed   reconcile.Wish
	startFailedOf string
	// slots are those whose port a stranger was found to hold, with when and who.
	slots map[string]takenSlot
	// strangers are ports of the machine that segue chose and somebody else held, and when that was found.
	strangers map[int]time.Time
	// held are the steps that failed, and until when each is not taken again.
	held map[heldStep]hold
	// wished is the serving set of the last Route, mayRoute all of those since the wish was last seen to have ended.
	wished, mayRoute []string
	// rehearsed is the serving set that was last rehearsed.
	rehearsed []string
	// listening are the Nginx objects on which that Route wanted a listener for Eureka's consumers; routed are the routes
	// that it handed over, by Nginx object, as text.
	listening []string
	routed    map[spec.Name]string
	// tails are the last log lines of exited instances.
	tails map[string][]string
	// boot is how long the last instance took from its start until it was ready; 0 when none was seen to.
	boot time.Duration
	// leftover are leases without a container, and since when.
	leftover map[string]time.Time
	// probing are the probes of a revision, by its hash, for one generation.
	probing           map[string]probing
	probingGeneration int64
	// taken are the steps that the last look took, phase is what it found.
	taken map[string]bool
	phase reconcile.Phase
	// troubles are those that were noted and last, by reason and message.
	troubles map[[2]string]bool
	// calm is the last look at which all was well, drift what somebody changed by hand since.
	calm  *calm
	drift []deviation
	// keptCalm is the calm that the store has.
	keptCalm *calm
	// driftReported: it is left as it is.
	driftReported bool
	// idle says of each adopted address whether nothing could send to it when last seen.
	idle map[string]bool
}

// pull is an image that was asked for.
type pull struct {
	wish  reconcile.Wish
	image reconcile.PulledImage
}

type takenSlot struct {
	who string
	at  time.Time
}

func newMemory() *memory {
	return &memory{
		pulls: map[string]pull{}, slots: map[string]takenSlot{}, strangers: map[int]time.Time{}, taken: map[string]bool{}, held: map[heldStep]hold{},
		tails: map[string][]string{}, leftover: map[string]time.Time{}, routed: map[spec.Name]string{}, probing: map[string]probing{}, idle: map[string]bool{},
	}
}

// heldStep is what is held back together after a failure: all starts of a revision, or one step of one instance.
type heldStep struct {
	kind reconcile.StepKind
	on   string
}

// hold is how often a step failed in a row, until when it is left alone, and what it said last.
type hold struct {
	failures int
	until    time.Time
	// since is when the first of these failures was.
	since   time.Time
	message string
}

const (
	holdFirst   = time.Second
	holdLongest = 30 * time.Second
)

func heldStepOf(step reconcile.Step) heldStep {
	if step.Kind == reconcile.Start || step.Kind == reconcile.Seed || step.Instance == "" {
		return heldStep{kind: step.Kind, on: step.Revision}
	}
	return heldStep{kind: step.Kind, on: step.Instance}
}

// fail notes a failure and answers how long the step is left alone: 1, 2, 4, 8, 16, then 30 s.
func (m *memory) fail(step reconcile.Step, err error, now time.Time) {
	k := heldStepOf(step)
	h := m.held[k]
	pause := min(holdFirst<<min(h.failures, 5), holdLongest)
	if h.failures == 0 {
		h.since = now
	}
	m.held[k] = hold{failures: h.failures + 1, until: now.Add(pause), since: h.since, message: err.Error()}
}

func (m *memory) succeed(step reconcile.Step) { delete(m.held, heldStepOf(step)) }

// holdUntil is when the step may be taken again; zero when now.
func (m *memory) holdUntil(step reconcile.Step, now time.Time) time.Time {
	if h, ok := m.held[heldStepOf(step)]; ok && now.Before(h.until) {
		return h.until
	}
	return time.Time{}
}
