package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/segue-dev/segue/controller/api"
)

const (
	// redraw is how often a terminal's last lines are written anew, so that durations run; and how often what is to
	// vanish is looked for.
	redraw = time.Second
	// reminder is how often a line is printed where there is no terminal and nothing changes.
	reminder = 30 * time.Second
	// returnTime is how long a controller that went away is waited for: its unit starts it again within seconds.
	returnTime = time.Minute
)

// view tells people or programs how goals come along.
type view interface {
	// show is called at each change and each second with what has not ended.
	show(open []api.Status, now time.Time)
	// conclude is called once for each goal, with the last status seen.
	conclude(last api.Status, v verdict, now time.Time)
}

// follower waits for goals and tells how they come along.
type follower struct {
	cli     *cli
	session *session
	goals   []goal
	// promotable: a set that waits for promotion is good.
	promotable bool
	view       view

	latest   map[goal]api.Status
	verdicts map[goal]verdict
}

// follow returns when every goal has ended: nil, or an *ended with the worst code, all told. When ctx ends first that
// is exitTimedOut or exitInterrupted, and a daemon's rollout goes on.
func (c *cli) follow(ctx context.Context, s *session, goals []goal, w *waitFlags) error {
	f := &follower{cli: c, session: s, goals: goals, promotable: w.wait == "promotable", latest: map[goal]api.Status{}, verdicts: map[goal]verdict{}}
	if w.output == "json" {
		f.view = &jsonView{out: c.out, err: c.err}
	} else {
		f.view = &progress{cli: c}
	}
	watching, stop := context.WithCancel(ctx)
	changes, lost := make(chan api.Status), make(chan error, 1)
	var watches sync.WaitGroup
	watches.Go(func() { lost <- f.watch(watching, changes) })
	defer watches.Wait()
	defer stop()

	tick := time.NewTicker(redraw)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return f.cut(ctx)
		case err := <-lost:
			if ctx.Err() != nil {
				return f.cut(ctx)
			}
			return err
		case status := <-changes:
			if !f.take(status) {
				continue
			}
		case <-tick.C:
			for _, status := range f.open() {
				f.take(status) // some verdicts are a matter of time
			}
			if err := f.lookForGone(ctx); err != nil {
				return err
			}
		}
		if len(f.verdicts) == len(f.goals) {
			return f.result()
		}
		f.view.show(f.open(), time.Now())
	}
}

// watch hands over each change. A controller that stops is waited for: killing it stops no rollout.
func (f *follower) watch(ctx context.Context, changes chan<- api.Status) error {
	var gone time.Time
	for {
		err := f.session.Watch(ctx, api.Query{}, func(status api.Status) error {
			gone = time.Time{}
			select {
			case changes <- status:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		if ctx.Err() != nil || !errors.Is(err, api.ErrNotRunning) {
			return err
		}
		if gone.IsZero() {
			gone = time.Now()
			fmt.Fprintf(f.cli.err, "%v; waiting for it to come back.\n", err)
		}
		if time.Since(gone) > returnTime {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(redraw):
		}
	}
}

// take notes a status, and says whether it is about a goal.
func (f *follower) take(status api.Status) bool {
	taken := false
	for _, g := range f.goals {
		if g.kind != status.Kind || g.name != status.Name {
			continue
		}
		if _, over := f.verdicts[g]; over {
			continue
		}
		f.latest[g], taken = status, true
		if v := g.judge(status, f.promotable, f.session.inside, time.Now()); v != nil {
			f.end(g, *v)
		}
	}
	return taken
}

func (f *follower) end(g goal, v verdict) {
	f.verdicts[g] = v
	f.view.conclude(f.latest[g], v, time.Now())
}

// lookForGone asks for what is to vanish: a watch does not tell of it.
func (f *follower) lookForGone(ctx context.Context) error {
	for _, g := range f.goals {
		if _, over := f.verdicts[g]; over || !g.gone {
			continue
		}
		list, err := f.session.List(ctx, api.Query{Kind: g.kind, Namespace: g.name.Namespace, Name: g.name.Name})
		if err != nil && ctx.Err() == nil && !errors.Is(err, api.ErrNotRunning) {
			return err
		}
		if err == nil && len(list.Items) == 0 {
			f.end(g, verdict{exitDone, fmt.Sprintf("%s %q is gone", lower(g.kind), g.name)})
		}
	}
	return nil
}

// open are the statuses of the goals that have not ended, in the order of the goals.
func (f *follower) open() []api.Status {
	var open []api.Status
	for _, g := range f.goals {
		if _, over := f.verdicts[g]; over {
			continue
		}
		if status, seen := f.latest[g]; seen {
			open = append(open, status)
		}
	}
	return open
}

func (f *follower) result() error {
	var verdicts []verdict
	for _, g := range f.goals {
		verdicts = append(verdicts, f.verdicts[g])
	}
	if code := worst(verdicts); code != exitDone {
		return &ended{code: code}
	}
	return nil
}

// cut is the end of a wait that saw no end.
func (f *follower) cut(ctx context.Context) error {
	code, why := exitInterrupted, "stopped watching"
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		code, why = exitTimedOut, "timed out"
	}
	for _, status := range f.open() {
		f.view.conclude(status, verdict{code, fmt.Sprintf("%s %q: %s; %s", lower(status.Kind), status.Name, why, f.afterwards(status))}, time.Now())
	}
	return &ended{code: code}
}

func (f *follower) afterwards(status api.Status) string {
	if f.session.inside {
		return "it stands still now; the same command, or segue run, goes on with it"
	}
	return "it goes on; segue rollout status " + status.Name.String() + " shows how"
}
