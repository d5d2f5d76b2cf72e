package controller

import (
	"context"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// Source is where manifests come from. controller/source has the real ones.
type Source interface {
	// Name is the owner of what the source holds, as "dir:/etc/segue".
	Name() string
	// Run reads the source now and whenever it may have changed, until ctx ends. Each reading is handed to read, one
	// after the other.
	Run(ctx context.Context, read func(Reading)) error
}

// Prompt is a Source that can be asked to read now. Its next reading is handed over though nothing has changed; with
// rewritten it takes a branch that was rewritten as it is. Now returns at once.
type Prompt interface{ Now(rewritten bool) }

// Historic is a Source whose commits follow each other. Since is called once, before Run: applied is the commit that
// holds, "" before the first one, and may be called at any time.
type Historic interface{ Since(applied func() string) }

// Located is a Source that says where it is in more words than its name has.
type Located interface{ From() string }

// Commit is what a Reading was taken from.
type Commit = api.Commit

// Reading is a source as it was read once.
type Reading struct {
	// Manifests are the objects of every file that could be read and parsed, validated each by itself.
	Manifests []spec.Manifest
	// Failed are the files that could not be read or parsed; what they held before stays as it was. Its text names
	// every problem with file, line and remedy.
	Failed map[string]error
	// Err: the source itself could not be read, so it says nothing about anything. One that is *Trouble says of which
	// kind that is.
	Err error
	// Commit is what was read, as a whole: if any of it is bad, none of it is taken. nil where the source has no commits;
	// then each file stands for itself.
	Commit *Commit
	// Same: nothing has changed since the last reading that had no Err; nothing else is filled in but Commit.
	Same bool
	// Asked: the reading began after the last call of Now.
	Asked bool
}

// Trouble is why a source cannot be read, by one of api's reasons, with the remedy in its text.
type Trouble struct{ Reason, Message string }

func (t *Trouble) Error() string { return t.Message }

// Policy is how what a source holds is treated.
type Policy struct {
	// Prune deletes what the source no longer holds; PruneAll allows that for more than half of it at once.
	Prune, PruneAll bool
	// Atomic: when a rollout of a commit's objects fails, all that the commit changed goes back.
	Atomic bool
	// ReportDrift: what somebody changed by hand is told and left as it is.
	ReportDrift bool
}
