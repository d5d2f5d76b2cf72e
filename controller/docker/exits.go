package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"

	"github.com/segue-dev/segue/reconcile"
)

// exitsOfThisEngine are the ids of our containers whose exits are in the engine's event history, the last 256 events
// since it started: it has lived on since then.
func (r *Runtime) exitsOfThisEngine(ctx context.Context) (map[string]bool, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	now := time.Now()
	messages, errs := r.cli.Events(ctx, events.ListOptions{
		Since: "0", Until: fmt.Sprintf("%d.%09d", now.Unix(), now.Nanosecond()),
		Filters: filters.NewArgs(
			filters.Arg("type", string(events.ContainerEventType)), filters.Arg("event", string(events.ActionDie)),
			filters.Arg("label", labelOwner+"="+r.options.Owner),
		),
	})
	ids := map[string]bool{}
	for {
		select {
		case message := <-messages:
			ids[message.Actor.ID] = true
		case err := <-errs:
			if err != nil && !errors.Is(err, io.EOF) {
				return nil, fmt.Errorf("read event history: %w", err)
			}
			return ids, nil
		}
	}
}

// exitedAlone tells of each container whether the engine lived on when it exited. The history forgets, so a container
// that has run since before that is as good a witness: none of them outlives an engine that ends its containers.
func (v *view) exitedAlone(all []reconcile.Container) {
	var oldest time.Time
	for _, c := range all {
		if c.State == reconcile.ContainerRunning && (oldest.IsZero() || c.StartedAt.Before(oldest)) {
			oldest = c.StartedAt
		}
	}
	for i := range all {
		c := &all[i]
		witnessed := !oldest.IsZero() && oldest.Before(c.ExitedAt)
		c.ExitAlone = c.State == reconcile.ContainerExited && (c.ExitCounts || v.remembered[c.ID] || witnessed)
	}
}

// remember takes the exits of the engine's history.
func (v *view) remember(ids map[string]bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.remembered, v.sorted = ids, nil
}
