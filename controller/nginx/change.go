package nginx

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// change is one attempt to bring wishes onto all servers. Each step is done on all of them before the next.
type change struct {
	turns  []*turn
	wishes []reconcile.RouteWish
	lame   *lame
	// overtaken says whether other wishes count by now; nil: these are to be tried in any case.
	overtaken func() bool
}

// errOvertaken: while old nginx servers were lame there came newer wishes. They go with the same wait.
var errOvertaken = errors.New("newer wishes have come")

// each runs a step on the turns that take part, side by side, and gives the first error in the order of the servers.
func (c *change) each(step func(*turn) error) error {
	errs := make([]error, len(c.turns))
	var group sync.WaitGroup
	for i, t := range c.turns {
		if t.absent == "" && !t.away && t.err == nil {
			group.Go(func() { errs[i] = step(t) })
		}
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// run plans, checks, and commits. An error means that nothing changed on any server; a server that failed alone has
// it in its turn.
func (c *change) run(ctx context.Context) error {
	if err := c.each(func(t *turn) error { return t.plan(ctx, c.wishes) }); err != nil {
		return err
	}
	var changed []string
	for _, w := range c.wishes {
		changed = append(changed, w.Deployment.String())
	}
	until, err := c.lame.raise(ctx, c.turns)
	if err != nil {
		return err
	}
	if err := c.each(func(t *turn) error { return t.prepare(ctx, changed) }); err != nil {
		return err
	}
	waited, err := c.lame.outlast(ctx, until)
	if err != nil {
		return err
	}
	if waited && c.overtaken != nil && c.overtaken() {
		return errOvertaken
	}
	// From here on an end of ctx would leave things half done. The gates have their own deadlines.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	return c.commit(ctx)
}

// commitTimeout bounds what is done once the first swap is made, rollback included.
const commitTimeout = 60 * time.Second

func (c *change) commit(ctx context.Context) error {
	flights := []*turn{}
	for _, t := range c.turns {
		if t.reload {
			t.site.enterFlight()
			flights = append(flights, t)
		}
	}
	defer func() {
		for _, t := range flights {
			t.site.leaveFlight(t)
		}
	}()
	if err := c.each(func(t *turn) error { return t.swap(ctx) }); err != nil {
		undo := c.each(func(t *turn) error { return t.swapBack(ctx) })
		for _, t := range flights {
			// Nothing was loaded: what was proven is.
			t.to = t.from
		}
		return errors.Join(err, undo)
	}
	for _, gate := range []func(*turn) error{
		func(t *turn) error { return t.load(ctx) },
		func(t *turn) error { return t.gateA(ctx) },
		func(t *turn) error { return t.gateB(ctx, t.to) },
	} {
		_ = c.each(func(t *turn) error { // each turn keeps its own error
			t.pass(ctx, gate)
			return nil
		})
	}
	return c.flip(ctx)
}

// cameUp: a server has started since, and the change is to be made once more.
func (c *change) cameUp() bool {
	return slices.ContainsFunc(c.turns, func(t *turn) bool { return t.cameUp })
}

// pass takes a turn that reloads through a gate; where it does not pass, it is rolled back.
func (t *turn) pass(ctx context.Context, gate func(*turn) error) {
	if !t.reload {
		return
	}
	err := gate(t)
	switch {
	case errors.Is(err, errGone):
		t.reload, t.sight.state, t.sight.reason = false, reconcile.ServerDown, err.Error()
	case err != nil:
		t.err = t.rollback(ctx, err)
	}
}

// flip writes who is in the pools and changes the flags, once every server has the pools.
func (c *change) flip(ctx context.Context) error {
	_ = c.each(func(t *turn) error { // each turn keeps its own error
		t.err = t.flip(ctx)
		return nil
	})
	return nil
}

func (t *turn) flip(ctx context.Context) error {
	for _, name := range sortedKeys(t.flags) {
		want, have := t.flags[name], t.sight.flags[name]
		if samePools(want, have) && want.Selected == have.Selected {
			continue
		}
		if want.Selected != have.Selected {
			want.Since = time.Now().UTC()
		}
		if err := t.site.dir.writePools(ctx, name, want); err != nil {
			return err
		}
		if err := t.site.dir.selectPool(ctx, name, want.Selected); err != nil {
			return err
		}
		if t.sight.state != reconcile.ServerUp || t.sight.included != reconcile.Yes {
			continue
		}
		err := t.prove(ctx, t.to, "/flags/"+name, func(a answer) bool { return a.word == colour(want.Selected) })
		if err != nil {
			told := &refusal{server: t.site.server.Name(), text: "its workers do not see the flag of " + name + " (" + err.Error() + "), so it was put back", wish: true}
			return errors.Join(told, t.site.dir.selectPool(ctx, name, have.Selected))
		}
	}
	return nil
}

// outcome is what became of a wish on all servers.
func (c *change) outcome(wish reconcile.RouteWish) (reconcile.WishState, string) {
	waiting := ""
	for _, t := range c.turns {
		name := t.site.server.Name()
		switch {
		case t.absent != "":
			return reconcile.WishFailed, "nginx " + name + " is unknown: " + t.absent
		case t.err != nil:
			return reconcile.WishFailed, c.reasonOf(t.err)
		case t.away || t.sight.state == reconcile.ServerDown || waiting != "":
		default:
			waiting = t.waitsFor(wish)
		}
	}
	if waiting != "" {
		return reconcile.WishPending, waiting
	}
	return reconcile.WishDone, ""
}

// waitsFor are the lines without which the wish has no effect on this server.
func (t *turn) waitsFor(wish reconcile.RouteWish) string {
	if len(wish.Routes) == 0 {
		return ""
	}
	lines := includes(t.sight, t.site.spec, t.site.own, map[string]section{wish.Deployment.String(): t.to.Sections[wish.Deployment.String()]})
	if len(lines) == 0 {
		return ""
	}
	return "waiting for include, nginx " + t.site.server.Name() + ": " + lines[0]
}

// includes are the lines that a user has yet to add for the sections, or the reload that he owes.
func includes(seen sight, o spec.NginxSpec, own bool, sections map[string]section) []string {
	if own {
		if seen.included == reconcile.Yes {
			return nil
		}
		return []string{"it has yet to load segue's files"}
	}
	conf := seen.conf
	if conf == nil {
		conf = &userConf{}
		if seen.included == reconcile.Yes {
			return nil
		}
	}
	var lines []string
	if !conf.includesHTTP() {
		lines = append(lines, conf.missingHTTP(sections, o.ConfDir)...)
	}
	for _, name := range sortedKeys(sections) {
		lines = append(lines, conf.missing(sections[name], o.ConfDir)...)
	}
	if len(lines) > 0 {
		return lines
	}
	if seen.included != reconcile.Yes {
		return []string{"reload nginx: its files include segue's, and it runs without them (" + seen.reason + ")"}
	}
	for _, name := range sortedKeys(sections) {
		if seen.loaded != nil && !seen.loaded.names(sections[name]) {
			return []string{"reload nginx: its files include those of " + name + ", and it runs without them"}
		}
	}
	return nil
}
