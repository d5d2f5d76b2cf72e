package nginx

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// The patience of each gate.
const (
	checkTimeout = 20 * time.Second
	gateTimeout  = 5 * time.Second
	gatePoll     = 5 * time.Millisecond
	// provePoll is between two questions to the internal server. Gate A comes first: of 1,600 answers after it, in 40
	// reloads under load on a busy machine, none was of an old worker.
	provePoll = 2 * time.Millisecond
)

// swap writes down who knows what, and makes the release current.
func (t *turn) swap(ctx context.Context) error {
	if !t.changes() {
		return nil
	}
	if err := t.note(ctx, []string{t.from.Generation}); err != nil {
		return err
	}
	for name := range t.flags {
		if !t.from.Sections[name].Flag {
			// Left over from an earlier life: the first pool is the one that serves.
			if err := t.site.dir.selectPool(ctx, name, 0); err != nil {
				return err
			}
		}
	}
	if err := t.site.dir.swap(ctx, t.to.Generation); err != nil {
		return err
	}
	t.swapped = true
	return t.checkSwapped(ctx)
}

// note writes the line of swaps that goes before a swap.
func (t *turn) note(ctx context.Context, left []string) error {
	lines, err := t.site.dir.readSwaps(ctx)
	if err != nil {
		return err
	}
	all, err := t.site.server.machine().processes(ctx)
	if err != nil {
		return err
	}
	boot, err := all.bootID()
	if err != nil {
		return err
	}
	line := swapLine{At: time.Now().UTC(), Boot: boot, Left: left}
	if t.sight.Master != 0 {
		// Anew: a worker that died since the look was replaced by another.
		if t.sight.workers, err = workersOf(all, t.sight.Master); err != nil {
			return err
		}
		line.Workers = t.sight.processes()
	}
	return t.site.dir.writeSwaps(ctx, append(compact(lines, boot, func(p process) bool { return alive(all, p) }), line))
}

// swapBack undoes a swap that nginx has not loaded.
func (t *turn) swapBack(ctx context.Context) error {
	if !t.swapped {
		return nil
	}
	t.swapped = false
	if t.from.Generation == "" {
		return t.site.dir.unset(ctx)
	}
	return t.site.dir.swap(ctx, t.from.Generation)
}

// load asks nginx to load what is current.
func (t *turn) load(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	t.began = time.Now()
	return t.site.server.Reload(ctx, t.sight.Sighting)
}

// errGone: the master ended under the reload. Its files are switched, so it is as one that was down all along.
var errGone = errors.New("nginx has ended")

// gateA waits until a worker exists that was started after the reload and no older one takes connections. It compares
// processes, not times.
func (t *turn) gateA(ctx context.Context) error {
	before := map[process]bool{}
	for _, w := range t.sight.workers {
		before[w.process] = true
	}
	what := "no new worker"
	err := poll(ctx, gateTimeout, func() (bool, error) {
		all, err := t.site.server.machine().processes(ctx)
		if err != nil {
			return false, err
		}
		if yes, err := isMaster(all, t.sight.Master); err == nil && !yes {
			return false, errGone
		}
		workers, err := workersOf(all, t.sight.Master)
		if err != nil {
			return false, err
		}
		fresh, stale := map[process]bool{}, 0
		for _, w := range workers {
			switch {
			case !before[w.process]:
				fresh[w.process] = true
			case !w.leaving:
				stale++
			}
		}
		if len(fresh) > 0 && stale > 0 {
			what = "an old worker still takes connections"
		}
		t.freshly = fresh
		return len(fresh) > 0 && stale == 0, nil
	})
	if errors.Is(err, errSlow) {
		return fmt.Errorf("the reload was not carried out within %s: %s", gateTimeout, what)
	}
	return err
}

// gateB waits until the internal server answers the generation five times in a row.
func (t *turn) gateB(ctx context.Context, r release) error {
	err := t.prove(ctx, r, "/generation", func(a answer) bool { return a.generation == r.Generation })
	if errors.Is(err, errSlow) {
		return fmt.Errorf("the internal server does not answer generation %s within %s", r.Generation, gateTimeout)
	}
	return err
}

// prove asks until five answers in a row are as wanted.
func (t *turn) prove(ctx context.Context, r release, path string, wanted func(answer) bool) error {
	at := netip.AddrPortFrom(t.sight.Dial, uint16(r.Ports[0]))
	row := 0
	return pollEvery(ctx, provePoll, gateTimeout, func() (bool, error) {
		if a, err := ask(ctx, t.site.server.machine(), at, path); err == nil && wanted(a) {
			row++
		} else {
			row = 0
		}
		return row >= proofs, nil
	})
}

// errSlow: it did not come about in time.
var errSlow = errors.New("not in time")

// poll asks at the pace of the gates until the answer is yes.
func poll(ctx context.Context, patience time.Duration, done func() (bool, error)) error {
	return pollEvery(ctx, gatePoll, patience, done)
}

// pollEvery asks at a pace until the answer is yes.
func pollEvery(ctx context.Context, pace, patience time.Duration, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errSlow)
	defer cancel()
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for {
		yes, err := done()
		if yes || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// rollback brings back what was served before a reload that failed for cause, and gives the whole story.
func (t *turn) rollback(ctx context.Context, cause error) error {
	emergency := t.site.server.Emergency(ctx, t.began)
	if emergency != "" {
		cause = fmt.Errorf("%w: nginx says %s", cause, emergency)
	}
	told := &refusal{server: t.site.server.Name(), text: cause.Error(), wish: true}
	if t.from.Generation == "" || !t.swapped {
		return told
	}
	back := func() error {
		if err := t.note(ctx, []string{t.from.Generation, t.to.Generation}); err != nil {
			return err
		}
		if err := t.swapBack(ctx); err != nil {
			return err
		}
		if err := t.load(ctx); err != nil {
			return err
		}
		if err := t.gateA(ctx); err != nil {
			return err
		}
		return t.gateB(ctx, t.from)
	}
	if err := back(); err != nil {
		told.text += "; and what was served before is not proven again: " + err.Error()
	} else {
		told.text += "; what was served before is served again"
	}
	return told
}

// settled is the generation that the turn left proven.
func (t *turn) settled() string {
	switch {
	case t.err == nil && t.sight.state == reconcile.ServerUp:
		return t.to.Generation
	default:
		return ""
	}
}
