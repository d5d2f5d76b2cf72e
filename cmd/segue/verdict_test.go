package main

import (
	"testing"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

func TestVerdicts(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rejected := &api.Rejected{Revision: 8, Hash: "h8"}
	older := &api.Rejected{Revision: 7, Hash: "h7"}
	const undecided = exitCode(-1)
	for _, c := range []struct {
		name       string
		phase      string
		settled    bool
		observed   int64
		target     int
		rejected   *api.Rejected
		back       bool
		promoted   bool
		promotable bool
		toTheEnd   bool
		want       exitCode
	}{
		{name: "done", phase: "Converged", settled: true, observed: 2, target: 8, want: exitDone},
		{name: "done, but that was the generation before", phase: "Converged", settled: true, observed: 1, target: 8, want: undecided},
		{name: "on its way", phase: "Progressing", observed: 2, target: 8, want: undecided},
		{name: "serves, and has something to tidy", phase: "Converged", observed: 2, target: 8, want: undecided},
		{name: "rejected, the way back is not chosen yet", phase: "Progressing", observed: 2, target: 8, rejected: rejected, want: undecided},
		{name: "rejected, on the way back", phase: "Progressing", observed: 2, target: 7, rejected: rejected, want: exitRolledBack},
		{name: "rejected, on the way back, and nobody else works", phase: "Progressing", observed: 2, target: 7, rejected: rejected, toTheEnd: true, want: undecided},
		{name: "rejected and back", phase: "RolledBack", settled: true, observed: 2, target: 7, rejected: rejected, toTheEnd: true, want: exitRolledBack},
		{name: "rejected with nothing to go back to", phase: "Failed", settled: true, observed: 2, target: 8, rejected: rejected, want: exitFailed},
		{name: "another revision was rejected once", phase: "Progressing", observed: 2, target: 8, rejected: older, want: undecided},
		{name: "aborted by somebody else", phase: "RolledBack", settled: true, observed: 2, target: 7, want: exitRolledBack},
		{name: "yesterday's way back, tried again now", phase: "RolledBack", observed: 2, target: 7, want: undecided},
		{name: "went back as asked", phase: "RolledBack", settled: true, observed: 2, target: 7, back: true, want: exitDone},
		{name: "goes back as asked", phase: "Progressing", observed: 2, target: 7, rejected: rejected, back: true, want: undecided},
		{name: "waits for promotion", phase: "WaitingForPromotion", observed: 2, target: 8, want: exitPromotion},
		{name: "waits for promotion, which is good", phase: "WaitingForPromotion", observed: 2, target: 8, promotable: true, toTheEnd: true, want: exitDone},
		{name: "waited for promotion until now", phase: "WaitingForPromotion", observed: 2, target: 8, promoted: true, want: undecided},
		{name: "paused", phase: "Paused", observed: 2, target: 8, want: undecided},
	} {
		g := goal{kind: spec.KindDeployment, name: named("orders"), generation: 2, back: c.back, promoted: c.promoted}
		status := api.Status{Kind: spec.KindDeployment, Name: g.name, Generation: 2, Deployment: &api.DeploymentStatus{
			ObservedGeneration: c.observed, Phase: c.phase, Settled: c.settled, Revision: 8, Hash: "h8", TargetRevision: c.target, Rejected: c.rejected}}
		got := undecided
		if v := g.judge(status, c.promotable, c.toTheEnd, now); v != nil {
			got = v.code
		}
		if got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestServersGetTimeToStart(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	g := goal{kind: spec.KindEureka, name: named("main"), generation: 1}
	status := func(value string, since time.Duration) api.Status {
		return api.Status{Kind: spec.KindEureka, Name: g.name, Eureka: &api.EurekaStatus{ObservedGeneration: 1,
			Conditions: []api.Condition{{Type: api.ConditionEurekaSynced, Status: value, LastTransitionTime: now.Add(-since)}}}}
	}
	if v := g.judge(status("True", 0), false, false, now); v == nil || v.code != exitDone {
		t.Errorf("in sync: %+v", v)
	}
	if v := g.judge(status("False", 10*time.Second), false, false, now); v != nil {
		t.Errorf("out of sync for 10 s: %+v", v)
	}
	if v := g.judge(status("False", time.Minute), false, false, now); v == nil || v.code != exitFailed {
		t.Errorf("out of sync for a minute: %+v", v)
	}
	if v := worst([]verdict{{code: exitPromotion}, {code: exitRolledBack}, {code: exitDone}}); v != exitRolledBack {
		t.Errorf("the worst of several is %d", v)
	}
}

func TestAnAcceptedRevisionIsDoneWhileStoppedContainersAreKept(t *testing.T) {
	for _, c := range []struct {
		why      string
		change   func(*api.DeploymentStatus)
		toTheEnd bool
		done     bool
	}{
		{why: "only stopped containers are left", done: true},
		{why: "nobody else works on what is left", toTheEnd: true},
		{why: "an old one still runs", change: func(d *api.DeploymentStatus) { d.LiveReplicas = 3 }},
		{why: "it is not accepted yet", change: func(d *api.DeploymentStatus) { d.History[1].Result = "progressing" }},
		{why: "something is done just now", change: func(d *api.DeploymentStatus) { d.Phase = "Progressing" }},
	} {
		d := &api.DeploymentStatus{
			ObservedGeneration: 2, Phase: "Converged", Revision: 8, Hash: "h8", TargetRevision: 8, Replicas: 2, LiveReplicas: 2,
			History: []api.History{{Revision: 7, Hash: "h7", Result: "accepted"}, {Revision: 8, Hash: "h8", Result: "accepted"}},
		}
		if c.change != nil {
			c.change(d)
		}
		status := api.Status{Kind: spec.KindDeployment, Name: named("orders"), Generation: 2, Deployment: d}
		v := goal{kind: spec.KindDeployment, name: named("orders"), generation: 2}.judge(status, false, c.toTheEnd, time.Now())
		if done := v != nil && v.code == exitDone; done != c.done {
			t.Errorf("%s: %+v", c.why, v)
		}
	}
}
