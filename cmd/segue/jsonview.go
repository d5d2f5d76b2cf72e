package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/segue-dev/segue/controller/api"
)

// jsonView prints one JSON value a line for each change, and words on stderr.
type jsonView struct {
	out, err io.Writer
	told     map[string][]byte
}

// waitEvent is one line of -o json of a wait.
type waitEvent struct {
	At         time.Time `json:"at,omitzero"`
	Kind       string    `json:"kind"`
	Namespace  string    `json:"namespace"`
	Name       string    `json:"name"`
	Generation int64     `json:"generation"`
	// Status is the kind's status, as in get -o json.
	Status any `json:"status,omitempty"`
	// Result and ExitCode are in the last line of each object: Done, Failed, TimedOut, WaitingForPromotion, RolledBack
	// or Interrupted.
	Result   string    `json:"result,omitempty"`
	ExitCode *exitCode `json:"exitCode,omitempty"`
	Message  string    `json:"message,omitempty"`
}

var results = map[exitCode]string{
	exitDone: "Done", exitFailed: "Failed", exitTimedOut: "TimedOut", exitPromotion: "WaitingForPromotion",
	exitRolledBack: "RolledBack", exitInterrupted: "Interrupted",
}

func (j *jsonView) show(open []api.Status, now time.Time) {
	for _, status := range open {
		j.tell(eventOf(status), now)
	}
}

func (j *jsonView) conclude(last api.Status, v verdict, now time.Time) {
	event := eventOf(last)
	event.Result, event.ExitCode, event.Message = results[v.code], &v.code, v.text
	j.tell(event, now)
	fmt.Fprintln(j.err, v.text)
}

func eventOf(status api.Status) waitEvent {
	return waitEvent{Kind: status.Kind, Namespace: status.Name.Namespace, Name: status.Name.Name, Generation: status.Generation, Status: statusOf(status)}
}

// tell leaves out what it said before.
func (j *jsonView) tell(event waitEvent, now time.Time) {
	text, err := json.Marshal(event)
	if err != nil {
		fmt.Fprintln(j.err, "error: write status:", err)
		return
	}
	if j.told == nil {
		j.told = map[string][]byte{}
	}
	key := event.Kind + "/" + event.Namespace + "/" + event.Name
	if bytes.Equal(j.told[key], text) {
		return
	}
	j.told[key] = text
	event.At = now
	text, _ = json.Marshal(event) // it worked without the time
	fmt.Fprintf(j.out, "%s\n", text)
}
