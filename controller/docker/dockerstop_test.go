//go:build docker

package docker

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

func TestRetireRenamesThenSignalsOnce(t *testing.T) {
	b := runningBench(t, Options{})
	ctx := context.Background()
	launch := b.launch("c-retire-abc123-1", "10.83.0.30", "stubborn")
	b.start(launch)
	b.eventually("the start", func() bool { return strings.Contains(b.log(launch.Instance), "serving") })
	stop := reconcile.Stop{Grace: time.Minute}
	for range 3 {
		if err := b.Retire(ctx, launch.Instance, stop); err != nil {
			t.Fatal(err)
		}
	}
	c := b.now(launch.Instance)
	if !c.Retired || c.RetiredAt.IsZero() || c.State != reconcile.ContainerRunning {
		t.Errorf("retired: %+v", c)
	}
	if real, err := b.cli.ContainerInspect(ctx, c.ID); err != nil || real.Name != "/c-retire-abc123-1.retired" {
		t.Errorf("named %s: %v", real.Name, err)
	}
	b.eventually("the signal", func() bool { return strings.Contains(b.log(launch.Instance), "signal terminated") })

	// Another process knows nothing of it but what the engine's history shows.
	later := newBench(t, Options{})
	if err := later.Retire(ctx, launch.Instance, stop); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.log(launch.Instance), "signal terminated"); n != 1 {
		t.Errorf("%d signals", n)
	}
	stop.Grace = 0
	if err := later.Retire(ctx, launch.Instance, stop); err != nil {
		t.Fatal(err)
	}
	b.eventually("SIGKILL", func() bool { return b.cached(launch.Instance).State == reconcile.ContainerExited })
	if c := b.now(launch.Instance); c.ExitCode != 137 || !c.Retired {
		t.Errorf("killed: %+v", c)
	}
	if err := b.Retire(ctx, launch.Instance, stop); err != nil {
		t.Error(err)
	}
	if err := b.Remove(ctx, launch.Instance); err != nil {
		t.Error(err)
	}
	if err := b.Retire(ctx, launch.Instance, stop); err != nil {
		t.Error(err)
	}
}

func TestAStopCutBetweenRenameAndSignalGoesOn(t *testing.T) {
	b := runningBench(t, Options{})
	ctx := context.Background()
	launch := b.launch("c-cut-abc123-1", "10.83.0.31", "serve")
	launch.Template.Lifecycle = &spec.Lifecycle{StopSignal: "SIGUSR1"}
	b.start(launch)
	b.eventually("the start", func() bool { return strings.Contains(b.log(launch.Instance), "serving") })
	if err := b.cli.ContainerRename(ctx, launch.Instance, launch.Instance+retiredSuffix); err != nil {
		t.Fatal(err)
	}
	b.eventually("the new name", func() bool { return b.cached(launch.Instance).Retired })
	if err := b.Retire(ctx, launch.Instance, reconcile.Stop{Grace: time.Minute}); err != nil {
		t.Fatal(err)
	}
	b.eventually("the exit", func() bool { return b.cached(launch.Instance).State == reconcile.ContainerExited })
	if log := b.log(launch.Instance); !strings.Contains(log, "signal user defined signal 1") {
		t.Errorf("log: %s", log)
	}
	if c := b.cached(launch.Instance); c.ExitCode != 0 || !c.ExitCounts {
		t.Errorf("exited: %+v", c)
	}
}

func TestTheGraceEndsWithSIGKILLWhenTheLoopIsTold(t *testing.T) {
	b := runningBench(t, Options{})
	ctx := context.Background()
	launch := b.launch("c-grace-abc123-1", "10.83.0.32", "stubborn")
	b.start(launch)
	b.eventually("the start", func() bool { return strings.Contains(b.log(launch.Instance), "serving") })
	stop := reconcile.Stop{Grace: time.Second}
	if err := b.Retire(ctx, launch.Instance, stop); err != nil {
		t.Fatal(err)
	}
	began := b.now(launch.Instance).RetiredAt
	b.eventually("the reminder", func() bool { return time.Since(began) > time.Second && b.sawChange("shop.c-grace") })
	b.eventually("SIGKILL", func() bool {
		if err := b.Retire(ctx, launch.Instance, stop); err != nil {
			t.Fatal(err)
		}
		return b.cached(launch.Instance).State == reconcile.ContainerExited
	})
	if c := b.cached(launch.Instance); c.ExitCode != 137 || c.ExitedAt.Sub(began) < time.Second {
		t.Errorf("killed after %s: %+v", c.ExitedAt.Sub(began), c)
	}
}

