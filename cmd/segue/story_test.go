package main

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/api/apitest"
	"github.com/segue-dev/segue/test/golden"
)

// turn is what becomes of a Deployment after a while.
type turn struct {
	after  time.Duration
	change func(*api.DeploymentStatus)
}

// story tells a command line what becomes of orders while it waits.
type story struct {
	args     string
	turns    []turn
	terminal bool
	inside   bool
	// cut is when Ctrl-C is pressed; 0: never.
	cut time.Duration
}

func (s story) play(t *testing.T) ran {
	t.Helper()
	fake := shop()
	status := notReady(time.Now())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if s.cut > 0 {
		defer time.AfterFunc(s.cut, cancel).Stop()
	}
	told := make(chan struct{})
	go func() {
		defer close(told)
		s.tell(ctx, fake, status)
	}()
	r := call{service: fake, args: strings.Fields(s.args), terminal: s.terminal, inside: s.inside}.run(ctx)
	cancel()
	<-told
	return r
}

func (s story) tell(ctx context.Context, fake *apitest.Service, status api.Status) {
	for _, turn := range s.turns {
		select {
		case <-ctx.Done():
			return
		case <-time.After(turn.after):
		}
		next := *status.Deployment
		turn.change(&next)
		status.Deployment = &next
		fake.Publish(status)
	}
}

// The turns of a rollout.
var (
	available = turn{10 * time.Second, func(d *api.DeploymentStatus) {
		d.UpdatedReplicas, d.AvailableReplicas, d.Reason = 3, 3, "1 old instance drains"
		d.WaitingFor = []api.Wait{{Gate: "drain", On: "orders-1b2c3-1", Until: time.Now().Add(60 * time.Second), Reason: "an old worker may still send to it"}}
	}}
	soon = turn{1500 * time.Millisecond, available.change}
	done = turn{65 * time.Second, func(d *api.DeploymentStatus) {
		d.LiveReplicas, d.WaitingFor, d.Phase, d.Reason, d.Settled = 3, nil, "Converged", "3 of 3 serve revision 8", true
	}}
	rejected = turn{20 * time.Second, func(d *api.DeploymentStatus) {
		code := 137
		d.Rejected = &api.Rejected{Revision: 8, Hash: "6f8d4", Reason: "3 exits of its instances", ExitCode: &code, At: time.Now(),
			Log: []string{"Exception in thread \"main\"", "java.lang.OutOfMemoryError: Java heap space"}, LogFile: "/var/lib/segue/logs/orders-6f8d4-6.log"}
		d.TargetRevision, d.Reason = 7, "rolling back"
	}}
	backAgain = turn{30 * time.Second, func(d *api.DeploymentStatus) {
		d.Phase, d.Settled, d.Reason = "RolledBack", true, "revision 7 serves; 8 was rejected"
	}}
	propagating = turn{30 * time.Second, func(d *api.DeploymentStatus) {
		d.UpdatedReplicas, d.ReadyReplicas, d.AvailableReplicas, d.LiveReplicas = 3, 3, 3, 6
		d.WaitingFor = []api.Wait{{
			Gate: "propagation", On: "orders-1b2c3-1", Since: time.Now(), Until: time.Now().Add(65 * time.Second),
			Reason: "consumers of eureka http://eureka-1:8761/eureka forget it within 65 s (fetch + load balancer)",
		}}
	}}
	waiting = turn{10 * time.Second, func(d *api.DeploymentStatus) {
		d.Phase, d.Reason = "WaitingForPromotion", "3 new instances are ready and dark"
		d.WaitingFor = []api.Wait{{Gate: "promotion", Reason: "segue promote switches to them"}}
	}}
)

func TestHowRolloutsAreFollowed(t *testing.T) {
	for name, s := range map[string]story{
		"follow-done":          {args: "rollout status deployment/orders", turns: []turn{available, done}},
		"follow-propagation":   {args: "rollout status deployment/orders", turns: []turn{propagating, done}},
		"follow-rejected":      {args: "rollout status orders", turns: []turn{rejected, backAgain}},
		"follow-rejected-here": {args: "restart orders", turns: []turn{rejected, backAgain}, inside: true},
		"follow-timeout":       {args: "rollout status deployment orders --timeout 45s", turns: nil},
		"follow-promotion":     {args: "rollout status orders", turns: []turn{waiting}},
		"follow-promotable":    {args: "restart orders --wait=promotable", turns: []turn{waiting}},
		"follow-promote":       {args: "promote orders --wait", turns: []turn{waiting, available, done}},
		"follow-abort":         {args: "abort orders --wait", turns: []turn{rejected, backAgain}},
		"follow-interrupted":   {args: "rollout status orders", cut: 12 * time.Second},
		"follow-terminal":      {args: "rollout status orders", turns: []turn{soon}, terminal: true, cut: 2500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := strings.ReplaceAll(s.play(t).String(), "\x1b", "ESC")
				golden.Expect(t, filepath.Join("testdata", name+".txt"), "$ segue "+s.args+"\n"+got)
			})
		})
	}
}

func TestAWaitInJSONIsOneEventALine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := story{args: "rollout status orders -o json", turns: []turn{available, done}}.play(t)
		lines := strings.Split(strings.TrimSpace(r.out), "\n")
		if r.code != exitDone || len(lines) != 3 || !strings.Contains(r.err, "successfully rolled out") {
			t.Fatalf("got %d lines:\n%s", len(lines), r)
		}
		var last struct {
			At       time.Time
			Name     string
			Result   string
			ExitCode *int
			Status   api.DeploymentStatus
		}
		if err := json.Unmarshal([]byte(lines[2]), &last); err != nil {
			t.Fatal(err)
		}
		if last.Result != "Done" || last.ExitCode == nil || *last.ExitCode != 0 || last.Name != "orders" || last.Status.Phase != "Converged" || last.At.IsZero() {
			t.Errorf("the last line says %+v", last)
		}
	})
}

func TestDeleteWaitsUntilItIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := shop()
		fake.OnChange = func(any) {
			time.AfterFunc(90*time.Second, func() { fake.Forget("Deployment", named("orders")) })
		}
		began := time.Now()
		r := call{service: fake, args: []string{"delete", "deployment", "orders"}}.run(t.Context())
		if r.code != exitDone || time.Since(began) < 90*time.Second || !strings.Contains(r.out, `deployment "orders" is gone`) {
			t.Errorf("after %v:\n%s", time.Since(began), r)
		}
		began = time.Now()
		r = call{service: fake, args: []string{"delete", "deployment", "web", "--wait=false"}}.run(t.Context())
		if r.code != exitDone || time.Since(began) != 0 {
			t.Errorf("--wait=false took %v:\n%s", time.Since(began), r)
		}
	})
}

func TestGetWatchPrintsARowForEachChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := story{args: "get deployments orders -w", turns: []turn{available, done}, cut: 2 * time.Minute}.play(t)
		golden.Expect(t, filepath.Join("testdata", "get-watch.txt"), r.String())
	})
}
