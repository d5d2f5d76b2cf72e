package controller

import (
	"fmt"
	"strings"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// The words of SourceStatus.Drift.
const (
	driftHeal   = "Heal"
	driftReport = "Report"
)

// status sums up how a source is. before is what was said last; nil when nothing was.
func (s *sources) status(name string, before *api.SourceStatus) api.Status {
	r := s.control.objects.source(name).clone()
	policy := s.control.options.policy(name)
	status := &api.SourceStatus{
		From: r.From, Suspended: r.Suspended, SuspendedBy: r.SuspendedBy, SuspendedAt: r.SuspendedAt,
		Atomic: policy.Atomic, Prune: policy.Prune, Drift: driftHeal, Applied: r.Applied, AppliedAt: r.At, Seen: r.Seen,
	}
	if policy.ReportDrift {
		status.Drift = driftReport
	}
	s.mu.Lock()
	var trouble *Trouble
	refused, followed := r.Refused, false
	if f := s.byName[name]; f != nil {
		followed, trouble, status.CheckedAt = true, f.trouble, f.checked
		refused = orElse(refused, f.refused)
	}
	s.mu.Unlock()
	if followed {
		status.From = s.from(name)
	}
	for _, k := range s.control.objects.keys() {
		if one := s.control.objects.get(k); one != nil && one.Owner == name {
			status.Objects = append(status.Objects, s.control.objectState(k, one))
		}
	}
	var old []api.Condition
	if before != nil {
		old = before.Conditions
	}
	c := conditions{before: old, now: time.Now()}
	standing := sourceStanding{record: r, status: status, trouble: trouble, refused: refused, followed: followed}
	verdict := standing.verdict()
	c.add(api.ConditionReady, verdict, standing.reason, standing.message)
	status.Conditions = c.list
	return api.Status{Kind: api.KindSource, Name: spec.Name{Name: name}, Owner: name, Source: status}
}

// objectState is how far one object is.
func (c *Controller) objectState(k key, one *object) api.SourceObject {
	o := api.SourceObject{Kind: k.kind, Name: k.name, State: api.ObjectProgressing, Reason: "it has yet to be looked at", Commit: one.Commit}
	posted, known := c.board.get(k)
	d := posted.status.Deployment
	switch {
	case one.Deleting:
		o.State, o.Reason = api.ObjectDeleting, "its instances are drained and removed"
	case !known:
	case k.kind == spec.KindNginx && posted.status.Nginx != nil:
		o.State, o.Reason = serverState(posted.status.Nginx.Conditions, posted.status.Nginx.ObservedGeneration == one.Generation)
	case k.kind == spec.KindEureka && posted.status.Eureka != nil:
		o.State, o.Reason = serverState(posted.status.Eureka.Conditions, posted.status.Eureka.ObservedGeneration == one.Generation)
	case d == nil || d.ObservedGeneration != one.Generation:
	default:
		o.State, o.Reason = deploymentState(d)
	}
	return o
}

func serverState(conditions []api.Condition, observed bool) (state, reason string) {
	if !observed {
		return api.ObjectProgressing, "it has yet to be looked at"
	}
	for _, c := range conditions {
		switch {
		case c.Type == api.ConditionDrift && c.Status == conditionTrue:
			return api.ObjectDrifted, c.Message
		case c.Status != conditionTrue && (c.Type == api.ConditionNginxSynced || c.Type == api.ConditionEurekaSynced):
			return api.ObjectProgressing, c.Message
		}
	}
	return api.ObjectApplied, ""
}

func deploymentState(d *api.DeploymentStatus) (state, reason string) {
	for _, c := range d.Conditions {
		if c.Type == api.ConditionDrift && c.Status == conditionTrue {
			return api.ObjectDrifted, c.Message
		}
	}
	switch {
	case d.Pinned != "":
		return api.ObjectPinned, fmt.Sprintf("held by %s at revision %d until its text changes, or segue retry", d.Pinned, d.TargetRevision)
	case d.Rejected != nil && d.Rejected.Hash == d.Hash:
		return api.ObjectFailed, d.Rejected.Reason
	case d.Phase == reconcile.Failed.String() || d.Phase == reconcile.RolledBack.String():
		return api.ObjectFailed, d.Reason
	}
	for _, w := range d.WaitingFor {
		if w.Gate == "dependency" {
			return api.ObjectWaiting, strings.TrimSpace(w.On + " " + w.Reason)
		}
	}
	if d.Phase == reconcile.Converged.String() {
		return api.ObjectApplied, ""
	}
	return api.ObjectProgressing, d.Phase + ": " + d.Reason
}

// sourceStanding is what is to be said of a source in one sentence.
type sourceStanding struct {
	record          *sourceRecord
	status          *api.SourceStatus
	trouble         *Trouble
	refused         string
	followed        bool
	reason, message string
}

// verdict fills in reason and message, the worst first, and gives the condition's status.
func (s *sourceStanding) verdict() string {
	r := s.record
	holds := "what runs stays as it is"
	if r.Applied != nil {
		holds = wordsOf(*r.Applied) + " holds"
	}
	seen := "the last reading"
	if r.Seen != nil {
		seen = wordsOf(*r.Seen) + " by " + r.Seen.Author
	}
	failed, open := s.sort()
	switch {
	case r.Suspended:
		s.reason, s.message = api.ReasonSuspended, "suspended by "+orElse(r.SuspendedBy, "somebody")+": nothing of it is applied until segue resume; "+holds
	case !s.followed:
		s.reason, s.message = "NotFollowed", "no segue run follows it now; "+holds
		return conditionUnknown
	case s.trouble != nil:
		s.reason, s.message = s.trouble.Reason, s.trouble.Message+"; "+holds
	case s.refused != "":
		s.reason, s.message = api.ReasonRefused, seen+" is refused; "+holds+": "+s.refused
	case r.WentBack != nil:
		s.reason = api.ReasonWentBack
		s.message = fmt.Sprintf("%s went back as a whole (%s); %s; push a commit that changes what failed, or segue reconcile --retry", wordsOf(r.WentBack.Commit), r.WentBack.Reason, holds)
	case len(failed) > 0:
		s.reason = api.ReasonFailed
		s.message = fmt.Sprintf("%d of %d failed: %s; push a commit that changes it, or segue retry", len(failed), len(s.status.Objects), failed[0])
	case len(open) > 0:
		s.reason, s.message = api.ReasonProgressing, fmt.Sprintf("%d of %d are not there yet: %s", len(open), len(s.status.Objects), open[0])
	case s.status.CheckedAt.IsZero():
		s.reason, s.message = api.ReasonProgressing, "it has yet to be read; "+holds
		return conditionUnknown
	default:
		s.reason, s.message = api.ReasonApplied, holds
		if r.Applied == nil {
			s.message = "everything that it holds is applied"
		}
		return conditionTrue
	}
	return conditionFalse
}

// sort names the objects that failed, and those that are not there yet.
func (s *sourceStanding) sort() (failed, open []string) {
	for _, o := range s.status.Objects {
		words := key{kind: o.Kind, name: o.Name}.String() + ": " + o.State
		if o.Reason != "" {
			words += " (" + o.Reason + ")"
		}
		switch o.State {
		case api.ObjectApplied:
		case api.ObjectFailed:
			failed = append(failed, words)
		default:
			open = append(open, words)
		}
	}
	return failed, open
}
