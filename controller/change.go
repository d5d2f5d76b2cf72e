package controller

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// The results of a change, as apply prints them.
const (
	resultCreated    = "created"
	resultConfigured = "configured"
	resultUnchanged  = "unchanged"
	resultDeleted    = "deleted"
)

// change is what is to become of one object: worked out first, then committed with others or not at all.
type change struct {
	key    key
	before *object
	// after is nil when the object is to be forgotten. record is a Deployment's, nil when it stays as it is.
	after  *object
	record *record
	// files are the bytes that after.Files names by their sums.
	files  map[string][]byte
	result string
	note   string
}

// author is who asks for a change.
type author struct {
	owner, by, cause string
	// commit is the hash of the commit that asks for it; "" where there is none.
	commit string
}

// proposals works out what the manifests would change. The error is a refusal; nothing is changed yet.
func (o *objects) proposals(manifests []spec.Manifest, who author, now time.Time) ([]change, error) {
	if err := o.validate(manifests); err != nil {
		return nil, refuse(api.Invalid, err.Error())
	}
	changes := make([]change, 0, len(manifests))
	for _, m := range manifests {
		c, err := o.proposal(m, who, now)
		if err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	return changes, nil
}

// validate checks each object by itself and all of them beside those that stay.
func (o *objects) validate(manifests []spec.Manifest) error {
	return o.validateBeside(manifests, o.manifests())
}

// validateBeside checks each object by itself, with what it encrypts, and all of them beside others.
func (o *objects) validateBeside(manifests, others []spec.Manifest) error {
	errs := make([]error, 0, 2*len(manifests)+1)
	for _, m := range manifests {
		opened, err := m.Opened(o.open)
		if err == nil {
			err = opened.ValidateFiles()
		}
		errs = append(errs, m.Validate(), err)
	}
	return spec.Join(append(errs, spec.ValidateSet(manifests, others))...)
}

// proposal works out what one manifest would change.
func (o *objects) proposal(m spec.Manifest, who author, now time.Time) (change, error) {
	k := keyOf(m)
	before := o.get(k)
	c := change{key: k, before: before, files: m.Files, result: resultCreated}
	after := &object{
		Manifest: m, Owner: who.owner, Generation: 1, CreatedAt: now, By: who.by, Cause: who.cause, At: now, Files: sums(m.Files),
		Commit: who.commit,
	}
	after.Manifest.Files = nil
	if before != nil {
		if err := o.mayTake(before, who.owner, k); err != nil {
			return change{}, err
		}
		after.succeed(before)
		c.result = resultConfigured
		if after.sameText(before) && !before.Deleting {
			c.result = resultUnchanged
			after.Generation, after.By, after.Cause, after.At, after.Edits = before.Generation, before.By, before.Cause, before.At, before.Edits
			after.Commit = before.Commit
		} else if len(before.Edits) > 0 {
			c.note = "undoes " + strings.Join(before.Edits, ", ")
		}
	}
	c.after = after
	if k.kind == spec.KindDeployment {
		c.record = o.record(k.name).clone()
		if c.result == resultConfigured {
			c.record.forgive()
		}
		// A revision is named by what the files say, not by how that is encrypted: encrypting them anew rolls nothing.
		opened, err := m.Opened(o.open)
		if err != nil {
			return change{}, refuse(api.Invalid, err.Error())
		}
		c.record.follow(after, spec.RevisionHash(*m.Deployment, opened.Files))
		if c.result == resultUnchanged && c.record.Pinned != "" {
			c.note = fmt.Sprintf("held by %s; segue retry %s follows the manifest again", c.record.Pinned, k.name)
		}
	}
	return c, nil
}

// succeed takes over what lasts from the object before.
func (o *object) succeed(before *object) {
	o.CreatedAt = before.CreatedAt
	o.Generation = before.Generation + 1
	if o.Manifest.Deployment != nil {
		o.Replicas = before.replicas()
		if d := o.Manifest.Deployment; d.Spec.Replicas != nil {
			o.Replicas = *d.Spec.Replicas
		}
	}
}

// sums maps paths to the SHA-256 of their bytes, as PutBlob gives it.
func sums(files map[string][]byte) map[string]string {
	if len(files) == 0 {
		return nil
	}
	all := make(map[string]string, len(files))
	for path, content := range files {
		sum := sha256.Sum256(content)
		all[path] = hex.EncodeToString(sum[:])
	}
	return all
}

// effective are the changes that change something.
func effective(changes []change) []change {
	return slices.DeleteFunc(slices.Clone(changes), func(c change) bool {
		return c.result == resultUnchanged && c.before != nil && c.before.Owner == c.after.Owner && c.before.Manifest.Origin == c.after.Manifest.Origin
	})
}

func applied(changes []change) api.ApplyResult {
	var result api.ApplyResult
	for _, c := range changes {
		one := api.Applied{Kind: c.key.kind, Name: c.key.name, Result: c.result, Note: c.note}
		if c.after != nil {
			one.Generation = c.after.Generation
		}
		result.Items = append(result.Items, one)
	}
	return result
}
