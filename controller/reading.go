package controller

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// sourceKey is the key of events about a source as a whole, and of its status.
func sourceKey(source string) key { return key{kind: api.KindSource, name: spec.Name{Name: source}} }

// read takes one reading of a source and says what became of it.
func (c *Controller) read(source string, reading Reading) (api.SteeredSource, error) {
	c.objects.writing.Lock()
	defer c.objects.writing.Unlock()
	switch {
	case reading.Err != nil:
		return c.unreadable(source, reading.Err), nil
	case c.objects.suspended(source):
		err := c.objects.keepSource(source, func(r *sourceRecord) {
			if reading.Commit != nil {
				r.Seen = reading.Commit
			}
		})
		return api.SteeredSource{Name: source, Result: api.SourceSuspended, Note: "nothing of it is applied; segue resume goes on"}, err
	case reading.Same:
		return api.SteeredSource{Name: source, Result: api.SourceUnchanged}, nil
	}
	take := c.takeFiles
	if reading.Commit != nil {
		take = c.takeCommit
	}
	told, err := take(source, reading, time.Now())
	c.sources.judged(source, told.Result == api.SourceRefused)
	return told, err
}

// unreadable tells why a source says nothing about anything.
func (c *Controller) unreadable(source string, err error) api.SteeredSource {
	reason := "SourceUnreadable"
	var trouble *Trouble
	if errors.As(err, &trouble) && trouble.Reason != api.ReasonUnreadable {
		reason = "Source" + trouble.Reason
	}
	c.journal.note(sourceKey(source), warning, reason, err.Error(), "")
	return api.SteeredSource{Name: source, Result: api.SourceUnreadable, Note: err.Error() + "; what runs stays as it is"}
}

// takeFiles takes a reading in which each file stands for itself: what the good ones hold is kept, what the broken ones
// held stays as it was, what is gone becomes unowned or is deleted.
func (c *Controller) takeFiles(source string, reading Reading, now time.Time) (api.SteeredSource, error) {
	result := api.SteeredSource{Name: source, Result: api.SourceApplied}
	k := sourceKey(source)
	failed := map[string]error{}
	for file, err := range reading.Failed {
		failed[file] = err
	}
	manifests := c.objects.ownable(source, c.objects.validOnes(reading.Manifests, failed), failed)
	for _, file := range sortedKeys(failed) {
		c.journal.note(k, warning, "ManifestRefused", failed[file].Error(), "")
		result.Result, result.Note = api.SourceRefused, failed[file].Error()
	}
	var changes []change
	for _, m := range manifests {
		one, err := c.objects.proposal(m, author{owner: source, by: source}, now)
		if err != nil {
			return result, err
		}
		changes = append(changes, one)
	}
	changes = append(effective(changes), c.gone(source, reading.Manifests, failed, now)...)
	if len(changes) == 0 && result.Result == api.SourceApplied {
		result.Result = api.SourceUnchanged
	}
	return result, c.commit(changes)
}

// validOnes leaves out the manifests of files with problems, which it adds to failed, until the rest is valid beside
// what stays.
func (o *objects) validOnes(manifests []spec.Manifest, failed map[string]error) []spec.Manifest {
	for {
		var problems spec.Problems
		err := o.validate(manifests)
		if err == nil {
			return manifests
		}
		guilty := map[string]error{}
		if errors.As(err, &problems) {
			for _, p := range problems {
				guilty[p.File] = spec.Join(guilty[p.File], spec.Problems{p})
			}
		}
		kept := slices.DeleteFunc(slices.Clone(manifests), func(m spec.Manifest) bool {
			return guilty[fileOf(m)] != nil || guilty[keyOf(m).String()] != nil
		})
		for file, err := range guilty {
			failed[file] = err
		}
		if len(kept) == len(manifests) {
			failed["all files"] = err
			return nil
		}
		manifests = kept
	}
}

// ownable leaves out what another source owns, which it adds to failed.
func (o *objects) ownable(source string, manifests []spec.Manifest, failed map[string]error) []spec.Manifest {
	return slices.DeleteFunc(slices.Clone(manifests), func(m spec.Manifest) bool {
		before := o.get(keyOf(m))
		if before == nil {
			return false
		}
		err := o.mayTake(before, source, keyOf(m))
		if err != nil {
			failed[fileOf(m)] = err
		}
		return err != nil
	})
}

