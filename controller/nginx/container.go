package nginx

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// ContainerInfo is what an engine knows of an nginx container.
type ContainerInfo struct {
	// Missing: there is no container of that name. Nobody gets through it.
	Missing bool
	Running bool
	// Pid is State.Pid, in this machine's /proc.
	Pid    int
	Mounts []Mount
	// Addresses are those of the container on its networks, the one that segue can dial first. None: it uses the
	// host's network, or does not run.
	Addresses []netip.Addr
	// HostNetwork: it uses the host's network, running or not. What is written for one that does not run is for how it
	// will be.
	HostNetwork bool
}

// Mount is one bind mount or volume of a container.
type Mount struct {
	// Source is a path on this machine, Target one in the container.
	Source, Target string
}

// Engine is what a Container needs of the engine that runs it. The docker driver gives it.
type Engine struct {
	Info func(ctx context.Context, container string) (ContainerInfo, error)
	// Exec runs a command in the container; output is all of its stdout, diagnostics its stderr. Mixed, a complaint
	// may come to stand in the middle of a line of nginx -T.
	Exec func(ctx context.Context, container string, argv []string) (code int, output, diagnostics []byte, err error)
	// Tail is the last lines of the container's log. May be nil.
	Tail func(ctx context.Context, container string, lines int) ([]string, error)
}

// Container is an nginx in a container on this machine.
type Container struct {
	name    string
	confDir string
	engine  Engine
	memory  memory
}

// NewContainer is the nginx in the named container, which reads confDir.
func NewContainer(name, confDir string, engine Engine) *Container {
	return &Container{name: name, confDir: filepath.Clean(confDir), engine: engine}
}

// Remember keeps in a file where the container's confDir is on this machine, so that its files are kept right while
// there is no container of that name. readOnly: what was kept counts, and nothing is kept.
func (c *Container) Remember(file string, readOnly bool) *Container {
	c.memory = memory{file: file, readOnly: readOnly}
	c.memory.recall()
	return c
}

// Name is the container's.
func (c *Container) Name() string { return c.name }

// SharesProc is false: a container has its own /proc.
func (c *Container) SharesProc() bool { return false }

func (c *Container) machine() machine { return local{} }

// Look inspects the container and finds its master below State.Pid.
func (c *Container) Look(ctx context.Context) (Sighting, error) {
	info, err := c.engine.Info(ctx, c.name)
	if err != nil {
		return Sighting{}, fmt.Errorf("inspect container %s: %w", c.name, err)
	}
	if info.Missing {
		return c.missing(), nil
	}
	seen := Sighting{Listen: "*", Addresses: info.Addresses, Processes: proc{}}
	seen.ConfDir, err = sourceOf(info.Mounts, c.confDir)
	if err != nil {
		return Sighting{}, fmt.Errorf("container %s: %s: %w", c.name, c.confDir, err)
	}
	switch {
	case len(info.Addresses) > 0:
		seen.Dial = info.Addresses[0]
	case info.HostNetwork:
		seen.Dial, seen.Listen = netip.AddrFrom4([4]byte{127, 0, 0, 1}), "127.0.0.1"
		if seen.Addresses, err = (local{}).addresses(ctx); err != nil {
			return Sighting{}, err
		}
	}
	if err := c.memory.keep(place{Source: seen.ConfDir, HostNetwork: info.HostNetwork}); err != nil {
		return Sighting{}, err
	}
	if !info.Running {
		seen.Off, seen.Reason = true, "container is not running"
		return seen, nil
	}
	if seen.Master, err = c.master(ctx, info.Pid); err != nil {
		return Sighting{}, fmt.Errorf("container %s: %w", c.name, err)
	}
	seen.Running = seen.Master != 0
	if !seen.Running {
		seen.Reason = "no nginx master in the container"
	}
	return seen, nil
}

// missing: what is made anew will read the directory that the last one read.
func (c *Container) missing() Sighting {
	seen := Sighting{Off: true, Reason: "no such container", Listen: "*", ConfDir: c.memory.standing()}
	if c.memory.known.HostNetwork {
		seen.Listen = "127.0.0.1"
	}
	return seen
}

