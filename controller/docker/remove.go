package docker

import (
	"context"
	"errors"
	"fmt"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
)

// Remove implements controller.Runtime. The log of an instance that failed is saved first.
func (r *Runtime) Remove(ctx context.Context, instance string) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	c, err := r.find(ctx, instance)
	if errors.Is(err, errMissing) {
		return r.removeFiles(instance)
	}
	if err != nil {
		return fmt.Errorf("remove %s: %w", instance, err)
	}
	if !r.ours(c) {
		return r.stranger(c)
	}
	if running(c) && !retired(c) {
		return &Refusal{Owner: r.options.Owner, Message: "container " + instance + " runs and was not retired: it is not removed"}
	}
	if !running(c) && c.State.ExitCode != 0 && !retired(c) {
		if _, err := r.saveLog(ctx, instance, c); err != nil {
			r.log.Info("log of a failed instance not saved", "instance", instance, "reason", err.Error())
		}
	}
	r.view.touch(c.ID)
	if err := r.cli.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: retired(c), RemoveVolumes: true}); err != nil && !errdefs.IsNotFound(err) {
		return fmt.Errorf("remove %s: %w", instance, err)
	}
	r.stops.forget(c.ID)
	return r.removeFiles(instance)
}
