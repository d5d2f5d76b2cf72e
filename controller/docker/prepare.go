package docker

import (
	"context"
	"fmt"
	"slices"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/versions"
)

// oldestAPI is Docker Engine 20.10's.
const oldestAPI = "1.41"

// Prepare negotiates the API version and sees to the network segue. A *Refusal when the network is another owner's or
// has another subnet.
// It also sweeps up what a process that died has left.
func (r *Runtime) Prepare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if err := checkSubnet(r.options.InstanceCIDR); err != nil {
		return err
	}
	ping, err := r.cli.Ping(ctx)
	if err != nil {
		return fmt.Errorf("reach the Docker Engine: %w", err)
	}
	if ping.APIVersion == "" || versions.LessThan(ping.APIVersion, oldestAPI) {
		return &Refusal{Message: fmt.Sprintf("the Docker Engine speaks API %s; segue needs %s (Docker Engine 20.10) or later", ping.APIVersion, oldestAPI)}
	}
	r.cli.NegotiateAPIVersionPing(ping)
	info, err := r.cli.Info(ctx)
	if err != nil {
		return fmt.Errorf("reach the Docker Engine: %w", err)
	}
	if info.OperatingSystem == "Docker Desktop" || slices.Contains(info.SecurityOptions, "name=rootless") {
		r.log.Info("container addresses are not reachable from this engine's host; run segue's own image on the network segue", "engine", info.OperatingSystem)
	}
	if err := r.ensureNetwork(ctx); err != nil {
		return err
	}
	if err := r.sweepSecrets(ctx); err != nil {
		return err
	}
	return r.sweepHelpers(ctx)
}

// Version is the engine's, as "28.5.2, API 1.51", the latter as negotiated.
func (r *Runtime) Version(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	version, err := r.cli.ServerVersion(ctx)
	if err != nil {
		return "", fmt.Errorf("reach the Docker Engine: %w", err)
	}
	return version.Version + ", API " + r.cli.ClientVersion(), nil
}

func (r *Runtime) ensureNetwork(ctx context.Context) error {
	n, err := r.cli.NetworkInspect(ctx, networkName, network.InspectOptions{})
	switch {
	case err == nil && n.Name == networkName:
		return checkNetwork(n, r.options.InstanceCIDR, r.options.Owner)
	case err != nil && !errdefs.IsNotFound(err):
		return fmt.Errorf("inspect network %s: %w", networkName, err)
	}
	if _, err := r.cli.NetworkCreate(ctx, networkName, networkOptions(r.options.InstanceCIDR, r.options.Owner)); err != nil {
		return fmt.Errorf("create network %s of %s (another --instance-cidr may be free): %w", networkName, r.options.InstanceCIDR, err)
	}
	r.log.Info("network created", "network", networkName, "subnet", r.options.InstanceCIDR.String())
	return nil
}
