package api

import "time"

// Condition types; reasons are Kubernetes' where they fit.
const (
	ConditionProgressing       = "Progressing"
	ConditionAvailable         = "Available"
	ConditionReplicaFailure    = "ReplicaFailure"
	ConditionPromoted          = "Promoted"
	ConditionRolledBack        = "RolledBack"
	ConditionNginxSynced       = "NginxSynced"
	ConditionEurekaSynced      = "EurekaSynced"
	ConditionRouteConflict     = "RouteConflict"
	ConditionWaitingForInclude = "WaitingForInclude"
	// ConditionDrift is about what somebody changed by hand in what runs.
	ConditionDrift = "Drift"
	// ConditionReady is a source's: everything that it holds is applied.
	ConditionReady = "Ready"
)

// Condition is one statement about an object; LastTransitionTime changes only when Status does.
type Condition struct {
	Type string `json:"type"`
	// Status is True, False or Unknown.
	Status             string    `json:"status"`
	Reason             string    `json:"reason"`
	Message            string    `json:"message"`
	LastTransitionTime time.Time `json:"lastTransitionTime"`
}
