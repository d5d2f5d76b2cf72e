package docker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/reconcile"
)

const (
	// callTimeout bounds one effect on the engine, readTimeout one read of many containers.
	callTimeout = 60 * time.Second
	readTimeout = 30 * time.Second
)

// Runtime runs instances on one Docker Engine. It implements controller.Runtime.
type Runtime struct {
	options Options
	cli     *client.Client
	log     logr.Logger
	view    *view
	stops   *stops
	pulls   *pulls
	errands *errands
}

// New connects to nothing yet; Prepare does.
func New(options Options) (*Runtime, error) {
	if options.Owner == "" || options.StateDir == "" {
		return nil, errors.New("docker: an owner and a state directory are needed")
	}
	if !options.InstanceCIDR.IsValid() {
		options.InstanceCIDR = DefaultInstanceCIDR
	}
	if options.HostStateDir == "" {
		options.HostStateDir = options.StateDir
	}
	settings := []client.Opt{client.FromEnv, client.WithAPIVersionNegotiation()}
	if options.Host != "" {
		settings = append(settings, client.WithHost(options.Host))
	}
	cli, err := client.NewClientWithOpts(settings...)
	if err != nil {
		return nil, fmt.Errorf("docker client: %w", err)
	}
	stops, errands := newStops(), newErrands()
	return &Runtime{
		options: options, cli: cli, log: options.Log,
		view: newView(cli, options.Owner, stops), stops: stops,
		pulls: newPulls(cli, errands), errands: errands,
	}, nil
}

// Run implements controller.Runtime. It waits for every goroutine of the Runtime's.
func (r *Runtime) Run(ctx context.Context, changed func(deployment string)) error {
	var parts sync.WaitGroup
	parts.Go(func() { r.keepFollowing(ctx, changed) })
	parts.Go(func() { r.keepPolling(ctx, changed) })
	parts.Go(func() { r.errands.run(ctx, changed) })
	parts.Wait()
	return ctx.Err()
}

// Containers implements controller.Runtime.
func (r *Runtime) Containers(ctx context.Context, began time.Time) ([]reconcile.Container, time.Time, error) {
	return r.view.containers(ctx, everyone, began)
}

// ContainersOf implements controller.Runtime.
func (r *Runtime) ContainersOf(ctx context.Context, deployment string, began time.Time) ([]reconcile.Container, time.Time, error) {
	return r.view.containers(ctx, deployment, began)
}

// Adopt implements controller.Runtime.
func (r *Runtime) Adopt(containers map[string]string) { r.view.adopt(containers) }

// errMissing: the engine has no such container.
var errMissing = errors.New("no such container")

// find inspects an instance, retired or not, or a container that a manifest names. errMissing when there is none.
func (r *Runtime) find(ctx context.Context, name string) (container.InspectResponse, error) {
	for _, name := range []string{name, name + retiredSuffix} {
		c, err := r.cli.ContainerInspect(ctx, name)
		if errdefs.IsNotFound(err) || (err == nil && !isNamed(c, name)) {
			continue
		}
		if err != nil {
			return container.InspectResponse{}, fmt.Errorf("inspect container %s: %w", name, err)
		}
		return c, nil
	}
	return container.InspectResponse{}, fmt.Errorf("container %s: %w", name, errMissing)
}

// ours says whether segue started the container.
func (r *Runtime) ours(c container.InspectResponse) bool {
	return c.Config.Labels[labelOwner] == r.options.Owner
}

// stranger is the refusal to touch a container that is not ours.
func (r *Runtime) stranger(c container.InspectResponse) *Refusal {
	name, owner := strings.TrimPrefix(c.Name, "/"), c.Config.Labels[labelOwner]
	message := fmt.Sprintf("container %s was not started by segue and no manifest names it", name)
	if owner != "" {
		message = fmt.Sprintf("container %s belongs to the controller %s", name, owner)
	}
	return &Refusal{Owner: owner, Message: message}
}

func running(c container.InspectResponse) bool {
	return c.State != nil && stateOf(c.State.Status) == reconcile.ContainerRunning
}

func retired(c container.InspectResponse) bool { return strings.HasSuffix(c.Name, retiredSuffix) }
