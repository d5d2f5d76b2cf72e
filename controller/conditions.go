package controller

import (
	"fmt"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// The statuses of a condition.
const (
	conditionTrue    = "True"
	conditionFalse   = "False"
	conditionUnknown = "Unknown"
)

// conditions grow one by one; a condition whose status is as it was keeps its time.
type conditions struct {
	before, list []api.Condition
	now          time.Time
}

func (c *conditions) add(kind, status, reason, message string) {
	one := api.Condition{Type: kind, Status: status, Reason: reason, Message: message, LastTransitionTime: c.now}
	for _, old := range c.before {
		if old.Type == kind && old.Status == status {
			one.LastTransitionTime = old.LastTransitionTime
		}
	}
	c.list = append(c.list, one)
}

// conditionsOf are a Deployment's.
func conditionsOf(p *pass, s *api.DeploymentStatus, before []api.Condition) []api.Condition {
	c := &conditions{before: before, now: p.began}
	c.progressing(p)
	if s.AvailableReplicas >= s.Replicas {
		c.add(api.ConditionAvailable, conditionTrue, "MinimumReplicasAvailable", fmt.Sprintf("%d of %d are available", s.AvailableReplicas, s.Replicas))
	} else {
		c.add(api.ConditionAvailable, conditionFalse, "MinimumReplicasUnavailable", fmt.Sprintf("%d of %d are available", s.AvailableReplicas, s.Replicas))
	}
	if p.memory.startFailed.State == reconcile.WishFailed {
		c.add(api.ConditionReplicaFailure, conditionTrue, "FailedCreate", p.memory.startFailed.Reason)
	}
	if p.target.Deployment.Spec.Strategy.Type == spec.BlueGreen {
		if p.decision.Phase == reconcile.WaitingForPromotion {
			c.add(api.ConditionPromoted, conditionFalse, "WaitingForPromotion", p.decision.Reason)
		} else {
			c.add(api.ConditionPromoted, conditionTrue, "Promoted", "nothing waits for promotion")
		}
	}
	if p.goesBack() {
		c.add(api.ConditionRolledBack, conditionTrue, "RolledBack", p.decision.Reason)
	}
	c.synced(p)
	c.drift(p)
	for _, route := range sortedKeys(p.conflicts) {
		c.add(api.ConditionRouteConflict, conditionTrue, "Claimed", fmt.Sprintf("route %s belongs to %s, which is older; delete it or change the route", route, p.conflicts[route]))
		break
	}
	return c.list
}

// goesBack: the steps lead to another revision than the wanted one.
func (p *pass) goesBack() bool {
	return p.decision.Target != "" && p.decision.Target != p.desired.Wanted.Hash
}

func (c *conditions) progressing(p *pass) {
	rejected := p.record.Rejected != nil && p.record.Rejected.Revision.Hash == p.desired.Wanted.Hash
	switch {
	case p.notKept != "":
		c.add(api.ConditionProgressing, conditionUnknown, api.ReasonNotKept, p.notKept)
	case rejected:
		c.add(api.ConditionProgressing, conditionFalse, "ProgressDeadlineExceeded", p.record.Rejected.Reason)
	case p.decision.Phase == reconcile.Blocked:
		c.add(api.ConditionProgressing, conditionUnknown, "Blocked", p.decision.Reason)
	case p.decision.Phase == reconcile.Paused:
		c.add(api.ConditionProgressing, conditionUnknown, "DeploymentPaused", p.decision.Reason)
	case p.decision.Phase == reconcile.Converged:
		c.add(api.ConditionProgressing, conditionTrue, "NewReplicaSetAvailable", p.decision.Reason)
	default:
		c.add(api.ConditionProgressing, conditionTrue, "ReplicaSetUpdated", p.decision.Reason)
	}
}

// synced are the conditions of what is around the Deployment.
func (c *conditions) synced(p *pass) {
	routePending := p.hasStep(reconcile.Route)
	if len(p.observed.Nginx) > 0 {
		status, reason, message := conditionTrue, "Serving", "every server serves what is wanted"
		switch {
		case p.observed.RouteWish.State == reconcile.WishFailed:
			status, reason, message = conditionFalse, "RouteFailed", p.observed.RouteWish.Reason
		case routePending || p.observed.RouteWish.State == reconcile.WishPending:
			status, reason, message = conditionFalse, "Routing", "a change is under way"
		}
		for _, server := range p.observed.Nginx {
			switch {
			case server.State == reconcile.ServerUnknown:
				status, reason, message = conditionUnknown, "ServerUnknown", server.Name+": "+server.Reason
			case server.State == reconcile.ServerUp && server.Included == reconcile.No && p.routeIsWritten():
				c.add(api.ConditionWaitingForInclude, conditionTrue, "NotIncluded", "nginx "+server.Name+" does not include segue's files yet; segue describe nginx shows the lines")
			}
		}
		c.add(api.ConditionNginxSynced, status, reason, message)
	}
	if len(p.observed.Eureka) > 0 {
		status, reason, message := conditionTrue, "Registered", "every server shows what is wanted"
		if p.hasStep(reconcile.Register) || p.hasStep(reconcile.Deregister) {
			status, reason, message = conditionFalse, "Registering", "a change is under way"
		}
		for _, server := range p.observed.Eureka {
			if server.State == reconcile.ServerUnknown {
				status, reason, message = conditionUnknown, "ServerUnknown", server.URL+": "+server.Reason
			}
		}
		c.add(api.ConditionEurekaSynced, status, reason, message)
	}
}

// routeIsWritten: whoever includes the files now finds the Deployment in them. Before that the lines would lead nowhere.
func (p *pass) routeIsWritten() bool {
	wish := p.observed.RouteWish
	return wish.State == reconcile.WishDone || wish.State == reconcile.WishPending && wish.Written
}

func (p *pass) hasStep(kind reconcile.StepKind) bool {
	for _, step := range p.decision.Steps {
		if step.Kind == kind {
			return true
		}
	}
	return false
}
