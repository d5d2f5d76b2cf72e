package docker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"

	"github.com/segue-dev/segue/reconcile"
)

// Retire implements controller.Runtime: the name first, so that no later process takes it for a living one; preStop
// inside the grace; the signal once; SIGKILL when the grace has ended.
func (r *Runtime) Retire(ctx context.Context, instance string, stop reconcile.Stop) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	c, err := r.find(ctx, instance)
	if errors.Is(err, errMissing) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("retire %s: %w", instance, err)
	}
	if !r.ours(c) && !stop.Keep {
		return r.stranger(c)
	}
	defer r.view.touch(c.ID)
	if err := r.announce(ctx, c, instance, stop.Keep); err != nil {
		return fmt.Errorf("retire %s: %w", instance, err)
	}
	if !running(c) {
		return nil
	}
	if err := r.advanceStop(ctx, c, stop); err != nil && !alreadyGone(err) {
		return fmt.Errorf("retire %s: %w", instance, err)
	}
	return nil
}

// alreadyGone: it ended on its own between the look and the signal.
func alreadyGone(err error) bool {
	return errdefs.IsNotFound(err) || (errdefs.IsConflict(err) && strings.Contains(err.Error(), "is not running"))
}

// announce writes the stop into the world. A kept container keeps its name; nobody restarts it.
func (r *Runtime) announce(ctx context.Context, c container.InspectResponse, instance string, keep bool) error {
	if keep {
		if c.HostConfig.RestartPolicy.IsNone() {
			return nil
		}
		policy := container.UpdateConfig{RestartPolicy: container.RestartPolicy{Name: container.RestartPolicyDisabled}}
		if _, err := r.cli.ContainerUpdate(ctx, c.ID, policy); err != nil {
			return fmt.Errorf("set restart policy to no: %w", err)
		}
		return nil
	}
	if retired(c) || !running(c) {
		return nil
	}
	if err := r.cli.ContainerRename(ctx, c.ID, instance+retiredSuffix); err != nil {
		return fmt.Errorf("rename: %w", err)
	}
	r.stops.firstSeen(c.ID, time.Now())
	r.stops.note(c.ID, func(s *stopping) { s.asked = true })
	return nil
}

// advanceStop does the next missing part after the name.
func (r *Runtime) advanceStop(ctx context.Context, c container.InspectResponse, stop reconcile.Stop) error {
	r.stops.inRun(c.ID, timeOf(c.State.StartedAt), time.Now())
	deadline := r.stops.of(c.ID).since.Add(stop.Grace)
	if !r.stops.of(c.ID).asked {
		signaled := false
		if !stop.Keep {
			var err error
			if signaled, err = r.signaledBefore(ctx, c, signalOf(c, stop)); err != nil {
				return err
			}
		}
		r.stops.note(c.ID, func(s *stopping) { s.asked, s.signaled = true, signaled })
	}
	now := r.stops.of(c.ID)
	switch {
	case !time.Now().Before(deadline):
		if now.killed {
			return nil
		}
		if err := r.cli.ContainerKill(ctx, c.ID, "SIGKILL"); err != nil {
			return fmt.Errorf("kill: %w", err)
		}
		r.stops.note(c.ID, func(s *stopping) { s.killed = true })
		return nil
	case now.signaled || now.preStop == preStopRunning:
		r.remind(c, deadline)
		return nil
	case stop.PreStop != nil && now.preStop == preStopNotBegun:
		r.beginPreStop(c, *stop.PreStop, deadline)
		return nil
	}
	if err := r.signal(ctx, c, signalOf(c, stop)); err != nil {
		return err
	}
	r.stops.note(c.ID, func(s *stopping) { s.signaled = true })
	r.remind(c, deadline)
	return nil
}

// signal also wakes a paused container: a frozen process handles none.
func (r *Runtime) signal(ctx context.Context, c container.InspectResponse, signal string) error {
	if err := r.cli.ContainerKill(ctx, c.ID, signal); err != nil {
		return fmt.Errorf("send %s: %w", signal, err)
	}
	if !c.State.Paused {
		return nil
	}
	if err := r.cli.ContainerUnpause(ctx, c.ID); err != nil {
		return fmt.Errorf("unpause: %w", err)
	}
	return nil
}

// signalOf is the signal that ends the container: the one asked for, the container's own, the image's, SIGTERM.
func signalOf(c container.InspectResponse, stop reconcile.Stop) string {
	for _, signal := range []string{stop.Signal, c.Config.StopSignal} {
		if signal != "" {
			return signal
		}
	}
	return "SIGTERM"
}

// remind says changed at the end of the grace, when the next part is due. Once per stop.
func (r *Runtime) remind(c container.InspectResponse, at time.Time) {
	first := false
	r.stops.note(c.ID, func(s *stopping) { first, s.reminded = !s.reminded, true })
	if !first {
		return
	}
	deployment := r.deploymentOf(c)
	r.errands.add(func(ctx context.Context, changed func(string)) {
		select {
		case <-time.After(time.Until(at)):
			changed(deployment)
		case <-ctx.Done():
		}
	})
}

// deploymentOf is whose the container is; "" when nobody's is known.
func (r *Runtime) deploymentOf(c container.InspectResponse) string {
	if r.ours(c) {
		return c.Config.Labels[labelDeployment]
	}
	deployment, _ := r.view.concerns(c.ID, strings.TrimPrefix(c.Name, "/"), nil)
	return deployment
}
