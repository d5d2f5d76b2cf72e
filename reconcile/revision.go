package reconcile

import (
	"time"

	"github.com/segue-dev/segue/spec"
)

// Revision is a Deployment as it was once wanted, whole, so that undo can bring it back.
type Revision struct {
	// Hash identifies it: spec's revision hash and, after a restart, its count.
	Hash string `json:"hash"`
	// Number counts the Deployment's revisions from 1; 0 is what was adopted.
	Number int `json:"number"`
	// Deployment is as written, without defaults.
	Deployment spec.Deployment `json:"deployment"`
	// Files maps the paths that it names to the SHA-256 of their bytes, which the store keeps.
	Files map[string]string `json:"files,omitempty"`
	// Image is what the image resolved to when the revision was first pulled; "" before.
	Image string `json:"image,omitempty"`
	// Cause, By and At say why, by whom and when it was asked for.
	Cause string    `json:"cause,omitempty"`
	By    string    `json:"by,omitempty"`
	At    time.Time `json:"at,omitzero"`
}
