package probe

import (
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// tally counts answers in a row against a probe's thresholds.
type tally struct {
	successes, failures int
	needed, allowed     int
}

func newTally(probe *spec.Probe) *tally {
	return &tally{needed: threshold(probe.SuccessThreshold, 1), allowed: threshold(probe.FailureThreshold, 3)}
}

// count takes one verdict and gives the one that follows from all in a row: Unknown while neither threshold is reached.
// An Unknown neither counts nor breaks a row.
func (t *tally) count(verdict reconcile.Tri) reconcile.Tri {
	switch verdict {
	case reconcile.Yes:
		t.successes, t.failures = t.successes+1, 0
	case reconcile.No:
		t.successes, t.failures = 0, t.failures+1
	}
	switch {
	case t.successes >= t.needed:
		return reconcile.Yes
	case t.failures >= t.allowed:
		return reconcile.No
	}
	return reconcile.Unknown
}

func threshold(written *int, otherwise int) int {
	if written == nil {
		return otherwise
	}
	return max(*written, 1)
}
