package docker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"

	"github.com/segue-dev/segue/reconcile"
)

// errNotVisible: this process's /proc is not that of the engine's host.
var errNotVisible = errors.New("its process is not visible here (segue needs the host's pid namespace, or a helper image)")

// Connections are the peers of the established connections to the instance's own listening ports, one for each
// connection. An instance that does not run has none. An error means that they were not counted.
func (r *Runtime) Connections(ctx context.Context, instance string) ([]netip.Addr, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	c, err := r.find(ctx, instance)
	if errors.Is(err, errMissing) || (err == nil && !running(c)) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("connections: %w", err)
	}
	table, err := procTable(c)
	if errors.Is(err, errNotVisible) && r.options.HelperImage != "" {
		table, err = r.helperTable(ctx, c)
	}
	if err != nil {
		return nil, fmt.Errorf("connections of %s: %w", instance, err)
	}
	sockets, err := readSockets(bytes.NewReader(table))
	if err != nil {
		return nil, fmt.Errorf("connections of %s: %w", instance, err)
	}
	ports := map[uint16]bool{}
	for _, p := range readPorts(c.Config.Labels[labelPorts]) {
		ports[uint16(p.ContainerPort)] = true
	}
	return peersOf(sockets, ports), nil
}

// procTable is /proc/PID/net/tcp and tcp6 of the container's process.
func procTable(c container.InspectResponse) ([]byte, error) {
	dir := "/proc/" + strconv.Itoa(c.State.Pid)
	if !isProcessOf(dir, c.ID) {
		return nil, errNotVisible
	}
	table, err := os.ReadFile(dir + "/net/tcp")
	if err != nil {
		return nil, err
	}
	table6, err := os.ReadFile(dir + "/net/tcp6")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return append(table, table6...), nil
}

// isProcessOf: in another pid namespace the same number is another process. The engine puts every container into a
// cgroup with its id, and mounts its hostname file out of a directory with its id.
func isProcessOf(dir, id string) bool {
	for _, file := range []string{"/cgroup", "/mountinfo"} {
		if text, err := os.ReadFile(dir + file); err == nil && bytes.Contains(text, []byte(id)) {
			return true
		}
	}
	return false
}

// helperRole marks the helper containers.
const helperRole = "connections"

// sweepHelpers removes what helper containers a process that died has left.
func (r *Runtime) sweepHelpers(ctx context.Context) error {
	left, err := r.cli.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(
		filters.Arg("label", labelOwner+"="+r.options.Owner), filters.Arg("label", labelRole+"="+helperRole))})
	if err != nil {
		return fmt.Errorf("list helper containers: %w", err)
	}
	for _, helper := range left {
		if err := r.cli.ContainerRemove(ctx, helper.ID, container.RemoveOptions{Force: true}); err != nil && !errdefs.IsNotFound(err) {
			return fmt.Errorf("remove helper container %s: %w", helper.ID, err)
		}
	}
	return nil
}

// helperTable reads the same by a short-lived container in the instance's network namespace.
func (r *Runtime) helperTable(ctx context.Context, c container.InspectResponse) ([]byte, error) {
	created, err := r.cli.ContainerCreate(ctx, &container.Config{
		Image: r.options.HelperImage, Entrypoint: []string{"cat"}, Cmd: []string{"/proc/net/tcp", "/proc/net/tcp6"},
		Labels: map[string]string{labelOwner: r.options.Owner, labelRole: helperRole},
	}, &container.HostConfig{NetworkMode: container.NetworkMode("container:" + c.ID), LogConfig: logConfig()}, nil, nil, "")
	if err != nil {
		return nil, fmt.Errorf("create helper: %w", err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
		defer cancel()
		if err := r.cli.ContainerRemove(ctx, created.ID, container.RemoveOptions{Force: true}); err != nil {
			r.log.Info("helper container not removed", "container", created.ID, "reason", err.Error())
		}
	}()
	exited, failed := r.cli.ContainerWait(ctx, created.ID, container.WaitConditionNextExit)
	if err := r.cli.ContainerStart(ctx, created.ID, container.StartOptions{}); err != nil {
		return nil, fmt.Errorf("start helper: %w", err)
	}
	select {
	case <-exited:
	case err := <-failed:
		return nil, fmt.Errorf("wait for helper: %w", err)
	}
	helper, err := r.cli.ContainerInspect(ctx, created.ID)
	if err != nil {
		return nil, fmt.Errorf("inspect helper: %w", err)
	}
	var table bytes.Buffer
	if err := r.copyLog(ctx, helper, reconcile.LogOptions{Tail: -1}, &table); err != nil {
		return nil, err
	}
	if !strings.Contains(table.String(), "local_address") {
		return nil, fmt.Errorf("helper image %s: %s", r.options.HelperImage, lastLine(table.Bytes()))
	}
	return table.Bytes(), nil
}
