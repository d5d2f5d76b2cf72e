package docker

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/docker/docker/api/types/container"
)

// Info reads one container afresh. Its events concern every Deployment from now on: Run's changed is called with "".
func (r *Runtime) Info(ctx context.Context, name string) (ContainerInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	c, err := r.find(ctx, name)
	r.view.watch(name, c)
	if errors.Is(err, errMissing) {
		return ContainerInfo{Missing: true}, nil
	}
	if err != nil {
		return ContainerInfo{}, err
	}
	return infoOf(c), nil
}

func infoOf(c container.InspectResponse) ContainerInfo {
	info := ContainerInfo{Running: running(c), Addresses: addressesOf(c), Labels: c.Config.Labels}
	info.HostNetwork = c.HostConfig != nil && c.HostConfig.NetworkMode.IsHost()
	if info.Running {
		info.Pid = c.State.Pid
	}
	for _, m := range c.Mounts {
		info.Mounts = append(info.Mounts, Mount{Source: m.Source, Target: m.Destination, ReadOnly: !m.RW})
	}
	return info
}

// Attach connects a container that a manifest names to the network segue, at an address that its successor of the same name
// gets, too: who dials where it was meets that one. It is no error that it is connected already, nor that there is none of
// that name: nobody gets through what is not there.
func (r *Runtime) Attach(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	c, err := r.find(ctx, name)
	if errors.Is(err, errMissing) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("attach to network %s: %w", networkName, err)
	}
	if c.NetworkSettings != nil && c.NetworkSettings.Networks[networkName] != nil {
		return nil
	}
	if c.HostConfig.NetworkMode.IsHost() {
		// It reaches every container of this host as it is.
		return nil
	}
	endpoint, err := r.endpointOf(ctx, name, nil)
	if err != nil {
		return fmt.Errorf("attach container %s: %w", name, err)
	}
	err = r.cli.NetworkConnect(ctx, networkName, c.ID, endpoint)
	if err != nil && !strings.Contains(err.Error(), "already exists in network") {
		return fmt.Errorf("attach container %s to network %s: %w", name, networkName, err)
	}
	return nil
}
