package controller

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// object is the desired state of one object, as last accepted from its owner. A kept object is never changed: a
// change is another value in its place.
type object struct {
	// Manifest has no Files; their bytes are blobs.
	Manifest spec.Manifest     `json:"manifest"`
	Files    map[string]string `json:"files,omitempty"`
	// Owner is api.OwnerApply, a source's name, or "" when its source no longer holds it.
	Owner      string    `json:"owner"`
	Generation int64     `json:"generation"`
	CreatedAt  time.Time `json:"createdAt"`
	// Deleting: instances are drained and removed, then the object is forgotten.
	Deleting bool `json:"deleting,omitempty"`
	// Orphan: it was made for containers that no object claimed, to delete them.
	Orphan bool `json:"orphan,omitempty"`
	// By, Cause and At say who asked for this generation, why and when.
	By    string    `json:"by,omitempty"`
	Cause string    `json:"cause,omitempty"`
	At    time.Time `json:"at"`
	// Commit is the hash of the commit that brought this generation; "" where none did.
	Commit string `json:"commit,omitempty"`
	// Replicas is the count that holds while the manifest of a Deployment names none.
	Replicas int `json:"replicas,omitempty"`
	// Edits are what set image and scale changed since its owner last wrote it, in words.
	Edits []string `json:"edits,omitempty"`
}

// sameText answers whether both say the same; where it was written does not matter.
func (o *object) sameText(other *object) bool {
	a, b := o.text(), other.text()
	return bytes.Equal(a, b)
}

func (o *object) text() []byte {
	m := o.Manifest
	m.Origin, m.Files, m.Positions = "", nil, nil
	text, err := json.Marshal(struct {
		Manifest spec.Manifest
		Files    map[string]string
	}{m, o.Files})
	if err != nil {
		panic(fmt.Sprintf("write a manifest as JSON: %v", err)) // it was read from JSON or YAML: cannot happen
	}
	return text
}

// where is how a person finds its text: FILE:LINE, else its owner.
func (o *object) where() string {
	if o.Manifest.Origin != "" {
		return o.Manifest.Origin
	}
	return o.Owner
}

// replicas is how many instances are wanted, for a Deployment.
func (o *object) replicas() int {
	if d := o.Manifest.Deployment; d != nil && d.Spec.Replicas != nil {
		return *d.Spec.Replicas
	}
	if o.Replicas > 0 {
		return o.Replicas
	}
	return 1
}

// mayBeTakenBy is nil when owner may write the object, else the refusal. The first owner wins; a source takes what was
// applied by hand, anybody takes what is unowned.
func (o *object) mayBeTakenBy(owner string, k key) error {
	switch {
	case o.Owner == owner || o.Owner == "" || o.Owner == api.OwnerApply:
		return nil
	case owner == api.OwnerApply:
		return refuse(api.Owned, fmt.Sprintf("%s is owned by %s; change it in %s", k, o.Owner, o.where()))
	default:
		return refuse(api.Owned, fmt.Sprintf("%s is owned by %s already (%s); take it out of one of the two", k, o.Owner, o.where()))
	}
}
