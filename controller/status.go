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
		Generation: o.Generation, CreatedAt: o.CreatedAt, Deleting: o.Deleting,
	}
}

// statusOfPass is what a look at a Deployment found.
func statusOfPass(p *pass, settled bool, before *api.DeploymentStatus) posted {
	meant := p.target.Deployment.Defaulted()
	s := &api.DeploymentStatus{
		ObservedGeneration: p.object.Generation, Phase: p.decision.Phase.String(), Reason: p.decision.Reason,
		Revision: p.desired.Wanted.Number, Hash: p.desired.Wanted.Hash, TargetRevision: p.target.Number, Settled: settled,
		Image: p.desired.Wanted.Deployment.Spec.Template.Image, Strategy: string(meant.Spec.Strategy.Type),
		Replicas: *p.desired.Wanted.Deployment.Spec.Replicas,
		Paused:   p.record.Paused || p.desired.Wanted.Deployment.Spec.Paused != nil && *p.desired.Wanted.Deployment.Spec.Paused,
		Pinned:   p.record.Pinned, Orphan: p.object.Orphan, Deadline: p.deadline(),
	}
	updatedAvailable := 0
	for _, i := range p.observed.Instances {
		one := instanceStatus(p, i)
		s.Instances = append(s.Instances, one)
		serving := one.Status == wordServing
		s.LiveReplicas += number(i.Live() && !i.AddressOnly)
		s.ReadyReplicas += number(one.Ready)
		s.AvailableReplicas += number(serving)
		s.UpdatedReplicas += number(i.Revision == s.Hash && i.State == reconcile.ContainerRunning && !i.Retired)
		updatedAvailable += number(serving && i.Revision == s.Hash)
	}
	if p.observed.Engine.Name != "" && before != nil {
		// Nobody knows how the instances are; what was last seen is shown, with the phase that says so.
		s.Instances, s.LiveReplicas, s.ReadyReplicas = before.Instances, before.LiveReplicas, before.ReadyReplicas
		s.AvailableReplicas, s.UpdatedReplicas = before.AvailableReplicas, before.UpdatedReplicas
	}
	slices.SortFunc(s.Instances, func(a, b api.Instance) int { return strings.Compare(a.Name, b.Name) })
	for _, w := range p.decision.Waits {
		s.WaitingFor = append(s.WaitingFor, api.Wait(w))
	}
	for _, step := range p.decision.Steps {
		s.NextSteps = append(s.NextSteps, step.Kind.String()+" "+eventMessage(p, step))
	}
	for _, failure := range p.failures {
		s.NextSteps = append(s.NextSteps, "again: "+failure)
	}
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

// The words of Instance.Status that are not formed from facts.
const (
	wordStarting = "Starting"
	wordNotReady = "NotReady"
	wordReady    = "Ready"
	wordServing  = "Serving"
	wordDraining = "Draining"
	wordStopping = "Stopping"
	wordAdopted  = "Adopted"
)

func instanceStatus(p *pass, i reconcile.Instance) api.Instance {
	revision := p.revisionOf(i.Revision)
	one := api.Instance{
		Name: i.Name, Deployment: p.name, Revision: revision.Number, Hash: i.Revision, Slot: i.Slot,
		Image: revision.Deployment.Spec.Template.Image, Ready: ready(i), Restarts: p.exitsBefore(i),
		StartedAt: i.StartedAt, EurekaID: i.EurekaID, LastProbe: i.Health.Last, Log: i.LastLog,
	}
	if i.Address.IsValid() {
		one.Address = i.Address.String()
	}
	if i.Adopted {
		one.Revision, one.Image = 0, i.Image
	}
	if i.State == reconcile.ContainerExited {
		code := i.ExitCode
		one.ExitCode = &code
	}
	one.Nginx, one.Eureka = nginxColumn(i), eurekaColumn(i)
	one.Status = statusWord(i, one.Ready)
	return one
}

func ready(i reconcile.Instance) bool {
	return i.State == reconcile.ContainerRunning && !i.Retired && i.Health.Ready == reconcile.Yes && i.Health.Alive != reconcile.No
}

// exitsBefore counts the exited predecessors of an instance's revision.
func (p *pass) exitsBefore(i reconcile.Instance) int {
	exits := 0
	for _, other := range p.observed.Instances {
		exits += number(other.Revision == i.Revision && other.State == reconcile.ContainerExited && !other.Retired && other.N < i.N)
	}
	return exits
}

func statusWord(i reconcile.Instance, ready bool) string {
	admitted, everywhere := traffic(i)
	switch {
	case i.State == reconcile.ContainerExited && i.OOMKilled:
		return fmt.Sprintf("Exited (%d, out of memory)", i.ExitCode)
	case i.State == reconcile.ContainerExited:
		return fmt.Sprintf("Exited (%d)", i.ExitCode)
	case i.Retired:
		return wordStopping
	case i.State == reconcile.ContainerCreated:
		return "Created"
	case ready && everywhere:
		return wordServing
	case i.Health.Ready == reconcile.No:
		return wordNotReady
	case i.Adopted && !admitted:
		return wordAdopted
	case ready && !admitted && i.Health.Warm.State == reconcile.WishDone && wasServing(i):
		return wordDraining
	case ready:
		return wordReady
	default:
		return wordStarting
	}
}

// traffic: something sends to it; everything does.
func traffic(i reconcile.Instance) (admitted, everywhere bool) {
	everywhere = true
	for _, fact := range i.Nginx {
		if fact.State == reconcile.ServerDown {
			continue
		}
		admitted = admitted || fact.Routed == reconcile.Yes
		everywhere = everywhere && fact.Routed == reconcile.Yes
	}
	for _, fact := range i.Eureka {
		if fact.State == reconcile.ServerDown {
			continue
		}
		admitted = admitted || fact.Lease.Status == reconcile.LeaseUp
		everywhere = everywhere && fact.Lease.Status == reconcile.LeaseUp
	}
	return admitted, everywhere
}

// wasServing: an old worker or a consumer's cache may still send to it.
func wasServing(i reconcile.Instance) bool {
	for _, fact := range i.Nginx {
		if fact.Reachable == reconcile.Yes || fact.Connections > 0 {
			return true
		}
	}
	for _, fact := range i.Eureka {
		if fact.Lease.Visible == reconcile.Yes {
			return true
		}
	}
	return false
}

// nginxColumn is SERVING/SERVERS.
func nginxColumn(i reconcile.Instance) string {
	if len(i.Nginx) == 0 {
		return "-"
	}
	routed, unknown := 0, 0
	for _, fact := range i.Nginx {
		routed += number(fact.Routed == reconcile.Yes)
		unknown += number(fact.Routed == reconcile.Unknown && fact.State != reconcile.ServerDown)
	}
	column := fmt.Sprintf("%d/%d", routed, len(i.Nginx))
	if unknown > 0 {
		column += fmt.Sprintf(", ? %d/%d", unknown, len(i.Nginx))
	}
	return column
}

// eurekaColumn counts the servers by what they say, as "UP 1/2, ? 1/2".
func eurekaColumn(i reconcile.Instance) string {
	if len(i.Eureka) == 0 {
		return "-"
	}
	counts := map[string]int{}
	for _, fact := range i.Eureka {
		word := string(fact.Lease.Status)
		switch {
		case fact.State == reconcile.ServerUnknown:
			word = "?"
		case fact.State == reconcile.ServerDown:
			word = "down"
		case word == "":
			word = "none"
		}
		counts[word]++
	}
	var parts []string
	for _, word := range sortedKeys(counts) {
		parts = append(parts, fmt.Sprintf("%s %d/%d", word, counts[word], len(i.Eureka)))
	}
	slices.SortStableFunc(parts, func(a, b string) int {
		return number(!strings.HasPrefix(a, "UP")) - number(!strings.HasPrefix(b, "UP"))
	})
	return strings.Join(parts, ", ")
}

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
	add := func(v reconcile.Revision, result string) {
		masked := spec.Redact(spec.Manifest{Deployment: &v.Deployment})
		list = append(list, api.History{
			Revision: v.Number, Hash: v.Hash, Image: v.Deployment.Spec.Template.Image, Cause: v.Cause, By: v.By, At: v.At,
			Result: result, Manifest: masked.Deployment,
		})
	}
	for _, accepted := range r.Accepted {
		add(accepted, resultAccepted)
	}
	for _, other := range r.Others {
		add(other.Revision, other.Result)
	}
	slices.SortStableFunc(list, func(a, b api.History) int { return a.Revision - b.Revision })
	return list
}
