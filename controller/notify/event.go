package notify

import (
	"slices"
	"strings"
)

// Event is a kind of transition.
type Event string

// The events of a Deployment; those of drift are of an Nginx object, too.
const (
	// RolloutStarted: what is wanted is new, and not there yet.
	RolloutStarted Event = "RolloutStarted"
	// WaitingForPromotion: green is ready and dark.
	WaitingForPromotion Event = "WaitingForPromotion"
	// Converged: all of what is wanted serves, and nothing else is left.
	Converged Event = "Converged"
	// RolledBack: the revision failed or was aborted; the one before serves.
	RolledBack Event = "RolledBack"
	// Failed: the revision failed and there is none to go back to.
	Failed Event = "Failed"
	// Blocked: the engine cannot be read, or the state directory cannot be written. Converged, or what else holds, is told again when that is over.
	Blocked Event = "Blocked"
	// Deleted: nothing is left of it.
	Deleted Event = "Deleted"
	// DriftFound: somebody changed by hand what runs; DriftHealed: it is as it should be again.
	DriftFound  Event = "DriftFound"
	DriftHealed Event = "DriftHealed"
)

// The events of a source.
const (
	// CommitApplied: a commit was taken, and is not there yet.
	CommitApplied Event = "CommitApplied"
	// CommitConverged: all of the commit is there. A directory's is told without a commit.
	CommitConverged Event = "CommitConverged"
	// CommitFailed: the rollout of one of its objects failed; CommitWentBack: and all of it went back.
	CommitFailed   Event = "CommitFailed"
	CommitWentBack Event = "CommitWentBack"
	// SourceRefused: the commit, or a file of the directory, is bad; nothing of it is applied.
	SourceRefused Event = "SourceRefused"
	// SourceUnreadable: it cannot be read, or its branch was rewritten, is gone or empty. What holds is told again when
	// that is over.
	SourceUnreadable Event = "SourceUnreadable"
)

// Events are all of them, as people write them.
var Events = []Event{
	RolloutStarted, WaitingForPromotion, Converged, RolledBack, Failed, Blocked, Deleted, DriftFound, DriftHealed,
	CommitApplied, CommitConverged, CommitFailed, CommitWentBack, SourceRefused, SourceUnreadable,
}

// outcomes are the events in the words of a commit's status; pending where there is none.
var outcomes = map[Event]string{
	Converged: "success", CommitConverged: "success", DriftHealed: "success", Deleted: "success",
	RolledBack: "failure", Failed: "failure", CommitFailed: "failure", CommitWentBack: "failure", SourceRefused: "failure",
	Blocked: "error", SourceUnreadable: "error", DriftFound: "error",
}

// outcome is pending, success, failure or error.
func (e Event) outcome() string {
	if word := outcomes[e]; word != "" {
		return word
	}
	return "pending"
}

// passing: it says nothing about how a rollout goes. Who does not want to hear of it is not told when it is over.
func (e Event) passing() bool { return e == Blocked || e == SourceUnreadable }

func (e Event) known() bool { return slices.Contains(Events, e) }

func listed(events []Event) string {
	words := make([]string, len(events))
	for i, e := range events {
		words[i] = string(e)
	}
	return strings.Join(words, ", ")
}
