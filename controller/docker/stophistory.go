package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"
	"golang.org/x/sys/unix"
)

// signaledBefore says whether the engine's event history (the last 256 events since it started) shows the signal
// after the rename. What the history has forgotten is done again.
func (r *Runtime) signaledBefore(ctx context.Context, c container.InspectResponse, signal string) (bool, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	now := time.Now()
	messages, errs := r.cli.Events(ctx, events.ListOptions{
		Since: "0", Until: fmt.Sprintf("%d.%09d", now.Unix(), now.Nanosecond()),
		Filters: filters.NewArgs(
			filters.Arg("container", c.ID),
			filters.Arg("event", string(events.ActionRename)), filters.Arg("event", string(events.ActionKill)),
		),
	})
	var history []events.Message
	for {
		select {
		case message := <-messages:
			history = append(history, message)
		case err := <-errs:
			if err != nil && !errors.Is(err, io.EOF) {
				return false, fmt.Errorf("read event history: %w", err)
			}
			return killedAfterRename(history, signal), nil
		}
	}
}

// killedAfterRename looks for the signal, or SIGKILL, behind the last rename to a retired name.
func killedAfterRename(history []events.Message, signal string) bool {
	signaled := false
	for _, message := range history {
		switch message.Action {
		case events.ActionRename:
			if strings.HasSuffix(message.Actor.Attributes["name"], retiredSuffix) {
				signaled = false
			}
		case events.ActionKill:
			sent, err := strconv.Atoi(message.Actor.Attributes["signal"])
			if err == nil && (sent == signalNumber(signal) || sent == int(unix.SIGKILL)) {
				signaled = true
			}
		}
	}
	return signaled
}

// signalNumber reads SIGTERM, TERM and 15; 0 for what is no signal.
func signalNumber(signal string) int {
	if n, err := strconv.Atoi(signal); err == nil {
		return n
	}
	signal = strings.ToUpper(signal)
	if !strings.HasPrefix(signal, "SIG") {
		signal = "SIG" + signal
	}
	return int(unix.SignalNum(signal))
}
