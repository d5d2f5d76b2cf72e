package controller

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// statusOf is an object's status without what is of its kind. The manifest is masked.
func statusOf(k key, o *object) api.Status {
	return api.Status{
		Kind: k.kind, Name: k.name, Owner: o.Owner, Manifest: spec.Redact(o.Manifest),
		Generation: o.Generation, CreatedAt: o.CreatedAt, Deleting: o.Deleting, By: o.By, Cause: o.Cause, Commit: o.Commit,
	}
}

// statusOfPass is what a look at a Deployment found.
func statusOfPass(p *pass, settled bool, before *api.DeploymentStatus) posted {
	meant := p.meant
	s := &api.DeploymentStatus{
		ObservedGeneration: p.object.Generation, Phase: p.decision.Phase.String(), Reason: p.decision.Reason,
		Revision: p.desired.Wanted.Number, Hash: p.desired.Wanted.Hash, TargetRevision: p.target.Number, Settled: settled,
		Image: p.desired.Wanted.Deployment.Spec.Template.Image, Strategy: string(meant.Spec.Strategy.Type),
		Replicas: *p.desired.Wanted.Deployment.Spec.Replicas,
		Paused:   p.record.Paused || p.desired.Wanted.Deployment.Spec.Paused != nil && *p.desired.Wanted.Deployment.Spec.Paused,
		Pinned:   p.record.Pinned, Orphan: p.object.Orphan, Deadline: p.deadline(),
	}
	if s.Hash == reconcile.AdoptedRevision && p.decision.Target == s.Hash {
		s.Replicas, s.Image = p.decision.Replicas, ""
	}
	updatedAvailable := 0
	for _, i := range p.observed.Instances {
		one := instanceStatus(p, i)
		s.Instances = append(s.Instances, one)
		serving := one.Status == wordServing
		s.LiveReplicas += number(i.Live() && !i.AddressOnly)
		s.ReadyReplicas += number(one.Ready)
		s.AvailableReplicas += number(serving)
		s.UpdatedReplicas += number(i.Revision == s.Hash && i.State == reconcile.ContainerRunning && !i.Leaving())
		updatedAvailable += number(serving && i.Revision == s.Hash)
	}
	if p.observed.Engine.Name != "" && before != nil {
		// Nobody knows how the instances are; what was last seen is shown, with the phase that says so.
		s.Instances, s.LiveReplicas, s.ReadyReplicas = before.Instances, before.LiveReplicas, before.ReadyReplicas
		s.AvailableReplicas, s.UpdatedReplicas = before.AvailableReplicas, before.UpdatedReplicas
	}
	slices.SortFunc(s.Instances, func(a, b api.Instance) int { return strings.Compare(a.Name, b.Name) })
	if len(p.before) > 0 {
		s.Phase, s.Settled = reconcile.Deleting.String(), false
		s.Reason = fmt.Sprintf("%s, which depends on it, is removed first", deploymentKey(p.before[0]))
	}
	s.Fronts = frontStatuses(p)
	for _, w := range p.decision.Waits {
		s.WaitingFor = append(s.WaitingFor, api.Wait(w))
	}
	for _, step := range p.decision.Steps {
		s.NextSteps = append(s.NextSteps, step.Kind.String()+" "+eventMessage(p, step))
	}
	s.WaitingFor = append(s.WaitingFor, p.heldBack()...)
	s.Rejected = rejectedStatus(p.record)
	s.History = historyOf(p.record)
	var old []api.Condition
	if before != nil {
		old = before.Conditions
	}
	s.Conditions = conditionsOf(p, s, old)
	status := statusOf(p.key(), p.object)
	status.Deployment = s
	return posted{status: status, available: s.Replicas == 0 || updatedAvailable >= s.Replicas}
}

// heldBack are the steps that failed and wait to be taken again, as gates.
func (p *pass) heldBack() []api.Wait {
	var waits []api.Wait
	for step, h := range p.memory.held {
		if p.hasStep(step.kind) {
			waits = append(waits, api.Wait{Gate: step.kind.String(), On: step.on, Since: h.since, Until: h.until, Reason: h.message})
		}
	}
	slices.SortFunc(waits, func(a, b api.Wait) int { return strings.Compare(a.Gate+a.On, b.Gate+b.On) })
	return waits
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// deadline is when the wanted revision is rejected if nothing changes; zero while the clock stands.
func (p *pass) deadline() time.Time {
	clock := p.decision.Clock
	if !clock.Running {
		return time.Time{}
	}
	return clock.At.Add(secondsOf(p.target.Deployment.Spec.ProgressDeadlineSeconds, 600) - clock.Spent)
}
