package git

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
)

// lookTime bounds one look at the repository, with all that is fetched.
const lookTime = 3 * time.Minute

// Repository is a branch and a path of a Git repository.
type Repository struct {
	options Options
	remote  remote
	applied func() string

	mu               sync.Mutex
	asked, rewritten bool
	wake             chan struct{}

	// tip is the commit of the last reading; trouble why it cannot be taken, nil when it was handed over.
	tip     plumbing.Hash
	commit  *controller.Commit
	trouble error
	// listed is the sum of VerifyFile's bytes at the last reading.
	listed [sha256.Size]byte
}

// remote is where commits come from.
type remote interface {
	// tip is what the branch is at now.
	tip(ctx context.Context) (plumbing.Hash, error)
	// get gives the branch's tip as it is now, with the history back to known where there is one (else it has no use for
	// history), for as long as use takes.
	get(ctx context.Context, known plumbing.Hash, use func(*tree) error) error
}

var (
	_ controller.Source   = (*Repository)(nil)
	_ controller.Prompt   = (*Repository)(nil)
	_ controller.Historic = (*Repository)(nil)
	_ controller.Located  = (*Repository)(nil)
)

// New checks the options; it starts nothing, and asks nobody.
func New(options Options) (*Repository, error) {
	if err := options.fill(); err != nil {
		return nil, err
	}
	r := &Repository{options: options, applied: func() string { return "" }, wake: make(chan struct{}, 1)}
	if at := options.local(); at != "" {
		full, err := filepath.Abs(at)
		if err != nil {
			return nil, fmt.Errorf("find %s: %w", at, err)
		}
		r.remote = &local{dir: full, options: &r.options}
	} else {
		r.remote = &server{options: &r.options}
	}
	return r, nil
}

// Name is git:NAME.
func (r *Repository) Name() string { return "git:" + r.options.Name }

// From says where it is.
func (r *Repository) From() string {
	from := r.options.URL + ", branch " + r.options.Branch
	if r.options.Path != "" {
		from += ", path " + r.options.Path
	}
	return from
}

// Since tells it which commit holds.
func (r *Repository) Since(applied func() string) { r.applied = applied }

// Now has it look at once.
func (r *Repository) Now(rewritten bool) {
	r.mu.Lock()
	r.asked, r.rewritten = true, r.rewritten || rewritten
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run looks now, at each interval, and when it is asked to, until ctx ends.
func (r *Repository) Run(ctx context.Context, read func(controller.Reading)) error {
	if err := os.RemoveAll(r.options.Dir); err != nil {
		return fmt.Errorf("sweep %s: %w", r.options.Dir, err)
	}
	for ctx.Err() == nil {
		r.mu.Lock()
		asked, rewritten := r.asked, r.rewritten
		r.asked, r.rewritten = false, false
		r.mu.Unlock()
		reading := r.look(ctx, asked, rewritten)
		if ctx.Err() != nil {
			break // it was cut short
		}
		reading.Asked = asked
		read(reading)
		timer := time.NewTimer(jittered(r.options.Interval))
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-r.wake:
		}
		timer.Stop()
	}
	return nil //nolint:nilerr // it was told to end
}

// jittered is the interval, give or take a tenth, so that many hosts do not ask one server at the same moment.
func jittered(interval time.Duration) time.Duration {
	return time.Duration(float64(interval) * (0.9 + 0.2*rand.Float64())) // #nosec G404 -- nobody gains from guessing it
}

// look reads the branch. With again it is handed over though its tip is that of the last reading.
func (r *Repository) look(ctx context.Context, again, rewritten bool) controller.Reading {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	tip, err := r.remote.tip(ctx)
	if err != nil {
		return controller.Reading{Err: r.explain(err)}
	}
	may, listed, err := r.options.signers()
	if err != nil {
		return controller.Reading{Err: err}
	}
	if tip == r.tip && listed == r.listed && !again {
		if r.trouble != nil {
			return controller.Reading{Err: r.trouble, Commit: r.commit}
		}
		return controller.Reading{Same: true, Commit: r.commit}
	}
	known := plumbing.NewHash(r.applied())
	var reading controller.Reading
	err = r.remote.get(ctx, known, func(t *tree) error {
		if err := r.options.verify(t, may); err != nil {
			return err
		}
		if !rewritten && !known.IsZero() && !t.descends(known) {
			return r.rewrittenTrouble(t, known)
		}
		reading, err = r.lay(t)
		return err
	})
	var trouble *controller.Trouble
	switch {
	case errors.As(err, &trouble):
		// It will be the same until the branch moves.
		r.tip, r.listed, r.trouble = tip, listed, err
		return controller.Reading{Err: err}
	case err != nil:
		return controller.Reading{Err: r.explain(err)}
	}
	// What was got may be newer than what was asked about.
	r.tip, r.listed, r.commit, r.trouble = plumbing.NewHash(reading.Commit.Hash), listed, reading.Commit, nil
	return reading
}

func (r *Repository) rewrittenTrouble(t *tree, known plumbing.Hash) error {
	return &controller.Trouble{Reason: api.ReasonRewritten, Message: fmt.Sprintf(
		"branch %s of %s was rewritten: it is at %s %q by %s, and %s, which was applied last, is no part of its history; look at it, then take it with segue reconcile %s --accept-rewrite, or push a branch that goes on from there",
		r.options.Branch, r.options.URL, short(t.hash()), t.subject(), t.author(), short(known), r.options.Name)}
}

func short(h plumbing.Hash) string { return h.String()[:7] }
