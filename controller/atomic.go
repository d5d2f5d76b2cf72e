package controller

import (
	"fmt"
	"strings"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// remember notes what the changed objects were before, so that all of them can go back. What commits before it changed
// and was not proven yet goes back with them, to where it was before those.
func (r *sourceRecord) remember(changes []change) {
	if r.Before == nil {
		r.Before, r.Proven = map[string]*object{}, r.Applied
	}
	for _, one := range changes {
		k := one.key.storeKey()
		if _, known := r.Before[k]; !known && one.result != resultUnchanged {
			r.Before[k] = one.before
		}
	}
}

// holds says why nothing of a reading is taken: its commit is the one that went back, or fails alike. "" when it may
// be tried.
func (w *wentBack) holds(reading Reading) string {
	remedy := fmt.Sprintf("push a commit that changes it, or say segue reconcile --retry (%s)", w.Reason)
	if reading.Commit.Hash == w.Commit.Hash {
		return wordsOf(w.Commit) + " went back as a whole; " + remedy
	}
	for _, m := range reading.Manifests {
		k := keyOf(m)
		one := &object{Manifest: m, Files: sums(m.Files)}
		if sum := w.Texts[k.storeKey()]; sum != "" && sum == one.textSum() {
			return fmt.Sprintf("it leaves %s as it failed in %s; %s", k, wordsOf(w.Commit), remedy)
		}
	}
	return ""
}

// judgeAtomic sends back all that a source's unproven commits changed, when a rollout of one of them was rejected; and
// forgets what was before when all of them have proven themselves.
func (c *Controller) judgeAtomic(source string) error {
	if r := c.objects.source(source); r == nil || r.Before == nil || c.options.ReadOnly {
		return nil
	}
	c.objects.writing.Lock()
	defer c.objects.writing.Unlock()
	r := c.objects.source(source)
	if r == nil || r.Before == nil || r.Suspended {
		return nil
	}
	reason, failed, proven := "", map[string]string{}, true
	for _, storeKey := range sortedKeys(r.Before) {
		k := parseStoreKey(storeKey)
		one := c.objects.get(k)
		if one == nil || one.Owner != source {
			continue
		}
		if rejection := c.objects.rejection(k); rejection != nil {
			failed[storeKey] = one.textSum()
			reason = strings.TrimPrefix(reason+"; "+k.String()+": "+rejection.Reason, "; ")
		}
		proven = proven && c.proven(k, one)
	}
	switch {
	case len(failed) > 0:
		return c.goBack(source, reason, failed, time.Now())
	case proven:
		return c.objects.keepSource(source, func(r *sourceRecord) { r.Before, r.Proven = nil, nil })
	default:
		return nil
	}
}

// rejection is why the wanted revision of a Deployment was rejected; nil when it was not.
func (o *objects) rejection(k key) *reconcile.Rejection {
	if k.kind != spec.KindDeployment {
		return nil
	}
	r := o.record(k.name)
	if r == nil || r.Rejected == nil || r.Rejected.Revision.Hash != r.Wanted.Hash {
		return nil
	}
	return r.Rejected
}

// proven: nothing is left to do for what the object says now.
func (c *Controller) proven(k key, one *object) bool {
	if k.kind != spec.KindDeployment {
		return true
	}
	posted, known := c.board.get(k)
	d := posted.status.Deployment
	return known && d != nil && d.ObservedGeneration == one.Generation && d.Settled && d.Phase == reconcile.Converged.String() && !one.Deleting
}

// goBack makes every object what it was before. The caller holds writing.
func (c *Controller) goBack(source, reason string, failed map[string]string, now time.Time) error {
	after := c.objects.source(source).clone()
	guilty := *after.Applied
	var changes []change
	for _, storeKey := range sortedKeys(after.Before) {
		one, err := c.backwards(source, parseStoreKey(storeKey), after.Before[storeKey])
		if err != nil {
			return fmt.Errorf("go back from %s: %w", wordsOf(guilty), err)
		}
		if one == nil {
			continue
		}
		one.after.By, one.after.At, one.after.Cause = source, now, "back from "+wordsOf(guilty)
		changes = append(changes, *one)
	}
	after.WentBack = &wentBack{Commit: guilty, Reason: reason, Texts: failed}
	after.Applied, after.Before, after.Proven = after.Proven, nil, nil
	c.journal.note(sourceKey(source), warning, "CommitWentBack", fmt.Sprintf("%s by %s: %s; all %d objects that it changed go back", wordsOf(guilty), guilty.Author, reason, len(changes)), guilty.Author)
	return c.commitWith(changes, after)
}

// backwards is the change that makes one object what it was before; nil where that is none of the source's any more.
func (c *Controller) backwards(source string, k key, before *object) (*change, error) {
	present := c.objects.get(k)
	if present == nil || present.Owner != source && present.Owner != "" {
		return nil, nil
	}
	one := &change{key: k, before: present, result: resultConfigured}
	if before == nil {
		after := *present
		after.Deleting = true
		after.Generation++
		one.after, one.result = &after, resultDeleted
		return one, nil
	}
	after := *before
	after.Generation = present.Generation + 1
	one.after = &after
	if k.kind != spec.KindDeployment {
		return one, nil
	}
	hash, err := c.hashOf(&after)
	if err != nil {
		return nil, err
	}
	one.record = c.objects.record(k.name).clone()
	if !after.sameText(present) {
		one.record.forgive()
	}
	one.record.follow(&after, hash)
	return one, nil
}

// parseStoreKey reads KIND/NAME.
func parseStoreKey(storeKey string) key {
	kind, name, _ := strings.Cut(storeKey, "/")
	return key{kind: kind, name: spec.ParseName(name)}
}
