package controller

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// record is what is remembered of one Deployment. Like an object it is never changed, only replaced.
type record struct {
	reconcile.Record
	// Wanted is the revision that the manifest asks for.
	Wanted reconcile.Revision `json:"wanted"`
	// HighestRevision is the highest number that a revision was given.
	HighestRevision int `json:"highestRevision,omitempty"`
	// Restarts counts segue restart; it makes a revision of its own of RestartOf, the hash that it was asked for.
	Restarts  int    `json:"restarts,omitempty"`
	RestartOf string `json:"restartOf,omitempty"`
	// Undo is the accepted revision that a person went back to; it holds while the manifest's hash is UndoFrom.
	Undo     *reconcile.Revision `json:"undo,omitempty"`
	UndoFrom string              `json:"undoFrom,omitempty"`
	// Adopted is revision 0: the manifest that took over what ran before, as it was when a revision was first accepted.
	// Nil where nothing was adopted.
	Adopted *reconcile.Revision `json:"adopted,omitempty"`
	// Others are the revisions that were asked for and never accepted, oldest first.
	Others []attempt `json:"others,omitempty"`
	// FailedInstance is the last instance that failed, FailedLog where its log is.
	FailedInstance string `json:"failedInstance,omitempty"`
	FailedLog      string `json:"failedLog,omitempty"`
	// UnservedSince is since when every nginx server has answered 503 for what was served before; zero while one serves.
	UnservedSince time.Time `json:"unservedSince,omitzero"`
}

// attempt is a revision that was not accepted and what became of it: progressing, superseded, rejected or aborted.
type attempt struct {
	Revision reconcile.Revision `json:"revision"`
	Result   string             `json:"result"`
}

// The results of an attempt.
const (
	resultAccepted    = "accepted"
	resultProgressing = "progressing"
	resultSuperseded  = "superseded"
	resultRejected    = "rejected"
	resultAborted     = "aborted"
	resultAdopted     = "adopted"
)

// clone is a record that may be changed.
func (r *record) clone() *record {
	if r == nil {
		return &record{}
	}
	c := *r
	c.Accepted = slices.Clone(r.Accepted)
	c.Others = slices.Clone(r.Others)
	return &c
}

// follow makes the manifest's revision the wanted one. hash is spec.RevisionHash of it.
func (r *record) follow(o *object, hash string) {
	base := hash
	r.adopt(o)
	if r.Restarts > 0 && r.RestartOf == hash {
		hash += "r" + strconv.Itoa(r.Restarts)
	}
	if r.Undo != nil && r.UndoFrom == base {
		r.want(*r.Undo)
		return
	}
	if r.Undo != nil {
		r.Undo, r.UndoFrom, r.Pinned = nil, "", ""
	}
	wanted := reconcile.Revision{
		Hash: hash, Deployment: *o.Manifest.Deployment, Files: o.Files,
		Cause: o.cause(), By: o.By, At: o.At,
	}
	if known, ok := r.revision(hash); ok {
		wanted.Number, wanted.Image, wanted.Cause, wanted.By, wanted.At = known.Number, known.Image, known.Cause, known.By, known.At
	} else {
		r.HighestRevision++
		wanted.Number = r.HighestRevision
	}
	r.want(wanted)
}

// adopt remembers what the manifest takes over as revision 0. Once a revision is accepted that is settled.
func (r *record) adopt(o *object) {
	d := *o.Manifest.Deployment
	switch {
	case len(r.Accepted) > 0:
	case len(d.Spec.Adopt) == 0:
		r.Adopted = nil
	default:
		r.Adopted = &reconcile.Revision{
			Hash: reconcile.AdoptedRevision, Deployment: d, Files: o.Files,
			Cause: "adopted: " + strings.Join(adoptedNames(d), ", "), By: o.By, At: o.At,
		}
	}
}

// adoptedNames are the containers and addresses that a manifest adopts, as written.
func adoptedNames(d spec.Deployment) []string {
	var names []string
	for _, one := range d.Spec.Adopt {
		names = append(names, orElse(one.Container, one.Address))
	}
	return names
}

func (o *object) cause() string {
	if o.Cause != "" {
		return o.Cause
	}
	return o.Manifest.Deployment.Metadata.Annotations[spec.ChangeCause]
}

// want makes w the wanted revision. What was decided about the one before does not hold for it.
func (r *record) want(w reconcile.Revision) {
	if w.Hash != r.Wanted.Hash {
		r.leave()
		r.Rejected, r.Aborted, r.Promoted = nil, "", ""
		if r.Undo == nil {
			r.Pinned = ""
		}
		r.settleAttempt(r.Wanted.Hash, resultSuperseded)
	}
	r.Wanted = w
	for i := range r.Accepted {
		if r.Accepted[i].Hash == w.Hash {
			// What makes no revision (routes, budgets) may have changed; going back goes back to the text of now.
			// So may the sums of its files have, by being encrypted anew.
			r.Accepted[i].Deployment, r.Accepted[i].Files = w.Deployment, w.Files
			return
		}
	}
	for i := range r.Others {
		if r.Others[i].Revision.Hash == w.Hash {
			r.Others[i].Revision = w
			if r.Rejected == nil && r.Aborted == "" {
				r.Others[i].Result = resultProgressing
			}
			return
		}
	}
	r.Others = append(r.Others, attempt{Revision: w, Result: resultProgressing})
}

