package importer

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// loadCompose reads a compose file as docker compose does: with .env beside it and the environment.
func loadCompose(ctx context.Context, file string) (*types.Project, error) {
	options, err := cli.NewProjectOptions([]string{file}, cli.WithWorkingDirectory(filepath.Dir(file)), cli.WithOsEnv, cli.WithDotEnv, cli.WithResolvedPaths(true))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	project, err := options.LoadProject(ctx)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return project, nil
}

// fromCompose reads one service. running are the containers that run it now.
func fromCompose(p *types.Project, c types.ServiceConfig, running []string) *service {
	s := &service{
		name: c.Name, from: "service " + c.Name, image: c.Image, command: c.Entrypoint, args: c.Command, workingDir: c.WorkingDir, user: c.User,
		labels: c.Labels, stopSignal: c.StopSignal, adopt: running, replicas: c.GetScale(), env: map[string]string{},
		memory: int64(c.MemLimit), reserved: int64(c.MemReservation), cpus: float64(c.CPUS),
	}
	if len(running) == 0 {
		s.note("nothing of it runs on this engine now, so there is nothing to adopt")
	}
	if c.Build != nil {
		s.note("compose builds it from %s; segue runs images: build it and name it", c.Build.Context)
		if s.image == "" {
			s.image = p.Name + "-" + c.Name
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Environment)) {
		if value := c.Environment[name]; value != nil {
			s.env[name] = *value
		} else {
			s.note("%s has no value: compose takes it from the environment that it is run in; write it", name)
		}
	}
	if c.StopGracePeriod != nil {
		s.grace = time.Duration(*c.StopGracePeriod)
	}
	s.composePorts(c)
	s.composeVolumes(p, c)
	s.composeNetworks(p, c)
	for _, other := range slices.Sorted(maps.Keys(c.DependsOn)) {
		if _, found := p.Services[other]; found {
			s.dependsOn = append(s.dependsOn, other)
		}
	}
	if d := c.Deploy; d != nil {
		if l := d.Resources.Limits; l != nil {
			s.memory, s.cpus = max(s.memory, int64(l.MemoryBytes)), max(s.cpus, float64(l.NanoCPUs))
		}
		if r := d.Resources.Reservations; r != nil {
			s.reserved, s.reservedCPUs = max(s.reserved, int64(r.MemoryBytes)), float64(r.NanoCPUs)
		}
	}
	s.composeHealth(c.HealthCheck)
	if c.Restart != "" && c.Restart != "no" {
		s.note("restart: %s is left out: segue replaces what exits", c.Restart)
	}
	s.composeRest(c)
	return s
}

func (s *service) composePorts(c types.ServiceConfig) {
	published := map[int][]string{}
	numbers := map[int]bool{}
	for _, p := range c.Ports {
		if p.Protocol != "" && p.Protocol != "tcp" {
			s.note("port %d/%s is not taken over: only TCP is", p.Target, p.Protocol)
			continue
		}
		numbers[int(p.Target)] = true
		if p.Published != "" {
			published[int(p.Target)] = append(published[int(p.Target)], orAny(p.HostIP)+":"+p.Published)
		}
	}
	for _, text := range c.Expose {
		if n, err := strconv.Atoi(strings.TrimSuffix(text, "/tcp")); err == nil {
			numbers[n] = true
		}
	}
	for _, n := range slices.Sorted(maps.Keys(numbers)) {
		s.ports = append(s.ports, port{container: n, published: published[n]})
	}
}

func (s *service) composeVolumes(p *types.Project, c types.ServiceConfig) {
	for _, v := range c.Volumes {
		source := v.Source
		switch {
		case v.Type == types.VolumeTypeVolume && source == "":
			s.note("volume at %s has no name; give it one, or leave it to the container", v.Target)
			continue
		case v.Type == types.VolumeTypeVolume:
			if named, found := p.Volumes[source]; found && named.Name != "" {
				source = named.Name
			}
		case v.Type != types.VolumeTypeBind:
			s.note("%s mount at %s is not taken over", v.Type, v.Target)
			continue
		}
		s.mounts = append(s.mounts, volume{source: source, target: v.Target, readOnly: v.ReadOnly})
	}
}

func (s *service) composeNetworks(p *types.Project, c types.ServiceConfig) {
	if c.NetworkMode != "" {
		s.note("network_mode: %s is not taken over: an instance has an address of its own", c.NetworkMode)
	}
	for _, key := range slices.Sorted(maps.Keys(c.Networks)) {
		name := key
		if n, found := p.Networks[key]; found && n.Name != "" {
			name = n.Name
		}
		s.networks = append(s.networks, name)
	}
	if len(s.networks) > 0 {
		s.note("others find instances by their names or through a route, not as %q: only Recreate has aliases", c.Name)
	}
}

func (s *service) composeHealth(h *types.HealthCheckConfig) {
	if h == nil || h.Disable {
		return
	}
	if s.health = healthOf(h.Test); s.health == nil {
		return
	}
	for _, pair := range []struct {
		from *types.Duration
		to   *time.Duration
	}{{h.Interval, &s.health.interval}, {h.Timeout, &s.health.timeout}, {h.StartPeriod, &s.health.startAfter}} {
		if pair.from != nil {
			*pair.to = time.Duration(*pair.from)
		}
	}
	if h.Retries != nil {
		s.health.retries = int(*h.Retries)
	}
}

// taken are the keys of a service that were looked at.
var taken = []string{
	"build", "command", "container_name", "cpus", "depends_on", "deploy", "entrypoint", "environment", "env_file", "expose", "healthcheck", "image",
	"labels", "mem_limit", "mem_reservation", "network_mode", "networks", "ports", "profiles", "restart", "scale", "stop_grace_period", "stop_signal",
	"user", "volumes", "working_dir",
}

// composeRest names every other key that is there.
func (s *service) composeRest(c types.ServiceConfig) {
	text, err := json.Marshal(c)
	var keys map[string]any
	if err == nil {
		err = json.Unmarshal(text, &keys)
	}
	if err != nil {
		s.note("what else compose says of it could not be read: %s", err)
		return
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if !slices.Contains(taken, key) && keys[key] != nil {
			s.note("%s is not taken over: a manifest has no word for it yet", key)
		}
	}
}
