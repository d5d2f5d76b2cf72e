package controller

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// participles are what an intent's result says.
var participles = map[string]string{
	api.Pause: "paused", api.Resume: "resumed", api.Promote: "promoted", api.Abort: "aborted", api.Retry: "retried",
	api.Restart: "restarted", api.Undo: "rolled back", api.Scale: "scaled", api.SetImage: "image updated",
}

// intentReasons are the reasons of their events.
var intentReasons = map[string]string{
	api.Pause: "PauseAsked", api.Resume: "Resumed", api.Promote: "Promoted", api.Abort: "Aborted", api.Retry: "Retried",
	api.Restart: "Restarted", api.Undo: "Undone", api.Scale: "Scaled", api.SetImage: "ImageSet",
}

// Intend keeps what a person wants of a Deployment beside its manifest. scale and set image change the manifest, so
// they are the owner's.
func (c *Controller) Intend(_ context.Context, intent api.Intent) (api.ApplyResult, error) {
	if err := c.writable(); err != nil {
		return api.ApplyResult{}, err
	}
	k := deploymentKey(intent.Name)
	c.objects.writing.Lock()
	defer c.objects.writing.Unlock()
	before := c.objects.get(k)
	if before == nil {
		return api.ApplyResult{}, refuse(api.NotFound, k.String()+" not found")
	}
	if before.Deleting {
		return api.ApplyResult{}, refuse(api.Invalid, k.String()+" is being deleted")
	}
	after := *before
	one := change{key: k, before: before, after: &after, record: c.objects.record(k.name).clone(), result: participles[intent.Verb]}
	if err := c.intend(&one, intent); err != nil {
		return api.ApplyResult{}, err
	}
	if err := c.objects.commit([]change{one}); err != nil {
		return api.ApplyResult{}, err
	}
	c.journal.note(k, normal, intentReasons[intent.Verb], intentMessage(intent, one), intent.By)
	c.touch(k)
	c.reclaim()
	return applied([]change{one}), nil
}

func intentMessage(intent api.Intent, one change) string {
	switch intent.Verb {
	case api.Scale:
		return fmt.Sprintf("%d replicas", intent.Replicas)
	case api.SetImage:
		return "image " + intent.Image
	default:
		return strings.TrimSpace(fmt.Sprintf("revision %d %s", one.record.Wanted.Number, intent.Cause))
	}
}

func (c *Controller) intend(one *change, intent api.Intent) error {
	r := one.record
	switch intent.Verb {
	case api.Pause:
		r.Paused = true
	case api.Resume:
		r.Paused = false
	case api.Promote:
		return c.promote(one)
	case api.Abort:
		return c.abort(one)
	case api.Retry:
		return c.retry(one)
	case api.Restart:
		return c.restart(one, intent)
	case api.Undo:
		return c.undo(one, intent)
	case api.Scale, api.SetImage:
		return c.edit(one, intent)
	default:
		return refuse(api.Invalid, fmt.Sprintf("%q is not a verb", intent.Verb))
	}
	return nil
}

// promote lets the wanted revision take over.
func (c *Controller) promote(one *change) error {
	if last, ok := lastOf(one.record.Accepted); ok && last.Hash == one.record.Wanted.Hash {
		return refuse(api.Invalid, fmt.Sprintf("%s: revision %d serves already; nothing waits for promotion", one.key, last.Number))
	}
	one.record.Promoted = one.record.Wanted.Hash
	return nil
}

// abort gives the wanted revision up: the last accepted one is gone back to.
func (c *Controller) abort(one *change) error {
	r := one.record
	if last, ok := lastOf(r.Accepted); ok && last.Hash == r.Wanted.Hash {
		return refuse(api.Invalid, fmt.Sprintf("%s: no rollout is under way; segue rollout undo goes back from revision %d", one.key, last.Number))
	}
	r.Aborted, r.Pinned, r.Promoted = r.Wanted.Hash, api.Abort, ""
	r.settleAttempt(r.Wanted.Hash, resultAborted)
	return nil
}

// retry tries what was rejected, aborted or undone once more. A rejected image is resolved anew.
func (c *Controller) retry(one *change) error {
	r := one.record
	if r.Rejected == nil && r.Aborted == "" && r.Pinned == "" {
		if source := c.objects.source(one.before.Owner); source != nil && source.WentBack != nil {
			return refuse(api.Invalid, fmt.Sprintf("%s went back with all of %s; segue reconcile %s --retry tries that again", one.key, wordsOf(source.WentBack.Commit), source.Name))
		}
		return refuse(api.Invalid, fmt.Sprintf("%s: nothing was rejected, aborted or undone", one.key))
	}
	r.forgive()
	for i := range r.Others {
		if r.Others[i].Revision.Hash == r.Wanted.Hash {
			r.Others[i].Revision.Image, r.Wanted.Image = "", ""
			r.Others[i].Result = resultProgressing
		}
	}
	return c.followText(one)
}