// leave turns from the wanted revision to another one. Where it took over it counts as accepted.
func (r *record) leave() {
	if !reconcile.TookOver(r.Record, r.Wanted) {
		return
	}
	r.Record = reconcile.Supersede(r.Record, r.Wanted)
	r.Others = slices.DeleteFunc(r.Others, func(a attempt) bool { return a.Revision.Hash == r.Wanted.Hash })
}

// forgive forgets what was decided against the text before: its owner has changed it, or a person wants it tried again.
func (r *record) forgive() {
	if !reconcile.TookOver(r.Record, r.Wanted) {
		r.Clock = reconcile.Clock{}
	}
	r.Rejected, r.Aborted, r.Pinned, r.Undo, r.UndoFrom = nil, "", "", nil, ""
}

// settleAttempt notes what became of an attempt that still progressed.
func (r *record) settleAttempt(hash, result string) {
	for i := range r.Others {
		if r.Others[i].Revision.Hash == hash && (r.Others[i].Result == resultProgressing || result != resultSuperseded) {
			r.Others[i].Result = result
		}
	}
}

// revision finds one that is remembered.
func (r *record) revision(hash string) (reconcile.Revision, bool) {
	if r == nil {
		return reconcile.Revision{}, false
	}
	if hash == r.Wanted.Hash {
		return r.Wanted, true
	}
	for _, accepted := range r.Accepted {
		if accepted.Hash == hash {
			return accepted, true
		}
	}
	for _, other := range r.Others {
		if other.Revision.Hash == hash {
			return other.Revision, true
		}
	}
	if r.Adopted != nil && hash == reconcile.AdoptedRevision {
		return *r.Adopted, true
	}
	return reconcile.Revision{}, false
}

// resolve notes what a revision's image resolved to, once. It answers whether that is new.
func (r *record) resolve(hash, image string) bool {
	changed := false
	set := func(v *reconcile.Revision) {
		if v.Hash == hash && v.Image == "" {
			v.Image, changed = image, true
		}
	}
	set(&r.Wanted)
	for i := range r.Accepted {
		set(&r.Accepted[i])
	}
	for i := range r.Others {
		set(&r.Others[i].Revision)
	}
	return changed
}

// accept remembers a revision as the last good one and forgets the oldest beyond limit, which it returns.
func (r *record) accept(hash string, limit int) (forgotten []reconcile.Revision) {
	revision, known := r.revision(hash)
	if !known {
		return nil
	}
	r.Accepted = slices.DeleteFunc(r.Accepted, func(a reconcile.Revision) bool { return a.Hash == hash })
	r.Others = slices.DeleteFunc(r.Others, func(a attempt) bool { return a.Revision.Hash == hash })
	r.Accepted = append(r.Accepted, revision)
	if extra := len(r.Accepted) - max(limit, 1); extra > 0 {
		forgotten = slices.Clone(r.Accepted[:extra])
		r.Accepted = slices.Delete(r.Accepted, 0, extra)
	}
	if extra := len(r.Others) - max(limit, 1); extra > 0 {
		forgotten = append(forgotten, revisionsOf(r.Others[:extra])...)
		r.Others = slices.Delete(r.Others, 0, extra)
	}
	return forgotten
}

func revisionsOf(attempts []attempt) []reconcile.Revision {
	list := make([]reconcile.Revision, 0, len(attempts))
	for _, a := range attempts {
		list = append(list, a.Revision)
	}
	return list
}

// keep remembers what a decision says is to be remembered before the steps that are due are taken. It answers whether
// that is new.
func (r *record) keep(d reconcile.Decision, due []reconcile.Step) bool {
	highest := r.HighestN
	for _, step := range due {
		if step.Kind == reconcile.Start || step.Kind == reconcile.Seed {
			highest = max(highest, numberOf(step.Instance))
		}
	}
	same := r.Clock == d.Clock && r.SwitchedAt.Equal(d.SwitchedAt) && sameTimes(r.Drains, d.Drains) && r.HighestN == highest && r.Revived == d.Revived && r.EmptySince.Equal(d.EmptySince)
	r.Clock, r.SwitchedAt, r.Drains, r.HighestN, r.Revived = d.Clock, d.SwitchedAt, d.Drains, highest, d.Revived
	r.EmptySince = d.EmptySince
	return !same
}

func sameTimes(a, b map[string]time.Time) bool {
	if len(a) != len(b) {
		return false
	}
	for name, at := range a {
		if other, ok := b[name]; !ok || !other.Equal(at) {
			return false
		}
	}
	return true
}

// numberOf is the number at the end of an instance's name; 0 when it has none.
func numberOf(instance string) int {
	i := len(instance)
	for i > 0 && instance[i-1] >= '0' && instance[i-1] <= '9' {
		i--
	}
	if i == 0 || instance[i-1] != '-' {
		return 0
	}
	n, err := strconv.Atoi(instance[i:])
	if err != nil {
		return 0
	}
	return n
}
