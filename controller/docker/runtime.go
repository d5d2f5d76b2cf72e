package docker

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"time"

	"github.com/segue-dev/segue/reconcile"
)

var errUnbuilt = errors.New("not built")

// Runtime runs instances on one Docker Engine.
type Runtime struct{ options Options }

// New connects to nothing yet.
func New(options Options) (*Runtime, error) { return &Runtime{options: options}, nil }

// Prepare negotiates the API version and sees to the network segue. A *Refusal when the network is another owner's.
func (r *Runtime) Prepare(ctx context.Context) error { return errUnbuilt }

// Run implements controller.Runtime.
func (r *Runtime) Run(ctx context.Context, changed func(deployment string)) error { return errUnbuilt }

// Containers implements controller.Runtime.
func (r *Runtime) Containers(ctx context.Context, began time.Time) ([]reconcile.Container, time.Time, error) {
	return nil, time.Time{}, errUnbuilt
}

// Adopt implements controller.Runtime.
func (r *Runtime) Adopt(containers map[string]string) {}

// Pull implements controller.Runtime.
func (r *Runtime) Pull(ctx context.Context, image, policy string) (reconcile.Wish, reconcile.PulledImage) {
	return reconcile.Wish{}, reconcile.PulledImage{}
}

// Tag names the image of a kept revision segue/DEPLOYMENT:REVISION, so that no prune takes it.
func (r *Runtime) Tag(ctx context.Context, image, deployment, revision string) error { return errUnbuilt }

// Start implements controller.Runtime. Its errors carry a *Fault.
func (r *Runtime) Start(ctx context.Context, launch reconcile.Launch) error { return errUnbuilt }

// Retire implements controller.Runtime.
func (r *Runtime) Retire(ctx context.Context, instance string, stop reconcile.Stop) error {
	return errUnbuilt
}

// Remove implements controller.Runtime.
func (r *Runtime) Remove(ctx context.Context, instance string) error { return errUnbuilt }

// Logs implements controller.Runtime.
func (r *Runtime) Logs(ctx context.Context, instance string, options reconcile.LogOptions, to io.Writer) error {
	return errUnbuilt
}

// Tail implements controller.Runtime.
func (r *Runtime) Tail(ctx context.Context, instance string, lines int) ([]string, error) {
	return nil, errUnbuilt
}

// SaveLog copies the whole log of an instance to the state directory and says where.
func (r *Runtime) SaveLog(ctx context.Context, instance string) (path string, err error) {
	return "", errUnbuilt
}

// Exec implements controller.Runtime.
func (r *Runtime) Exec(ctx context.Context, container string, command []string) (code int, output []byte, err error) {
	return 0, nil, errUnbuilt
}

// Info reads one container afresh.
func (r *Runtime) Info(ctx context.Context, container string) (ContainerInfo, error) {
	return ContainerInfo{}, errUnbuilt
}

// Attach connects a container that a manifest names to the network segue.
func (r *Runtime) Attach(ctx context.Context, container string) error { return errUnbuilt }

// Connections are the peers of the established connections to the instance's listening ports.
func (r *Runtime) Connections(ctx context.Context, instance string) ([]netip.Addr, error) {
	return nil, errUnbuilt
}

// EnsureOwn sees to it that a container that segue itself needs runs as asked.
func (r *Runtime) EnsureOwn(ctx context.Context, own OwnContainer) error { return errUnbuilt }

// ImportBinary makes an image of one static binary.
func (r *Runtime) ImportBinary(ctx context.Context, tag, path string, entrypoint []string) error {
	return errUnbuilt
}
