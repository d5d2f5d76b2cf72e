package docker

import (
	"testing"

	"github.com/docker/docker/api/types/events"
)

func TestASignalCountsOnlyBehindTheRename(t *testing.T) {
	message := func(action events.Action, name, value string) events.Message {
		return events.Message{Action: action, Actor: events.Actor{Attributes: map[string]string{name: value}}}
	}
	rename, term, hup, kill := message(events.ActionRename, "name", "orders-1.retired"), message(events.ActionKill, "signal", "15"),
		message(events.ActionKill, "signal", "1"), message(events.ActionKill, "signal", "9")
	for what, test := range map[string]struct {
		history []events.Message
		want    bool
	}{
		"nothing":                            {nil, false},
		"rename alone":                       {[]events.Message{rename}, false},
		"signal behind the rename":           {[]events.Message{rename, term}, true},
		"signal before the rename":           {[]events.Message{term, rename}, false},
		"another signal":                     {[]events.Message{rename, hup}, false},
		"SIGKILL":                            {[]events.Message{rename, kill}, true},
		"the rename fell out of the history": {[]events.Message{term}, true},
		"renamed by hand to something else":  {[]events.Message{rename, term, message(events.ActionRename, "name", "x")}, true},
	} {
		if got := killedAfterRename(test.history, "SIGTERM"); got != test.want {
			t.Errorf("%s: %t", what, got)
		}
	}
	for text, want := range map[string]int{"SIGTERM": 15, "term": 15, "15": 15, "SIGUSR1": 10, "NOPE": 0} {
		if got := signalNumber(text); got != want {
			t.Errorf("%s: %d", text, got)
		}
	}
}
