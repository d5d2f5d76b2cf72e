package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/docker"
	"github.com/segue-dev/segue/spec"
)

// exitCode is how the command ended, for scripts.
type exitCode int

// The exit codes. docs/commands.md shows this table.
const (
	// exitDone: what was asked for is so.
	exitDone exitCode = 0
	// exitFailed: it is not, or there is no such object; of diff: there is a difference.
	exitFailed exitCode = 1
	// exitUsage: a bad flag, a bad manifest, or an object that is somebody else's to change. Nothing was changed.
	exitUsage exitCode = 2
	// exitTimedOut: --timeout ended first. A daemon's rollout goes on.
	exitTimedOut exitCode = 3
	// exitPromotion: green is ready and dark, and waits for segue promote.
	exitPromotion exitCode = 4
	// exitRolledBack: the revision was rejected, and the one before serves.
	exitRolledBack exitCode = 5
	// exitLocked: another controller holds the state directory, the engine or the socket.
	exitLocked exitCode = 6
	// exitInterrupted: Ctrl-C, as shells have it (128 + SIGINT).
	exitInterrupted exitCode = 130
)

// ended is an outcome that is not exitDone. Its text is for stderr; "" when everything was said.
type ended struct {
	code exitCode
	text string
}

func (e *ended) Error() string { return e.text }

// usage is a refusal of what was written on the command line.
func usage(format string, args ...any) error {
	return &ended{code: exitUsage, text: fmt.Sprintf(format, args...)}
}

// codeOf gives every error its exit code: the only place that does.
func codeOf(err error) exitCode {
	var end *ended
	var refusal *api.Refusal
	var engine *docker.Refusal
	var problems spec.Problems
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &end):
		return end.code
	case errors.As(err, &problems):
		return exitUsage
	case errors.As(err, &refusal):
		return codeOfRefusal(refusal.Kind)
	case errors.As(err, &engine) && engine.Owner != "":
		return exitLocked
	case errors.As(err, &engine):
		return exitUsage
	case errors.Is(err, context.DeadlineExceeded):
		return exitTimedOut
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	default:
		return exitFailed
	}
}

func codeOfRefusal(kind api.RefusalKind) exitCode {
	switch kind {
	case api.Invalid, api.Owned:
		return exitUsage
	case api.Locked:
		return exitLocked
	default:
		return exitFailed
	}
}

// textOf is what stderr gets of an error.
func textOf(err error, code exitCode) string {
	var end *ended
	var problems spec.Problems
	switch {
	case err == nil:
		return ""
	case errors.As(err, &end):
		return strings.TrimSpace(err.Error()) // also what was joined to it
	case errors.As(err, &problems):
		return problems.Error() + "; nothing was changed"
	case code == exitTimedOut:
		return "error: timed out; --timeout allows more"
	case code == exitInterrupted:
		return ""
	default:
		return "error: " + err.Error()
	}
}