// fileOf is the file in which the manifest stands.
func fileOf(m spec.Manifest) string {
	if i := strings.LastIndexByte(m.Origin, ':'); i >= 0 {
		return m.Origin[:i]
	}
	return m.Origin
}

// gone makes what the source no longer holds unowned, or deletes it where that is asked for and safe: never while a
// file is broken, never when the source is empty, never more than half at once without all.
func (c *Controller) gone(source string, holds []spec.Manifest, failed map[string]error, now time.Time) []change {
	held := map[key]bool{}
	for _, m := range holds {
		held[keyOf(m)] = true
	}
	var missing []key
	owned := 0
	for _, k := range c.objects.keys() {
		one := c.objects.get(k)
		if one == nil || one.Owner != source || one.Deleting {
			continue
		}
		owned++
		if !held[k] && !stoodIn(fileOf(one.Manifest), failed) {
			missing = append(missing, k)
		}
	}
	prune := c.mayPrune(source, len(missing), owned, len(holds), len(failed))
	var changes []change
	for _, k := range missing {
		after := *c.objects.get(k)
		one := change{key: k, before: c.objects.get(k), after: &after, result: resultConfigured}
		if prune {
			after.Deleting, after.At = true, now
			after.Generation++
			one.result = resultDeleted
		} else {
			after.Owner = ""
		}
		changes = append(changes, one)
	}
	return changes
}

// stoodIn: the file, or a directory above it, could not be read.
func stoodIn(file string, failed map[string]error) bool {
	for broken := range failed {
		if file == broken || strings.HasPrefix(file, strings.TrimSuffix(broken, "/")+"/") {
			return true
		}
	}
	return false
}

// mayPrune answers whether missing of owned objects may be deleted, and says so where they may not.
func (c *Controller) mayPrune(source string, missing, owned, holds, failed int) bool {
	policy := c.options.policy(source)
	if !policy.Prune || missing == 0 {
		return false
	}
	why := ""
	switch {
	case failed > 0:
		why = "some of its files are broken"
	case holds == 0:
		why = "it is empty"
	case 2*missing > owned && !policy.PruneAll:
		why = fmt.Sprintf("%d of its %d objects are gone at once, which only --prune-all allows", missing, owned)
	default:
		return true
	}
	c.journal.note(sourceKey(source), warning, "NotPruned", "nothing is deleted: "+why+"; they stay, owned by nobody: bring them back, or segue delete them", "")
	return false
}

// commit keeps the changes, tells of them, and has everything that they touch looked at. The caller holds writing.
func (c *Controller) commit(changes []change) error { return c.commitWith(changes, nil) }

// commitWith keeps what is to be remembered of a source in the same breath.
func (c *Controller) commitWith(changes []change, source *sourceRecord) error {
	if len(changes) == 0 && source == nil {
		return nil
	}
	if err := c.objects.commitWith(changes, source); err != nil {
		return err
	}
	for _, one := range changes {
		c.announce(one)
	}
	for _, one := range changes {
		c.touch(one.key)
	}
	c.reclaim()
	if len(changes) > 0 {
		changer := ""
		if source != nil {
			changer = source.Name
		}
		c.sources.reconsider(changer)
	}
	return nil
}

// announce adds the events of one change.
func (c *Controller) announce(one change) {
	by := ""
	if one.after != nil {
		by = one.after.By
	}
	switch {
	case one.before == nil:
		c.journal.note(one.key, normal, "Created", "generation 1", by)
	case one.result == resultDeleted:
		c.journal.note(one.key, normal, "Deleting", "its instances are drained and removed", by)
	case one.after != nil && one.before.Owner != one.after.Owner:
		c.journal.note(one.key, normal, "OwnerChanged", fmt.Sprintf("from %s to %s", ownerWords(one.before.Owner), ownerWords(one.after.Owner)), by)
	case one.result == resultConfigured:
		c.journal.note(one.key, normal, "Configured", fmt.Sprintf("generation %d", one.after.Generation), by)
	}
}

func ownerWords(owner string) string {
	switch owner {
	case "":
		return "nobody"
	case api.OwnerApply:
		return "segue apply"
	default:
		return owner
	}
}
