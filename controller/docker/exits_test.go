package docker

import (
	"testing"
	"time"

	"github.com/docker/docker/api/types/events"

	"github.com/segue-dev/segue/reconcile"
)

// TestWhatExitedAlone: an exit is no engine's restart when the engine remembers it, or another container has outlived it.
func TestWhatExitedAlone(t *testing.T) {
	e, r := newStubEngine(t, 0)
	e.history = []events.Message{{Type: events.ContainerEventType, Action: events.ActionDie, Actor: events.Actor{ID: "remembered"}}}
	remembered, err := r.exitsOfThisEngine(t.Context())
	if err != nil || len(remembered) != 1 {
		t.Fatalf("history %v, %v", remembered, err)
	}
	r.view.remember(remembered)
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	exited := func(id string, counts bool) reconcile.Container {
		return reconcile.Container{Name: id, ID: id, State: reconcile.ContainerExited, ExitedAt: noon, ExitCounts: counts}
	}
	running := func(since time.Time) reconcile.Container {
		return reconcile.Container{Name: "other", ID: "other", State: reconcile.ContainerRunning, StartedAt: since}
	}
	for name, test := range map[string]struct {
		all  []reconcile.Container
		want bool
	}{
		"seen to exit":            {[]reconcile.Container{exited("a", true)}, true},
		"remembered":              {[]reconcile.Container{exited("remembered", false)}, true},
		"nobody knows":            {[]reconcile.Container{exited("a", false)}, false},
		"another has outlived it": {[]reconcile.Container{exited("a", false), running(noon.Add(-time.Hour)), running(noon.Add(time.Hour))}, true},
		"others started later":    {[]reconcile.Container{exited("a", false), running(noon.Add(time.Second))}, false},
	} {
		r.view.exitedAlone(test.all)
		if got := test.all[0].ExitAlone; got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