// restart makes a revision of the same text.
func (c *Controller) restart(one *change, intent api.Intent) error {
	hash, err := c.hashOf(one.after)
	if err != nil {
		return err
	}
	r := one.record
	r.Restarts++
	r.RestartOf = hash
	one.after.By, one.after.At, one.after.Cause = intent.By, time.Now(), orElse(intent.Cause, "restart")
	one.after.Generation++
	r.Undo, r.UndoFrom, r.Pinned = nil, "", ""
	return c.followText(one)
}

func orElse(first, second string) string {
	if first != "" {
		return first
	}
	return second
}

// undo pins an earlier revision: the manifest's own is not tried again until its text changes.
func (c *Controller) undo(one *change, intent api.Intent) error {
	r := one.record
	to, err := undoTarget(r, intent, one.key)
	if err != nil {
		return err
	}
	base, err := c.hashOf(one.after)
	if err != nil {
		return err
	}
	one.after.Generation++
	r.Undo, r.UndoFrom, r.Pinned = &to, base, api.Undo
	r.want(to)
	return nil
}

// undoTarget is the revision that was asked for, else the last accepted one that is not wanted now.
func undoTarget(r *record, intent api.Intent, k key) (reconcile.Revision, error) {
	if intent.HasRevision || intent.ToRevision != 0 {
		for _, known := range slices.Concat(r.Accepted, revisionsOf(r.Others)) {
			if known.Number == intent.ToRevision {
				return known, nil
			}
		}
		if r.Adopted != nil && intent.ToRevision == 0 {
			return *r.Adopted, nil
		}
		return reconcile.Revision{}, refuse(api.NotFound, fmt.Sprintf("%s has no revision %d; segue rollout history %s lists those that are kept", k, intent.ToRevision, k.name))
	}
	for _, known := range slices.Backward(r.Accepted) {
		if known.Hash != r.Wanted.Hash {
			return known, nil
		}
	}
	hint := ""
	if r.Adopted != nil && r.Wanted.Hash != reconcile.AdoptedRevision {
		hint = "; --to-revision=0 goes back to what was adopted"
	}
	return reconcile.Revision{}, refuse(api.Invalid, fmt.Sprintf("%s has no earlier revision to go back to%s", k, hint))
}

// edit changes the manifest for its owner, apply.
func (c *Controller) edit(one *change, intent api.Intent) error {
	if err := c.objects.mayTake(one.before, api.OwnerApply, one.key); err != nil {
		return err
	}
	o := one.after
	d := *o.Manifest.Deployment
	o.Manifest.Deployment = &d
	switch {
	case intent.Verb == api.Scale && intent.Replicas < 0:
		return refuse(api.Invalid, "replicas must not be negative")
	case intent.Verb == api.Scale:
		if d.Spec.Replicas != nil || intent.Replicas == 0 {
			d.Spec.Replicas = &intent.Replicas
			o.Edits = append(slices.Clone(o.Edits), fmt.Sprintf("scale to %d", intent.Replicas))
		}
		o.Replicas = intent.Replicas
	case intent.Image == "":
		return refuse(api.Invalid, "name an image")
	default:
		d.Spec.Template.Image = intent.Image
		o.Edits = append(slices.Clone(o.Edits), "set image "+intent.Image)
	}
	if err := spec.Join(o.Manifest.Validate()); err != nil {
		return refuse(api.Invalid, err.Error())
	}
	o.Generation++
	o.By, o.Cause, o.At = intent.By, intent.Cause, time.Now()
	return c.followText(one)
}

// followText makes the record follow the text that the object has after the change.
func (c *Controller) followText(one *change) error {
	hash, err := c.hashOf(one.after)
	if err != nil {
		return err
	}
	one.record.follow(one.after, hash)
	return nil
}

func (c *Controller) hashOf(o *object) (string, error) {
	files, err := c.objects.files(o.Files)
	if err != nil {
		return "", err
	}
	return spec.RevisionHash(*o.Manifest.Deployment, files.bytes), nil
}

func lastOf(accepted []reconcile.Revision) (reconcile.Revision, bool) {
	if len(accepted) == 0 {
		return reconcile.Revision{}, false
	}
	return accepted[len(accepted)-1], true
}
