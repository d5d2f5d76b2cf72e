package api

import (
	"github.com/segue-dev/segue/spec"
)

// The verbs of an Intent.
const (
	Pause    = "pause"
	Resume   = "resume"
	Promote  = "promote"
	Abort    = "abort"
	Retry    = "retry"
	Restart  = "restart"
	Undo     = "undo"
	Scale    = "scale"
	SetImage = "set image"
)

// Intent is what a person wants of one Deployment.
type Intent struct {
	Verb string    `json:"verb"`
	Name spec.Name `json:"name"`
	By   string    `json:"by,omitempty"`
	// ToRevision is undo's; 0 means the previous one unless HasRevision.
	ToRevision  int    `json:"toRevision,omitempty"`
	HasRevision bool   `json:"hasRevision,omitempty"`
	Replicas    int    `json:"replicas,omitempty"`
	Image       string `json:"image,omitempty"`
	Cause       string `json:"cause,omitempty"`
}
