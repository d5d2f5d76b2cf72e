package docker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"
)

const (
	// slowPoll is how often the list is compared though no event came.
	slowPoll = 30 * time.Second
	// The stream is asked for again after reconnectFirst, then twice as long each time, up to reconnectLast.
	reconnectFirst = 100 * time.Millisecond
	reconnectLast  = 5 * time.Second
	// replay is how far back the stream begins: the engine answers before it listens, so what happens in between
	// would be lost.
	replay = 2 * time.Second
)

// followed are the events that can change what the view says.
var followed = filters.NewArgs(
	filters.Arg("type", string(events.ContainerEventType)),
	filters.Arg("type", string(events.NetworkEventType)),
	filters.Arg("event", string(events.ActionCreate)),
	filters.Arg("event", string(events.ActionStart)),
	filters.Arg("event", string(events.ActionDie)),
	filters.Arg("event", string(events.ActionOOM)),
	filters.Arg("event", string(events.ActionPause)),
	filters.Arg("event", string(events.ActionUnPause)),
	filters.Arg("event", string(events.ActionRename)),
	filters.Arg("event", string(events.ActionDestroy)),
	filters.Arg("event", string(events.ActionHealthStatus)),
	filters.Arg("event", string(events.ActionConnect)),
	filters.Arg("event", string(events.ActionDisconnect)),
)

// keepFollowing connects to the event stream again and again until ctx ends.
func (r *Runtime) keepFollowing(ctx context.Context, changed func(deployment string)) {
	wait := reconnectFirst
	for {
		connected := time.Now()
		err := r.follow(ctx, changed)
		r.view.disconnect()
		if ctx.Err() != nil {
			return
		}
		if time.Since(connected) > reconnectLast {
			wait = reconnectFirst
		}
		r.log.Info("event stream lost", "reason", err.Error(), "again", wait.String())
		changed("")
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
		wait = min(2*wait, reconnectLast)
	}
}

// follow connects, reads everything anew, and then follows the events. It returns why it stopped, never nil.
func (r *Runtime) follow(ctx context.Context, changed func(deployment string)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	since := time.Now().Add(-replay)
	messages, errs := r.cli.Events(ctx, events.ListOptions{
		Since:   fmt.Sprintf("%d.%09d", since.Unix(), since.Nanosecond()),
		Filters: followed,
	})
	select {
	case err := <-errs:
		return fmt.Errorf("connect to the event stream: %w", err)
	default:
	}
	r.view.connect(time.Now())
	remembered, err := r.exitsOfThisEngine(ctx)
	if err != nil {
		r.log.V(1).Info("event history not read", "reason", err.Error())
	}
	r.view.remember(remembered)
	if err := r.poll(ctx, func(string) {}); err != nil {
		return err
	}
	changed("")
	for {
		select {
		case err := <-errs:
			return lost(err)
		case message := <-messages:
			r.absorb(ctx, gather(message, messages), changed)
		}
	}
}

func lost(err error) error {
	if err == nil {
		err = errors.New("closed")
	}
	return fmt.Errorf("follow the event stream: %w", err)
}

// gather adds what has come in the meantime, so that a burst is read once.
func gather(first events.Message, more <-chan events.Message) []events.Message {
	all := []events.Message{first}
	for len(all) < 256 {
		select {
		case message := <-more:
			all = append(all, message)
		default:
			return all
		}
	}
	return all
}

// absorb inspects the containers that the messages name and then says whose they are.
func (r *Runtime) absorb(ctx context.Context, messages []events.Message, changed func(deployment string)) {
	named := map[string]string{}
	for _, message := range messages {
		id, name, labels := subject(message)
		deployment, relevant := r.view.concerns(id, name, labels)
		if !relevant {
			continue
		}
		if message.Action == events.ActionDestroy {
			r.stops.forget(id)
		}
		r.view.touch(id)
		named[id] = deployment
	}
	if len(named) == 0 {
		return
	}
	if err := r.view.refresh(ctx, named); err != nil {
		// Nothing is answered from what may be old; who asks next reads, and gets the error.
		r.view.invalidate()
		if ctx.Err() == nil {
			r.log.Info("snapshot not refreshed", "reason", err.Error())
		}
	}
	told := map[string]bool{}
	for _, deployment := range named {
		if !told[deployment] {
			told[deployment] = true
			changed(deployment)
		}
	}
}

// subject is the container that an event is about, with its labels where the event has them. The events of a network
// name the container in an attribute.
func subject(m events.Message) (id, name string, labels map[string]string) {
	if m.Type == events.NetworkEventType {
		return m.Actor.Attributes["container"], "", nil
	}
	return m.Actor.ID, strings.TrimPrefix(m.Actor.Attributes["name"], "/"), m.Actor.Attributes
}

// poll compares the list with the view.
func (r *Runtime) poll(ctx context.Context, changed func(deployment string)) error {
	if err := r.view.lock(ctx); err != nil {
		return err
	}
	defer r.view.unlock()
	_, _, differs, err := r.view.read(ctx, everyone)
	if err == nil && differs {
		changed("")
	}
	return err
}

// keepPolling is the net below the event stream.
func (r *Runtime) keepPolling(ctx context.Context, changed func(deployment string)) {
	ticker := time.NewTicker(slowPoll)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := r.poll(ctx, changed); err != nil && ctx.Err() == nil {
			r.view.invalidate()
			r.log.Info("slow poll failed", "reason", err.Error())
			changed("")
		}
	}
}
