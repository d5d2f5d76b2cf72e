package importer

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/mount"
)

// fromContainer reads a container as the engine sees it. i is its image; nil where that is gone.
func fromContainer(c container.InspectResponse, i *image.InspectResponse) *service {
	name := strings.TrimPrefix(c.Name, "/")
	s := &service{name: name, from: "container " + name, image: c.Config.Image, adopt: []string{name}, stopSignal: c.Config.StopSignal}
	if of := c.Config.Labels["com.docker.compose.service"]; of != "" {
		s.name = of
	}
	brought := broughtBy(i)
	if i == nil {
		s.note("its image is not on this host: what comes from the image and what from the container could not be told apart")
	}
	if strings.HasPrefix(s.image, "sha256:") || strings.HasPrefix(s.image, strings.TrimPrefix(c.Image, "sha256:")[:12]) {
		s.note("it was started from an image without a name; write the name of the one that is to run")
	}
	if !slices.Equal(c.Config.Entrypoint, brought.entrypoint) {
		s.command = c.Config.Entrypoint
	}
	if !slices.Equal(c.Config.Cmd, brought.cmd) || s.command != nil {
		s.args = c.Config.Cmd
	}
	s.workingDir, s.user = different(c.Config.WorkingDir, brought.workingDir), different(c.Config.User, brought.user)
	s.stopSignal = different(c.Config.StopSignal, brought.stopSignal)
	s.env = envOf(c.Config.Env, brought.env)
	s.labels = maps.Clone(c.Config.Labels)
	maps.DeleteFunc(s.labels, func(key, value string) bool { return brought.labels[key] == value })
	if c.Config.StopTimeout != nil {
		s.grace = duration(*c.Config.StopTimeout)
	}
	s.readPorts(c)
	s.readMounts(c)
	s.readNetworks(c)
	s.readHost(c)
	if h := c.Config.Healthcheck; h != nil && !slices.Equal(h.Test, brought.health) {
		s.health = healthOf(h.Test)
		if s.health != nil {
			s.health.interval, s.health.timeout, s.health.startAfter, s.health.retries = h.Interval, h.Timeout, h.StartPeriod, h.Retries
		}
	}
	return s
}

func different(have, brought string) string {
	if have == brought {
		return ""
	}
	return have
}

// envOf is what the container has beyond its image.
func envOf(have, brought []string) map[string]string {
	env := map[string]string{}
	for _, line := range have {
		if name, value, found := strings.Cut(line, "="); found && !slices.Contains(brought, line) {
			env[name] = value
		}
	}
	return env
}

// healthOf is a check's command: ["CMD", …] or ["CMD-SHELL", LINE]. Nil for none.
func healthOf(test []string) *health {
	switch {
	case len(test) > 1 && test[0] == "CMD":
		return &health{command: test[1:]}
	case len(test) == 2 && test[0] == "CMD-SHELL":
		return &health{command: []string{"sh", "-c", test[1]}}
	default:
		return nil
	}
}

func (s *service) readPorts(c container.InspectResponse) {
	published := map[int][]string{}
	numbers := map[int]bool{}
	for exposed := range c.Config.ExposedPorts {
		if exposed.Proto() != "tcp" {
			s.note("port %s is not taken over: only TCP is", exposed)
			continue
		}
		numbers[exposed.Int()] = true
	}
	for exposed, bindings := range c.HostConfig.PortBindings {
		for _, b := range bindings {
			if exposed.Proto() == "tcp" {
				numbers[exposed.Int()] = true
				published[exposed.Int()] = append(published[exposed.Int()], orAny(b.HostIP)+":"+b.HostPort)
			}
		}
	}
	for _, n := range slices.Sorted(maps.Keys(numbers)) {
		s.ports = append(s.ports, port{container: n, published: published[n]})
	}
}

func orAny(ip string) string {
	if ip == "" {
		return "0.0.0.0"
	}
	return ip
}

