package controller

import (
	"slices"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

func rejectedStatus(r *record) *api.Rejected {
	if r.Rejected == nil {
		return nil
	}
	j := r.Rejected
	return &api.Rejected{
		Revision: j.Revision.Number, Hash: j.Revision.Hash, Image: j.Revision.Deployment.Spec.Template.Image,
		Reason: j.Reason, LastProbe: j.LastProbe, ExitCode: j.ExitCode, Log: j.Log, LogFile: r.FailedLog, At: j.At,
	}
}

// historyOf are the revisions that were asked for, by number.
func historyOf(r *record) []api.History {
	var list []api.History
	adopted := r.Adopted
	add := func(v reconcile.Revision, result string) {
		image := v.Deployment.Spec.Template.Image
		if v.Hash == reconcile.AdoptedRevision {
			// Its containers have images of their own.
			image, adopted = "", nil
		}
		masked := spec.Redact(spec.Manifest{Deployment: &v.Deployment})
		list = append(list, api.History{
			Revision: v.Number, Hash: v.Hash, Image: image, Cause: v.Cause, By: v.By, At: v.At,
			Result: result, Manifest: masked.Deployment,
		})
	}
	for _, accepted := range r.Accepted {
		add(accepted, resultAccepted)
	}
	for _, other := range r.Others {
		add(other.Revision, other.Result)
	}
	if adopted != nil {
		add(*adopted, resultAdopted)
	}
	slices.SortStableFunc(list, func(a, b api.History) int { return a.Revision - b.Revision })
	return list
}
