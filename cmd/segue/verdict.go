package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// goal is something whose end is waited for.
type goal struct {
	kind string
	name spec.Name
	// generation is the one that is waited for; an older status says nothing.
	generation int64
	// back: going back is what was asked for (undo, abort).
	back bool
	// promoted: a promotion was asked for, so that one is waited for is yesterday's news.
	promoted bool
	// gone: the object is to vanish.
	gone bool
}

// serversTime is how long servers may be out of sync before that is a failure: they start, they are tried again.
const serversTime = 30 * time.Second

// verdict is how a goal ended.
type verdict struct {
	code exitCode
	text string
}

// judge says how the goal ended; nil while it has not. toTheEnd: what was rejected is waited for until it is cleared
// away, since nobody else goes on with it.
func (g goal) judge(s api.Status, promotable, toTheEnd bool, now time.Time) *verdict {
	switch {
	case g.gone:
		return nil
	case s.Kind != spec.KindDeployment:
		return g.judgeServers(s, now)
	case s.Deployment == nil || s.Deployment.ObservedGeneration < g.generation:
		return nil
	}
	d := s.Deployment
	waits := d.Phase == reconcile.WaitingForPromotion.String()
	rejected := d.Rejected != nil && d.Rejected.Hash == d.Hash
	switch {
	case toTheEnd && !d.Settled && !waits, waits && g.promoted:
		return nil
	case g.back && (d.Phase == reconcile.RolledBack.String() || d.Phase == reconcile.Converged.String()):
		if !d.Settled {
			return nil
		}
		return &verdict{exitDone, fmt.Sprintf("deployment %q went back to revision %d", s.Name, d.TargetRevision)}
	case g.back:
		return nil
	case rejected && d.TargetRevision != d.Revision:
		return &verdict{exitRolledBack, fmt.Sprintf("deployment %q %s revision %d: revision %d was rejected: %s", s.Name, goesBack(d), d.TargetRevision, d.Revision, d.Rejected.Reason)}
	case d.Settled && (rejected || d.Phase == reconcile.Failed.String()):
		return &verdict{exitFailed, fmt.Sprintf("deployment %q failed: %s", s.Name, failure(d))}
	case d.Settled && d.Phase == reconcile.RolledBack.String():
		return &verdict{exitRolledBack, fmt.Sprintf("deployment %q was rolled back to revision %d: %s", s.Name, d.TargetRevision, d.Reason)}
	case waits && promotable:
		return &verdict{exitDone, fmt.Sprintf("deployment %q revision %d is ready and dark; segue promote %s switches to it", s.Name, d.Revision, s.Name)}
	case waits:
		return &verdict{exitPromotion, fmt.Sprintf("deployment %q waits for promotion: segue promote %s", s.Name, s.Name)}
	case d.Phase == reconcile.Converged.String() && (d.Settled || accepted(d) && d.LiveReplicas == d.Replicas):
		return &verdict{exitDone, fmt.Sprintf("deployment %q successfully rolled out", s.Name)}
	case s.Deleting:
		return &verdict{exitFailed, fmt.Sprintf("deployment %q is being deleted", s.Name)}
	default:
		return nil
	}
}

// accepted says that the wanted revision serves in the place of all before it. What is left then are stopped containers,
// which are kept until their leases are sure not to come back.
func accepted(d *api.DeploymentStatus) bool {
	return d.TargetRevision == d.Revision && slices.ContainsFunc(d.History, func(h api.History) bool {
		return h.Revision == d.Revision && h.Hash == d.Hash && h.Result == "accepted"
	})
}

// goesBack says whether the way back is behind or ahead.
func goesBack(d *api.DeploymentStatus) string {
	if d.Settled {
		return "was rolled back to"
	}
	return "goes back to"
}

func failure(d *api.DeploymentStatus) string {
	if d.Rejected != nil {
		return fmt.Sprintf("revision %d was rejected: %s", d.Rejected.Revision, d.Rejected.Reason)
	}
	return d.Reason
}

// judgeServers is about an Nginx or Eureka object: it is done when its servers say so, and failed when they have said
// no for a while.
func (g goal) judgeServers(s api.Status, now time.Time) *verdict {
	kind, conditions, observed := "", []api.Condition(nil), int64(0)
	switch {
	case s.Nginx != nil:
		kind, conditions, observed = api.ConditionNginxSynced, s.Nginx.Conditions, s.Nginx.ObservedGeneration
	case s.Eureka != nil:
		kind, conditions, observed = api.ConditionEurekaSynced, s.Eureka.Conditions, s.Eureka.ObservedGeneration
	}
	if observed < g.generation {
		return nil
	}
	for _, condition := range conditions {
		if condition.Type != kind {
			continue
		}
		switch {
		case condition.Status == "True":
			return &verdict{exitDone, fmt.Sprintf("%s %q is in sync", lower(s.Kind), s.Name)}
		case condition.Status == "False" && now.Sub(condition.LastTransitionTime) >= serversTime:
			return &verdict{exitFailed, fmt.Sprintf("%s %q is not in sync: %s", lower(s.Kind), s.Name, condition.Message)}
		}
	}
	return nil
}

// worst is the code of several goals: what failed counts more than what was rolled back, and that more than a wait.
func worst(verdicts []verdict) exitCode {
	order := []exitCode{exitFailed, exitRolledBack, exitTimedOut, exitPromotion}
	for _, code := range order {
		for _, v := range verdicts {
			if v.code == code {
				return code
			}
		}
	}
	return exitDone
}
