package reconcile

import "fmt"

// target is the revision that the steps lead to.
type target struct {
	revision Revision
	// back: it is not the wanted one, because that was rejected or aborted.
	back bool
	// hold: the wanted one was rejected and there is nothing to go back to (or nobody wants to): unready instances of
	// it go, ready ones stay, nothing starts.
	hold bool
	// rollout: it has yet to be accepted, so it may be rejected.
	rollout bool
	reason  string
}

// chooseTarget answers which revision to lead to. Undo is just another wanted revision.
func chooseTarget(d Desired) target {
	newest, any := lastAccepted(d.Record.Accepted, "")
	rollout := !any || newest.Hash != d.Wanted.Hash
	rejected := d.Record.Rejected != nil && d.Record.Rejected.Revision.Hash == d.Wanted.Hash
	// What has been accepted is no rollout any more that could be given up.
	aborted := rollout && d.Record.Aborted != "" && d.Record.Aborted == d.Wanted.Hash
	if !rejected && !aborted {
		return target{revision: d.Wanted, rollout: rollout}
	}
	reason := fmt.Sprintf("revision %d was aborted", d.Wanted.Number)
	if rejected {
		reason = fmt.Sprintf("revision %d was rejected: %s", d.Wanted.Number, d.Record.Rejected.Reason)
	}
	last, ok := lastAccepted(d.Record.Accepted, d.Wanted.Hash)
	wants := aborted || boolOr(d.Wanted.Deployment.Spec.AutoRollback, !recreatesWritable(d.Wanted.Deployment.Spec))
	if !ok || !wants {
		return target{revision: d.Wanted, hold: true, reason: reason}
	}
	return target{revision: last, back: true, reason: reason}
}

// lastAccepted is the youngest accepted revision that is not the one named by without.
func lastAccepted(accepted []Revision, without string) (Revision, bool) {
	for i := len(accepted) - 1; i >= 0; i-- {
		if accepted[i].Hash != without {
			return accepted[i], true
		}
	}
	return Revision{}, false
}
