package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// session is a controller that can be asked.
type session struct {
	api.Service
	// inside: it runs in this command, and ends with it.
	inside bool
	// close returns when it has ended.
	close func() error
}

// need is what a command needs of a controller.
type need struct {
	// changes: a verb that changes something; Only these Deployments then get steps. Otherwise all are observed.
	changes bool
	only    []spec.Name
	// manifests are those to be applied.
	manifests []spec.Manifest
	// timeout is how long a taken lock is waited for; 0 means lockPatience.
	timeout time.Duration
}

const (
	// lockPatience is how long a taken lock is waited for where --timeout does not say.
	lockPatience = time.Minute
	// lockPause lies between two looks at a taken lock: people do not see half a second.
	lockPause = 500 * time.Millisecond
	// answerTime is how long a controller may take to say who it is.
	answerTime = 10 * time.Second
)

// dial asks the running controller; where there is none it runs one inside the command.
func (c *cli) dial(ctx context.Context, n need) (*session, error) {
	running, err := c.running(ctx)
	if err == nil {
		return running, nil
	}
	if !errors.Is(err, api.ErrNotRunning) {
		return nil, err
	}
	if !n.changes {
		return c.reader(ctx)
	}
	return c.changer(ctx, n)
}

// running is the controller at the socket; an error that is api.ErrNotRunning when there is none.
func (c *cli) running(ctx context.Context) (*session, error) {
	client := api.NewClient(c.socket)
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	if _, err := client.Version(ctx); err != nil {
		client.Close()
		return nil, err
	}
	return &session{Service: client, close: func() error { client.Close(); return nil }}, nil
}

// changer is a controller inside the command that holds the lock. While another holds it the lock is waited for; when
// that turns out to be a starting segue run, it is asked instead.
func (c *cli) changer(ctx context.Context, n need) (*session, error) {
	if err := refuseManaged(n.manifests); err != nil {
		return nil, err
	}
	patience := n.timeout
	if patience == 0 {
		patience = lockPatience
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(lockPause)
	defer tick.Stop()
	told := false
	for {
		unlock, err := c.lock("a command of segue")
		if err == nil {
			fmt.Fprintln(c.err, "No segue run at "+c.socket+": working inside this command. Nothing heals afterwards until the next run.")
			return c.changingInside(ctx, n, unlock)
		}
		var refusal *api.Refusal
		if !errors.As(err, &refusal) || refusal.Kind != api.Locked {
			return nil, err
		}
		if !told {
			fmt.Fprintf(c.err, "Waiting up to %s: %s.\n", lasting(patience), refusal.Message)
			told = true
		}
		select {
		case <-waiting.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return nil, ctx.Err()
			}
			return nil, err
		case <-tick.C:
		}
		running, askErr := c.running(waiting)
		if askErr == nil {
			return running, nil
		}
	}
}

// refuseManaged: whose heartbeats segue sends needs a segue that stays.
func refuseManaged(manifests []spec.Manifest) error {
	for _, m := range manifests {
		if d := m.Deployment; d != nil && d.Spec.Eureka != nil && !d.Spec.SelfRegisters() {
			return usage("error: deployment/%s has eureka.mode: %s, so segue itself keeps its leases alive: these need `segue run`", m.Name(), d.Spec.Eureka.Mode)
		}
	}
	return nil
}

// with asks a controller for a while.
func (c *cli) with(ctx context.Context, n need, do func(*session) error) (err error) {
	s, err := c.connect(ctx, n)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	return do(s)
}

// timed bounds ctx by --timeout; 0 is no bound.
func timed(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if timeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, timeout)
}
