package api

import (
	"time"

	"github.com/segue-dev/segue/spec"
)

// Status is one object as it is wanted and as it is. It is never changed after it was published.
type Status struct {
	Kind string    `json:"kind"`
	Name spec.Name `json:"name"`
	// Owner is apply, a source's name, or "" for an unowned object.
	Owner    string        `json:"owner"`
	Manifest spec.Manifest `json:"manifest"`
	// Generation counts the manifest's changes; CreatedAt is when the object was first kept.
	Generation int64     `json:"generation"`
	CreatedAt  time.Time `json:"createdAt"`
	Deleting   bool      `json:"deleting,omitempty"`
	// By and Cause say who asked for this generation, and why; Commit is the hash of the commit that brought it, "" where
	// none did.
	By     string `json:"by,omitempty"`
	Cause  string `json:"cause,omitempty"`
	Commit string `json:"commit,omitempty"`
	// Exactly one of these is set.
	Deployment *DeploymentStatus `json:"deployment,omitempty"`
	Nginx      *NginxStatus      `json:"nginx,omitempty"`
	Eureka     *EurekaStatus     `json:"eureka,omitempty"`
	Source     *SourceStatus     `json:"source,omitempty"`
}
