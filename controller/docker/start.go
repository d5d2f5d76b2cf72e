package docker

import (
	"context"
	"errors"
	"fmt"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"

	"github.com/segue-dev/segue/reconcile"
)

// Start implements controller.Runtime. Its errors carry a *Fault. A launch of AdoptedRevision starts the kept
// container of that name again.
func (r *Runtime) Start(ctx context.Context, launch reconcile.Launch) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if launch.Revision == reconcile.AdoptedRevision {
		return r.startKept(ctx, launch.Instance)
	}
	done, err := r.clearName(ctx, launch)
	if err != nil {
		return &Fault{Err: fmt.Errorf("start %s: %w", launch.Instance, err)}
	}
	if done {
		return nil
	}
	mounts, err := r.writeFiles(launch.Instance, launch.Files)
	if err != nil {
		return &Fault{Err: fmt.Errorf("start %s: %w", launch.Instance, err)}
	}
	create, err := creationOf(r.options.Owner, launch, mounts)
	if err != nil {
		return &Fault{Own: true, Err: fmt.Errorf("start %s: %w", launch.Instance, err)}
	}
	return r.create(ctx, launch, create)
}

// clearName finds what has the instance's name. done: it is the instance itself, running.
func (r *Runtime) clearName(ctx context.Context, launch reconcile.Launch) (done bool, err error) {
	c, err := r.find(ctx, launch.Instance)
	if errors.Is(err, errMissing) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if !r.ours(c) {
		return false, fmt.Errorf("the name is taken: %w", r.stranger(c))
	}
	if c.Config.Labels[labelRevision] != launch.Revision || c.Config.Labels[labelDeployment] != launch.Deployment.String() {
		return false, fmt.Errorf("the name is taken by revision %s of %s", c.Config.Labels[labelRevision], c.Config.Labels[labelDeployment])
	}
	r.view.touch(c.ID)
	switch {
	case running(c) && !retired(c):
		return true, nil
	case stateOf(c.State.Status) == reconcile.ContainerCreated:
		if err := r.cli.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: true}); err != nil && !errdefs.IsNotFound(err) {
			return false, fmt.Errorf("remove what an earlier start left: %w", err)
		}
		return false, nil
	default:
		return false, fmt.Errorf("it was started before and is %s", c.State.Status)
	}
}

// create creates, attaches the other networks and starts. What it created goes when a later part fails.
func (r *Runtime) create(ctx context.Context, launch reconcile.Launch, create creation) error {
	created, err := r.cli.ContainerCreate(ctx, create.config, create.host, create.networks, nil, launch.Instance)
	if err != nil {
		// An image that a prune took is fetched again.
		own := startFaultIsOwn(err) && !errdefs.IsNotFound(err)
		return &Fault{Own: own, Err: fmt.Errorf("create container %s: %w", launch.Instance, err)}
	}
	r.view.touch(created.ID)
	for _, name := range launch.Template.Networks {
		if name == networkName {
			continue
		}
		if err := r.cli.NetworkConnect(ctx, name, created.ID, endpointOf(launch)); err != nil {
			return r.undo(ctx, created.ID, &Fault{
				// The manifest names a network that is not there.
				Own: startFaultIsOwn(err) || errdefs.IsNotFound(err),
				Err: fmt.Errorf("connect container %s to network %s: %w", launch.Instance, name, err),
			})
		}
	}
	if err := r.cli.ContainerStart(ctx, created.ID, container.StartOptions{}); err != nil {
		return r.undo(ctx, created.ID, &Fault{Own: startFaultIsOwn(err), Err: fmt.Errorf("start container %s: %w", launch.Instance, err)})
	}
	return nil
}

// undo removes what a failed start left, unless nobody knows whether it failed: then the next Start looks again.
func (r *Runtime) undo(ctx context.Context, id string, fault *Fault) error {
	if notTheEngine(fault.Err) {
		return fault
	}
	if err := r.cli.ContainerRemove(ctx, id, container.RemoveOptions{Force: true}); err != nil && !errdefs.IsNotFound(err) {
		fault.Err = fmt.Errorf("%w (and what is left of it was not removed: %w)", fault.Err, err)
	}
	r.view.touch(id)
	return fault
}

// startKept starts an adopted container that was stopped and kept. Its restart policy stays "no".
func (r *Runtime) startKept(ctx context.Context, name string) error {
	c, err := r.find(ctx, name)
	if err != nil {
		return &Fault{Own: errors.Is(err, errMissing), Err: fmt.Errorf("start kept container: %w", err)}
	}
	r.stops.forget(c.ID)
	r.view.touch(c.ID)
	if running(c) {
		return nil
	}
	if err := r.cli.ContainerStart(ctx, c.ID, container.StartOptions{}); err != nil {
		return &Fault{Own: startFaultIsOwn(err), Err: fmt.Errorf("start kept container %s: %w", name, err)}
	}
	return nil
}
