package docker

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/go-connections/nat"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// creation is what the engine is asked to create.
type creation struct {
	config   *container.Config
	host     *container.HostConfig
	networks *network.NetworkingConfig
}

// creationOf maps a launch to the engine's words. files are the mounts of its files.
func creationOf(owner string, launch reconcile.Launch, files []mount.Mount) (creation, error) {
	template := launch.Template
	mounts, err := volumeMounts(template.Volumes)
	if err != nil {
		return creation{}, err
	}
	resources, err := resourcesOf(template.Resources)
	if err != nil {
		return creation{}, err
	}
	exposed, bindings := portsOf(launch.Ports, launch.Publish)
	config := &container.Config{
		Image:        launch.Image,
		Labels:       labelsOf(owner, launch),
		Env:          envOf(launch.Env),
		Entrypoint:   expandAll(template.Command, launch.Env),
		Cmd:          expandAll(template.Args, launch.Env),
		WorkingDir:   template.WorkingDir,
		User:         template.User,
		ExposedPorts: exposed,
		StopTimeout:  template.TerminationGracePeriodSeconds,
	}
	if template.Lifecycle != nil {
		config.StopSignal = template.Lifecycle.StopSignal
	}
	host := &container.HostConfig{
		NetworkMode:   networkName,
		PortBindings:  bindings,
		RestartPolicy: container.RestartPolicy{Name: container.RestartPolicyDisabled},
		LogConfig:     logConfig(),
		Mounts:        append(mounts, files...),
		Resources:     resources,
	}
	endpoint := endpointOf(launch)
	endpoint.IPAMConfig = &network.EndpointIPAMConfig{IPv4Address: launch.Address.String()}
	return creation{config, host, &network.NetworkingConfig{EndpointsConfig: map[string]*network.EndpointSettings{networkName: endpoint}}}, nil
}

// endpointOf has the instance's own name as its only alias, so that a name leads to one instance, also after it was
// renamed; Recreate alone has more.
func endpointOf(launch reconcile.Launch) *network.EndpointSettings {
	return &network.EndpointSettings{Aliases: append([]string{launch.Instance}, launch.Template.Aliases...)}
}

// logConfig bounds an instance's log to 3 files of 10 MB.
func logConfig() container.LogConfig {
	return container.LogConfig{Type: "json-file", Config: map[string]string{"max-size": "10m", "max-file": "3"}}
}

func envOf(env map[string]string) []string {
	list := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, name+"="+env[name])
	}
	return list
}

// portsOf exposes every port and publishes those with a hostPort, on 127.0.0.1 unless another address is named; those of
// publish on a port that the engine chooses, where they have no hostPort.
func portsOf(ports []spec.Port, publish map[int]netip.Addr) (nat.PortSet, nat.PortMap) {
	exposed, bindings := nat.PortSet{}, nat.PortMap{}
	for _, p := range ports {
		port := nat.Port(strconv.Itoa(p.ContainerPort) + "/tcp")
		exposed[port] = struct{}{}
		if on, asked := publish[p.ContainerPort]; asked && p.HostPort == 0 {
			bindings[port] = append(bindings[port], nat.PortBinding{HostIP: on.String()})
		}
		if p.HostPort == 0 {
			continue
		}
		ip := p.HostIP
		if ip == "" {
			ip = netip.AddrFrom4([4]byte{127, 0, 0, 1}).String()
		}
		bindings[port] = append(bindings[port], nat.PortBinding{HostIP: ip, HostPort: strconv.Itoa(p.HostPort)})
	}
	return exposed, bindings
}

func volumeMounts(volumes []string) ([]mount.Mount, error) {
	mounts := make([]mount.Mount, 0, len(volumes))
	for _, written := range volumes {
		v, err := spec.ParseVolume(written)
		if err != nil {
			return nil, fmt.Errorf("volume: %w", err)
		}
		m := mount.Mount{Type: mount.TypeVolume, Source: v.Source, Target: v.Target, ReadOnly: v.ReadOnly}
		if v.IsPath() {
			m.Type = mount.TypeBind
		}
		mounts = append(mounts, m)
	}
	return mounts, nil
}

// resourcesOf: limits are hard and without swap; a request for CPU is a weight (1 CPU = 1024), one for memory a
// reservation.
func resourcesOf(r spec.Resources) (container.Resources, error) {
	var resources container.Resources
	var err error
	quantity := func(field, text string, parse func(string) (int64, error)) int64 {
		if text == "" || err != nil {
			return 0
		}
		n, failure := parse(text)
		if failure != nil {
			err = fmt.Errorf("resources %s: %w", field, failure)
		}
		return n
	}
	resources.NanoCPUs = quantity("limits.cpu", r.Limits.CPU, spec.ParseCPU)
	resources.Memory = quantity("limits.memory", r.Limits.Memory, spec.ParseMemory)
	resources.MemorySwap = resources.Memory
	resources.MemoryReservation = quantity("requests.memory", r.Requests.Memory, spec.ParseMemory)
	if cpu := quantity("requests.cpu", r.Requests.CPU, spec.ParseCPU); cpu > 0 {
		resources.CPUShares = max(2, cpu*1024/1e9)
	}
	return resources, err
}