func TestPreStopRunsBeforeTheSignal(t *testing.T) {
	b := runningBench(t, Options{})
	ctx := context.Background()
	for kind, hook := range map[string]spec.PreStop{
		"http":  {HTTPGet: &spec.HTTPGetAction{Path: "/bye", Port: "http"}},
		"exec":  {Exec: &spec.ExecAction{Command: []string{"/app", "print", "bye"}}},
		"sleep": {Sleep: &spec.SleepAction{Seconds: 1}},
	} {
		launch := b.launch("c-"+kind+"-abc123-1", "10.83.0.33", "serve")
		b.start(launch)
		b.eventually("the start", func() bool { return strings.Contains(b.log(launch.Instance), "serving") })
		began := time.Now()
		b.eventually("the exit", func() bool {
			if err := b.Retire(ctx, launch.Instance, reconcile.Stop{Grace: time.Minute, PreStop: &hook}); err != nil {
				t.Fatal(err)
			}
			return b.cached(launch.Instance).State == reconcile.ContainerExited
		})
		log := b.log(launch.Instance)
		if kind == "http" && !strings.Contains(log, "asked for /bye\nsignal terminated") {
			t.Errorf("log: %s", log)
		}
		if took := time.Since(began); kind == "sleep" && took < time.Second {
			t.Errorf("slept %s", took)
		}
		if n := strings.Count(log, "signal terminated"); n != 1 {
			t.Errorf("%s: %d signals", kind, n)
		}
		b.purge(launch.Instance)
	}
}

func TestAnAdoptedContainerIsStoppedKeptAndStartedAgain(t *testing.T) {
	b := runningBench(t, Options{})
	ctx := context.Background()
	id := b.stranger("c-old", container.Config{Cmd: []string{"serve"}, Labels: map[string]string{"com.example": "x"}},
		container.HostConfig{RestartPolicy: container.RestartPolicy{Name: container.RestartPolicyAlways}})
	if b.now("c-old").ID != "" {
		t.Fatal("a stranger is in the snapshot")
	}
	b.Adopt(map[string]string{"c-old": "shop.orders", "c-missing": "shop.orders"})
	c := b.now("c-old")
	if c.ID != id || c.Revision != reconcile.AdoptedRevision || c.Deployment != (spec.Name{Namespace: "shop", Name: "orders"}) ||
		!c.Address.IsValid() || c.State != reconcile.ContainerRunning || c.N != 0 {
		t.Errorf("adopted: %+v", c)
	}
	if b.now("c-missing").Name != "" {
		t.Error("what does not exist is in the snapshot")
	}
	var refusal *Refusal
	if err := b.Retire(ctx, "c-old", reconcile.Stop{Grace: time.Minute}); !errors.As(err, &refusal) {
		t.Errorf("a stranger was retired: %v", err)
	}
	if err := b.Remove(ctx, "c-old"); !errors.As(err, &refusal) {
		t.Errorf("a stranger was removed: %v", err)
	}
	if err := b.Attach(ctx, "c-gone"); err != nil {
		t.Errorf("a container that is gone: %v", err)
	}
	if err := b.Attach(ctx, "c-old"); err != nil {
		t.Fatal(err)
	}
	if err := b.Attach(ctx, "c-old"); err != nil {
		t.Fatal(err)
	}
	b.eventually("the address on the network segue", func() bool {
		return b.cached("c-old").Address == lastingAddress(strangersHalf(testCIDR), "c-old", nil)
	})
	if err := b.Retire(ctx, "c-old", reconcile.Stop{Grace: time.Minute, Keep: true}); err != nil {
		t.Fatal(err)
	}
	b.eventually("the exit", func() bool { return b.cached("c-old").State == reconcile.ContainerExited })
	kept, err := b.cli.ContainerInspect(ctx, id)
	if err != nil || kept.Name != "/c-old" || !kept.HostConfig.RestartPolicy.IsNone() {
		t.Errorf("kept as %s, restart %s: %v", kept.Name, kept.HostConfig.RestartPolicy.Name, err)
	}
	b.start(reconcile.Launch{Instance: "c-old", Revision: reconcile.AdoptedRevision})
	if c := b.now("c-old"); c.State != reconcile.ContainerRunning {
		t.Errorf("started again: %+v", c)
	}

	// Started by hand behind segue's back, it gets its signal and its grace again, whatever the last stop had come to.
	stopAgain := reconcile.Stop{Grace: time.Nanosecond, Keep: true}
	b.eventually("the second exit", func() bool {
		if err := b.Retire(ctx, "c-old", stopAgain); err != nil {
			t.Fatal(err)
		}
		return b.cached("c-old").State == reconcile.ContainerExited
	})
	if err := b.cli.ContainerStart(ctx, id, container.StartOptions{}); err != nil {
		t.Fatal(err)
	}
	b.eventually("the start", func() bool { return strings.Count(b.log("c-old"), "serving") == 3 })
	stopAgain.Grace = time.Minute
	if err := b.Retire(ctx, "c-old", stopAgain); err != nil {
		t.Fatal(err)
	}
	b.eventually("the third exit", func() bool { c := b.now("c-old"); return c.State == reconcile.ContainerExited && c.ExitCode == 0 })
}
