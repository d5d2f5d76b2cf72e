package docker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/network"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// EnsureOwn sees to it that a container that segue itself needs runs as asked, on the network segue, restarted by the
// engine unless it was stopped. It is created anew when anything asked for has changed, its image too. While the
// image is being fetched the answer is an error that says how far that is; ask again.
func (r *Runtime) EnsureOwn(ctx context.Context, own OwnContainer) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	wish, image := r.Pull(ctx, own.Image, string(spec.PullIfNotPresent))
	if wish.State != reconcile.WishDone {
		return fmt.Errorf("container %s: %s", own.Name, wish.Reason)
	}
	hash, err := hashOf(own, image.Reference)
	if err != nil {
		return fmt.Errorf("container %s: %w", own.Name, err)
	}
	c, err := r.find(ctx, own.Name)
	r.view.watch(own.Name, c)
	switch {
	case errors.Is(err, errMissing):
		return r.createOwn(ctx, own, image.Reference, hash)
	case err != nil:
		return err
	case !r.ours(c):
		return r.stranger(c)
	case c.Config.Labels[labelHash] == hash && running(c):
		return nil
	case c.Config.Labels[labelHash] == hash:
		if err := r.cli.ContainerStart(ctx, c.ID, container.StartOptions{}); err != nil {
			return fmt.Errorf("start container %s: %w", own.Name, err)
		}
		return nil
	}
	if err := r.RemoveOwn(ctx, own.Name); err != nil {
		return fmt.Errorf("change what was asked for: %w", err)
	}
	return r.createOwn(ctx, own, image.Reference, hash)
}

// RemoveOwn stops and removes a container that EnsureOwn made; none of that name is fine, a stranger's is refused.
func (r *Runtime) RemoveOwn(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	c, err := r.find(ctx, name)
	switch {
	case errors.Is(err, errMissing):
		return nil
	case err != nil:
		return err
	case !r.ours(c) || c.Config.Labels[labelRole] == "":
		return r.stranger(c)
	}
	if err := r.cli.ContainerStop(ctx, c.ID, container.StopOptions{}); err != nil {
		return fmt.Errorf("stop container %s: %w", name, err)
	}
	if err := r.cli.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: true, RemoveVolumes: true}); err != nil && !errdefs.IsNotFound(err) {
		return fmt.Errorf("remove container %s: %w", name, err)
	}
	r.log.Info("container removed", "container", name)
	return nil
}

// OwnByRole are the containers that EnsureOwn made for roles that begin with prefix, by role.
func (r *Runtime) OwnByRole(ctx context.Context, prefix string) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	all, err := r.cli.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(
		filters.Arg("label", labelOwner+"="+r.options.Owner), filters.Arg("label", labelRole))})
	if err != nil {
		return nil, fmt.Errorf("list containers of %s: %w", prefix, err)
	}
	found := map[string]string{}
	for _, c := range all {
		if role := c.Labels[labelRole]; strings.HasPrefix(role, prefix) && len(c.Names) > 0 {
			found[role] = strings.TrimPrefix(c.Names[0], "/")
		}
	}
	return found, nil
}

func (r *Runtime) createOwn(ctx context.Context, own OwnContainer, image, hash string) error {
	exposed, bindings := portsOf(own.Ports, nil)
	config := &container.Config{
		Image: image, Cmd: own.Command, Env: envOf(own.Env), ExposedPorts: exposed,
		Labels: map[string]string{labelOwner: r.options.Owner, labelRole: own.Role, labelHash: hash},
	}
	host := &container.HostConfig{
		NetworkMode: networkName, PortBindings: bindings, LogConfig: logConfig(), Mounts: mountsOf(own.Mounts),
		RestartPolicy: container.RestartPolicy{Name: container.RestartPolicyUnlessStopped},
	}
	endpoint, err := r.endpointOf(ctx, own.Name, own.Aliases)
	if err != nil {
		return fmt.Errorf("create container %s: %w", own.Name, err)
	}
	networks := &network.NetworkingConfig{EndpointsConfig: map[string]*network.EndpointSettings{networkName: endpoint}}
	created, err := r.cli.ContainerCreate(ctx, config, host, networks, nil, own.Name)
	if err != nil {
		return fmt.Errorf("create container %s: %w", own.Name, err)
	}
	// An engine before API 1.44 takes one network when it creates a container.
	for _, name := range own.Networks {
		if name == networkName {
			continue
		}
		if err := r.cli.NetworkConnect(ctx, name, created.ID, &network.EndpointSettings{Aliases: own.Aliases}); err != nil {
			return r.undo(ctx, created.ID, &Fault{Err: fmt.Errorf("connect container %s to network %s: %w", own.Name, name, err)})
		}
	}
	if err := r.cli.ContainerStart(ctx, created.ID, container.StartOptions{}); err != nil {
		fault := &Fault{Own: startFaultIsOwn(err), Err: fmt.Errorf("start container %s: %w", own.Name, err)}
		return r.undo(ctx, created.ID, fault)
	}
	r.log.Info("container started", "container", own.Name, "role", own.Role)
	return nil
}

func mountsOf(asked []Mount) []mount.Mount {
	mounts := make([]mount.Mount, 0, len(asked))
	for _, m := range asked {
		kind := mount.TypeVolume
		if strings.HasPrefix(m.Source, "/") {
			kind = mount.TypeBind
		}
		mounts = append(mounts, mount.Mount{Type: kind, Source: m.Source, Target: m.Target, ReadOnly: m.ReadOnly})
	}
	return mounts
}

// hashOf tells one wish for a container from another.
func hashOf(own OwnContainer, image string) (string, error) {
	text, err := json.Marshal(struct {
		Own   OwnContainer
		Image string
	}{own, image})
	if err != nil {
		return "", fmt.Errorf("hash: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), nil
}
