package controller

import (
	"fmt"
	"strings"

	"github.com/segue-dev/segue/reconcile"
)

// reasons are the events of the steps. Warm, Seed and Register are part of one instance's way and tell in one.
var reasons = map[reconcile.StepKind]string{
	reconcile.Pull: "Pulling", reconcile.Start: "Started", reconcile.Register: "Registered", reconcile.Route: "Routed",
	reconcile.Deregister: "Deregistered", reconcile.Retire: "Stopping", reconcile.Remove: "Removed",
	reconcile.Accept: "Accepted", reconcile.Reject: "Rejected",
}

// eventReason is the reason and type of the event of a step that was taken; "" when it is none.
func eventReason(kind reconcile.StepKind) (reason, eventType string) {
	eventType = normal
	if kind == reconcile.Reject {
		eventType = warning
	}
	return reasons[kind], eventType
}

// failureReason is the reason of the event of a step that failed, as StartFailed.
func failureReason(kind reconcile.StepKind) string {
	word := kind.String()
	return strings.ToUpper(word[:1]) + word[1:] + "Failed"
}

// eventMessage is the sentence of the event of a step.
func eventMessage(p *pass, step reconcile.Step) string {
	switch step.Kind {
	case reconcile.Route:
		return fmt.Sprintf("to %s: %s", listOrNobody(step.Serving), step.Reason)
	case reconcile.Pull, reconcile.Accept, reconcile.Reject:
		return fmt.Sprintf("revision %d (%s): %s", p.revisionOf(step.Revision).Number, step.Revision, step.Reason)
	default:
		if reconcile.IsFront(step.Instance) {
			return frontWords(step.Instance) + ": " + step.Reason
		}
		return step.Instance + ": " + step.Reason
	}
}

func listOrNobody(names []string) string {
	if len(names) == 0 {
		return "nobody"
	}
	return strings.Join(names, ", ")
}