// master finds the nginx master at or below the container's first process; 0 when that runs without one. A process
// that the engine says runs and that is not in /proc is another machine's, or of a namespace that segue does not see:
// that proves nothing.
func (c *Container) master(ctx context.Context, pid int) (int, error) {
	master, err := masterBelow(proc{}, pid)
	if master != 0 || err != nil {
		return master, err
	}
	if _, _, _, err := (proc{}).stat(pid); err == nil || !gone(err) {
		return 0, err
	}
	info, err := c.engine.Info(ctx, c.name)
	if err != nil {
		return 0, err
	}
	if info.Running && info.Pid == pid {
		return 0, fmt.Errorf("process %d is not in /proc here: segue has to run on the engine's machine, in a container with pid: host", pid)
	}
	return 0, nil
}

// sourceOf maps a directory of the container to this machine. A mounted single file never shows a rename, so only a
// directory counts.
func sourceOf(mounts []Mount, target string) (string, error) {
	best, source := "", ""
	for _, m := range mounts {
		at := filepath.Clean(m.Target)
		if (target == at || strings.HasPrefix(target, strings.TrimSuffix(at, "/")+"/")) && len(at) > len(best) {
			best, source = at, filepath.Join(m.Source, strings.TrimPrefix(target, at))
		}
	}
	if best == "" {
		return "", errNoMount
	}
	if info, err := os.Stat(source); err == nil && !info.IsDir() {
		return "", errNoMount
	}
	return source, nil
}

// Nginx runs nginx in the container. An engine that mixes both streams gives them as output and as diagnostics.
func (c *Container) Nginx(ctx context.Context, args ...string) (int, []byte, []byte, error) {
	code, output, diagnostics, err := c.engine.Exec(ctx, c.name, append([]string{"nginx"}, args...))
	if err != nil {
		return 0, nil, nil, fmt.Errorf("exec nginx in container %s: %w", c.name, err)
	}
	return code, output, diagnostics, nil
}

// Reload signals the master itself: the container's PID 1 may not pass signals on. Who may not signal a process of the
// container has nginx do it inside, for the price of a docker exec.
func (c *Container) Reload(ctx context.Context, seen Sighting) error {
	if yes, err := isMaster(seen.Processes, seen.Master); err == nil && yes && c.machine().hangUp(ctx, seen.Master) == nil {
		return nil
	}
	code, _, diagnostics, err := c.Nginx(ctx, "-s", "reload")
	if err != nil {
		return err
	}
	if code != 0 {
		return fmt.Errorf("nginx -s reload in container %s: %s", c.name, lastComplaint(diagnostics))
	}
	return nil
}

// ReadFile reads through the container's mounts, else with cat inside.
func (c *Container) ReadFile(ctx context.Context, path string) ([]byte, error) {
	info, err := c.engine.Info(ctx, c.name)
	if err != nil {
		return nil, fmt.Errorf("inspect container %s: %w", c.name, err)
	}
	if source, err := sourceOf(info.Mounts, filepath.Dir(path)); err == nil {
		// A symlink of the container may point to where this machine has something else: then ask the container.
		file := filepath.Join(source, filepath.Base(path))
		if info, err := os.Lstat(file); err == nil && info.Mode().IsRegular() {
			return os.ReadFile(file)
		}
	}
	code, output, diagnostics, err := c.engine.Exec(ctx, c.name, []string{"cat", "--", path})
	if err != nil {
		return nil, fmt.Errorf("read %s in container %s: %w", path, c.name, err)
	}
	if code != 0 {
		return nil, fmt.Errorf("read %s in container %s: %s", path, c.name, bytes.TrimSpace(diagnostics))
	}
	return output, nil
}

// Emergency looks at the container's log: nginx's images log to stderr.
func (c *Container) Emergency(ctx context.Context, since time.Time) string {
	if c.engine.Tail == nil {
		return ""
	}
	lines, err := c.engine.Tail(ctx, c.name, 200)
	if err != nil {
		return ""
	}
	return lastEmergency([]byte(strings.Join(lines, "\n")), since)
}