func (s *service) readMounts(c container.InspectResponse) {
	for _, m := range c.Mounts {
		source := m.Source
		switch {
		case m.Type == mount.TypeVolume && len(m.Name) == 64:
			s.note("volume at %s has no name: what is in it stays with the old container; give it a name and copy it, or let the new one begin empty", m.Destination)
			continue
		case m.Type == mount.TypeVolume:
			source = m.Name
		case m.Type != mount.TypeBind:
			s.note("%s mount at %s is not taken over", m.Type, m.Destination)
			continue
		}
		s.mounts = append(s.mounts, volume{source: source, target: m.Destination, readOnly: !m.RW})
	}
	slices.SortFunc(s.mounts, func(a, b volume) int { return strings.Compare(a.target, b.target) })
}

func (s *service) readNetworks(c container.InspectResponse) {
	switch mode := c.HostConfig.NetworkMode; {
	case mode.IsHost():
		s.note("it uses the host's network: an instance has an address of its own, so its ports no longer are the host's")
	case mode.IsContainer():
		s.note("it uses the network of another container (%s): an instance has an address of its own", mode)
	}
	if c.NetworkSettings == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(c.NetworkSettings.Networks)) {
		switch name {
		case "bridge", "host", "none", "segue":
		default:
			s.networks = append(s.networks, name)
		}
	}
}

// readHost reads the limits, and names what a manifest has no word for.
func (s *service) readHost(c container.InspectResponse) {
	h := c.HostConfig
	s.memory, s.reserved, s.cpus = h.Memory, h.MemoryReservation, float64(h.NanoCPUs)/1e9
	if s.cpus == 0 && h.CPUQuota > 0 {
		s.cpus = float64(h.CPUQuota) / float64(max(h.CPUPeriod, 1))
		if h.CPUPeriod == 0 {
			s.cpus = float64(h.CPUQuota) / 100_000
		}
	}
	if p := h.RestartPolicy; p.Name != "" && p.Name != container.RestartPolicyDisabled {
		s.note("restart: %s is left out: segue replaces what exits", p.Name)
	}
	for what, set := range map[string]bool{
		"privileged": h.Privileged, "cap_add " + strings.Join(h.CapAdd, ", "): len(h.CapAdd) > 0, "cap_drop " + strings.Join(h.CapDrop, ", "): len(h.CapDrop) > 0,
		"devices": len(h.Devices) > 0, "extra_hosts " + strings.Join(h.ExtraHosts, ", "): len(h.ExtraHosts) > 0, "dns": len(h.DNS) > 0,
		"read_only": h.ReadonlyRootfs, "tmpfs": len(h.Tmpfs) > 0, "ulimits": len(h.Ulimits) > 0, "sysctls": len(h.Sysctls) > 0,
		"security_opt": len(h.SecurityOpt) > 0 && !h.Privileged, "init": h.Init != nil && *h.Init, "pid " + string(h.PidMode): h.PidMode != "",
		"ipc " + string(h.IpcMode):                     h.IpcMode != "" && !h.IpcMode.IsPrivate() && !h.IpcMode.IsShareable(),
		"shm_size " + strconv.FormatInt(h.ShmSize, 10): h.ShmSize != 0 && h.ShmSize != 64<<20,
		"logging " + h.LogConfig.Type:                  h.LogConfig.Type != "" && h.LogConfig.Type != "json-file", "cpu_shares": h.CPUShares != 0, "cpuset": h.CpusetCpus != "",
		"volumes_from": len(h.VolumesFrom) > 0, "links": len(h.Links) > 0, "tty": c.Config.Tty, "auto-remove (--rm)": h.AutoRemove,
		"hostname " + c.Config.Hostname: c.Config.Hostname != "" && !strings.HasPrefix(c.ID, c.Config.Hostname),
	} {
		if set {
			s.note("%s is not taken over: a manifest has no word for it yet", what)
		}
	}
	slices.Sort(s.notes)
}
