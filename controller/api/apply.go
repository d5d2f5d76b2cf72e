package api

import (
	"github.com/segue-dev/segue/spec"
)

// ApplyRequest asks for manifests to be kept and followed.
type ApplyRequest struct {
	Manifests []spec.Manifest `json:"manifests"`
	// Owner is who speaks: OwnerApply for the command, a source's name otherwise.
	Owner string `json:"owner"`
	// By is the person; the server fills it in from the socket's peer credentials.
	By     string `json:"by,omitempty"`
	Cause  string `json:"cause,omitempty"`
	DryRun bool   `json:"dryRun,omitempty"`
	// Deletions are planned, too; Apply ignores them.
	Deletions []DeleteRequest `json:"deletions,omitempty"`
}

// OwnerApply is the owner of what was applied by hand.
const OwnerApply = "apply"

// ApplyResult says what became of each object.
type ApplyResult struct {
	Items []Applied `json:"items"`
}

// Applied is what became of one object.
type Applied struct {
	Kind string    `json:"kind"`
	Name spec.Name `json:"name"`
	// Result is created, configured, unchanged, deleted or an intent's past participle (paused, promoted, …).
	Result string `json:"result"`
	// Generation is the object's after this.
	Generation int64 `json:"generation"`
	// Note is one more sentence for the person; "" when there is nothing to add.
	Note string `json:"note,omitempty"`
}

// DeleteRequest names what is to be deleted.
type DeleteRequest struct {
	Kind  string    `json:"kind"`
	Name  spec.Name `json:"name"`
	Owner string    `json:"owner"`
	By    string    `json:"by,omitempty"`
	// Orphans: labelled containers that no object claims are meant, by their Deployment's name.
	Orphans bool `json:"orphans,omitempty"`
}
