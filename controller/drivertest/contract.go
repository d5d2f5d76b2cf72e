package drivertest

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// Runtime is what the contract asks of a runtime; controller.Runtime has it.
type Runtime interface {
	Containers(ctx context.Context, began time.Time) ([]reconcile.Container, time.Time, error)
	ContainersOf(ctx context.Context, deployment string, began time.Time) ([]reconcile.Container, time.Time, error)
	Start(ctx context.Context, launch reconcile.Launch) error
	Retire(ctx context.Context, instance string, stop reconcile.Stop) error
	Remove(ctx context.Context, instance string) error
	Logs(ctx context.Context, instance string, options reconcile.LogOptions, to io.Writer) error
}

// RuntimeContract holds a runtime to what the loop relies on. launch is of an image that is there and whose process
// ends soon after SIGTERM; wait lets a moment pass. It leaves nothing behind.
func RuntimeContract(t *testing.T, runtime Runtime, launch reconcile.Launch, wait func()) {
	t.Helper()
	ctx := t.Context()
	name := launch.Instance
	find := func() *reconcile.Container {
		t.Helper()
		asked := time.Now()
		own, began, err := runtime.ContainersOf(ctx, launch.Deployment.String(), asked)
		if err != nil {
			t.Fatalf("containers of %s: %v", launch.Deployment, err)
		}
		if began.Before(asked) {
			t.Errorf("the answer began %s before it was asked for", asked.Sub(began))
		}
		asked = time.Now()
		list, began, err := runtime.Containers(ctx, asked)
		if err != nil {
			t.Fatalf("containers: %v", err)
		}
		if began.Before(asked) {
			t.Errorf("the answer began %s before it was asked for", asked.Sub(began))
		}
		one := named(own, name)
		if all := named(list, name); (one == nil) != (all == nil) || one != nil && (one.ID != all.ID || one.Retired != all.Retired) {
			t.Errorf("alone it is shown as %+v, among all as %+v", one, all)
		}
		if strangers, _, err := runtime.ContainersOf(ctx, launch.Deployment.String()+"-other", asked); err != nil || len(strangers) > 0 {
			t.Errorf("of another Deployment: %+v, %v", strangers, err)
		}
		return one
	}
	do := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	do("remove what is not there", runtime.Remove(ctx, name))
	do("retire what is not there", runtime.Retire(ctx, name, reconcile.Stop{Grace: 5 * time.Second}))
	do("start", runtime.Start(ctx, launch))
	do("start what runs", runtime.Start(ctx, launch))
	c := find()
	switch {
	case c == nil:
		t.Fatal("what was started is not shown")
	case c.State != reconcile.ContainerRunning || c.Retired || c.Deployment != launch.Deployment || c.Revision != launch.Revision ||
		c.N != launch.N || c.Slot != launch.Slot || c.Address != launch.Address || c.ID == "" || c.StartedAt.IsZero():
		t.Errorf("started as %+v, shown as %+v", launch, *c)
	}
	if runtime.Remove(ctx, name) == nil {
		t.Error("a running container that is not retired was removed")
	}
	do("retire", runtime.Retire(ctx, name, reconcile.Stop{Grace: 5 * time.Second}))
	if c := find(); c == nil || !c.Retired && c.Live() {
		t.Errorf("retired, shown as %+v", c)
	}
	do("retire again", runtime.Retire(ctx, name, reconcile.Stop{Grace: 5 * time.Second}))
	for c := find(); c != nil && c.Live(); c = find() {
		wait()
	}
	if c := find(); c == nil || c.State != reconcile.ContainerExited || !c.Retired {
		t.Errorf("after its end, shown as %+v", c)
	}
	do("remove", runtime.Remove(ctx, name))
	do("remove again", runtime.Remove(ctx, name))
	if c := find(); c != nil {
		t.Errorf("removed, shown as %+v", c)
	}
	if runtime.Logs(ctx, name+"-never", reconcile.LogOptions{Tail: 1}, io.Discard) == nil {
		t.Error("what never was has a log")
	}
}

func named(list []reconcile.Container, name string) *reconcile.Container {
	for i := range list {
		if list[i].Name == name {
			return &list[i]
		}
	}
	return nil
}
