package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/store"
	"github.com/segue-dev/segue/spec"
)

// lookTime is how long the first look at the world may take; what did not answer by then is shown as unknown.
const lookTime = 20 * time.Second

// reader is a controller inside the command that takes no lock and changes nothing.
func (c *cli) reader(ctx context.Context) (*session, error) {
	looker, tidy := *c, func() error { return nil }
	owner, err := c.ownerID()
	if err != nil {
		return nil, err
	}
	looker.owner = owner
	if _, err := os.Stat(c.stateDir); errors.Is(err, os.ErrNotExist) {
		// Nothing is remembered yet, and a look makes no directory that stays.
		if looker.stateDir, err = os.MkdirTemp("", "segue-"); err != nil {
			return nil, fmt.Errorf("make empty state directory: %w", err)
		}
		tidy = func() error { return os.RemoveAll(looker.stateDir) }
	}
	return looker.start(ctx, wishes{readOnly: true, log: c.logger(false)}, tidy)
}

// changingInside is a controller that takes steps for what the command names only. It unlocks when it has ended.
func (c *cli) changingInside(ctx context.Context, n need, unlock func() error) (*session, error) {
	// No step before it is known that none of them needs a daemon.
	var admitted atomic.Bool
	only := func(name spec.Name) bool { return admitted.Load() && slices.Contains(n.only, name) }
	s, err := c.start(ctx, wishes{only: only, log: c.logger(false)}, unlock)
	if err != nil {
		return nil, err
	}
	for _, name := range n.only {
		list, err := s.List(ctx, api.Query{Kind: spec.KindDeployment, Namespace: name.Namespace, Name: name.Name})
		if err == nil && len(list.Items) == 1 {
			err = refuseManaged([]spec.Manifest{list.Items[0].Manifest})
		}
		if err != nil {
			return nil, errors.Join(err, s.close())
		}
	}
	admitted.Store(true)
	return s, nil
}

// start runs a controller in the background until the session is closed, and waits until it has looked around. after
// is called when it has ended, or could not start.
func (c *cli) start(ctx context.Context, w wishes, after func() error) (*session, error) {
	a, err := c.assemble(ctx, w)
	if err != nil {
		return nil, errors.Join(err, after())
	}
	// Ctrl-C ends the wait of the command, which then closes the session.
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	looking, looked := context.WithTimeout(ctx, lookTime)
	defer looked()
	ended := make(chan error, 1)
	go func() {
		ended <- a.controller.Run(running)
		looked()
	}()
	s := &session{Service: a.controller, inside: true, close: func() error {
		stop()
		err := <-ended
		if errors.Is(err, context.Canceled) {
			err = nil
		}
		return errors.Join(err, after())
	}}
	if err := a.controller.Ready(looking); err != nil {
		if ctx.Err() != nil || !errors.Is(looking.Err(), context.DeadlineExceeded) {
			return nil, errors.Join(ctx.Err(), s.close())
		}
		fmt.Fprintf(c.err, "Not everything answered within %s; what did not is shown as unknown.\n", lasting(lookTime))
	}
	return s, nil
}

// lock takes the state directory for this process.
func (c *cli) lock(what string) (func() error, error) {
	dir, err := filepath.Abs(c.stateDir)
	if err != nil {
		return nil, fmt.Errorf("find state directory: %w", err)
	}
	unlock, err := store.Lock(dir, fmt.Sprintf("%s (pid %d, user %s)", what, os.Getpid(), me()))
	if errors.Is(err, os.ErrPermission) {
		return nil, usage("error: %v; use sudo, or name a directory of yours with --state-dir", err)
	}
	return unlock, err
}

// me is the user who runs this command.
func me() string { return api.UserName(uint32(os.Getuid())) }
