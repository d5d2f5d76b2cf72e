package controller

import (
	"fmt"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// takeCommit takes all that a commit holds, or nothing of it.
func (c *Controller) takeCommit(source string, reading Reading, now time.Time) (api.SteeredSource, error) {
	before := c.objects.source(source)
	if before != nil && before.WentBack != nil {
		if why := before.WentBack.holds(reading); why != "" {
			return c.holdCommit(source, reading, why)
		}
	}
	if err := c.objects.judgeCommit(source, reading); err != nil {
		return c.refuseCommit(source, reading, err)
	}
	changes, err := c.commitChanges(source, reading, now)
	if err != nil {
		return c.refuseCommit(source, reading, err)
	}
	after := before.clone()
	after.Name, after.From = source, c.sources.from(source)
	if c.options.policy(source).Atomic {
		after.remember(changes)
	}
	if after.Applied == nil || after.Applied.Hash != reading.Commit.Hash {
		after.At = now
	}
	after.Applied, after.Seen, after.Refused, after.WentBack = reading.Commit, reading.Commit, "", nil
	result := api.SteeredSource{Name: source, Result: api.SourceUnchanged, Note: wordsOf(*reading.Commit) + " by " + reading.Commit.Author}
	if len(changes) == 0 {
		return result, c.objects.keepSource(source, func(r *sourceRecord) { *r = *after })
	}
	if err := c.commitWith(changes, after); err != nil {
		return result, err
	}
	result.Result = api.SourceApplied
	result.Note += fmt.Sprintf(": %d of %d objects are changed", len(changes), len(reading.Manifests))
	c.journal.note(sourceKey(source), normal, "CommitApplied", result.Note, reading.Commit.Author)
	return result, nil
}

// commitChanges are what a commit changes.
func (c *Controller) commitChanges(source string, reading Reading, now time.Time) ([]change, error) {
	who := author{owner: source, by: reading.Commit.Author, cause: wordsOf(*reading.Commit), commit: reading.Commit.Hash}
	var changes []change
	for _, m := range reading.Manifests {
		one, err := c.objects.proposal(m, who, now)
		if err != nil {
			return nil, err
		}
		changes = append(changes, one)
	}
	gone := c.gone(source, reading.Manifests, nil, now)
	for i := range gone {
		gone[i].after.By, gone[i].after.Cause, gone[i].after.Commit = who.by, who.cause, who.commit
	}
	return append(effective(changes), gone...), nil
}

// judgeCommit is everything that is wrong with a commit, nil when nothing is.
func (o *objects) judgeCommit(source string, reading Reading) error {
	var errs []error
	for _, file := range sortedKeys(reading.Failed) {
		errs = append(errs, reading.Failed[file])
	}
	if err := spec.Join(errs...); err != nil {
		return err
	}
	held := map[key]bool{}
	for _, m := range reading.Manifests {
		k := keyOf(m)
		held[k] = true
		if before := o.get(k); before != nil {
			if err := o.mayTake(before, source, k); err != nil {
				errs = append(errs, spec.Problems{{File: m.Origin, Message: err.Error()}})
			}
		}
	}
	// What this source had and the commit no longer holds does not stand against it: a name may change.
	var others []spec.Manifest
	for _, k := range o.keys() {
		one := o.get(k)
		if one != nil && !one.Deleting && (held[k] || one.Owner != source) {
			others = append(others, one.Manifest)
		}
	}
	return spec.Join(append(errs, o.validateBeside(reading.Manifests, others))...)
}

// refuseCommit leaves everything as the commit before has it.
func (c *Controller) refuseCommit(source string, reading Reading, err error) (api.SteeredSource, error) {
	words := wordsOf(*reading.Commit)
	note := fmt.Sprintf("%s by %s is refused, nothing of it is applied: %v", words, reading.Commit.Author, err)
	c.journal.note(sourceKey(source), warning, "CommitRefused", note, reading.Commit.Author)
	result := api.SteeredSource{Name: source, Result: api.SourceRefused, Note: note}
	return result, c.objects.keepSource(source, func(r *sourceRecord) {
		r.From, r.Seen, r.Refused = c.sources.from(source), reading.Commit, err.Error()
	})
}

// holdCommit leaves everything as it went back.
func (c *Controller) holdCommit(source string, reading Reading, why string) (api.SteeredSource, error) {
	result := api.SteeredSource{Name: source, Result: api.SourceUnchanged, Note: why}
	if reading.Commit.Hash != c.objects.source(source).WentBack.Commit.Hash {
		result.Result = api.SourceRefused
		c.journal.note(sourceKey(source), warning, "CommitHeld", wordsOf(*reading.Commit)+": "+why, reading.Commit.Author)
	}
	return result, c.objects.keepSource(source, func(r *sourceRecord) { r.Seen, r.Refused = reading.Commit, "" })
}

// wordsOf are a commit as a change's cause.
func wordsOf(c Commit) string { return fmt.Sprintf("commit %s %q", c.Short(), c.Message) }
