package docker

import (
	"net/netip"
	"reflect"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/go-connections/nat"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

func TestWhatTheEngineIsAskedFor(t *testing.T) {
	grace := 45
	launch := reconcile.Launch{
		Deployment: spec.Name{Name: "orders"}, Instance: "orders-6f8d4-1", Revision: "6f8d4", N: 1, Image: "sha256:0",
		Address: netip.MustParseAddr("10.83.0.9"), Env: map[string]string{"B": "2", "A": "1"},
		Ports: []spec.Port{{ContainerPort: 8080, HostPort: 8081}, {ContainerPort: 9090, HostPort: 9091, HostIP: "0.0.0.0"}, {ContainerPort: 7070}},
		Template: spec.Template{
			Command: []string{"/run", "--a=$(A)"}, Args: []string{"$(B)"}, User: "1000", WorkingDir: "/srv",
			Volumes: []string{"data:/data", "/etc/ssl:/etc/ssl:ro"},
			Resources: spec.Resources{
				Limits: spec.ResourceList{CPU: "1500m", Memory: "512Mi"}, Requests: spec.ResourceList{CPU: "250m", Memory: "256Mi"},
			},
			Lifecycle: &spec.Lifecycle{StopSignal: "SIGQUIT"}, TerminationGracePeriodSeconds: &grace,
		},
	}
	file := mount.Mount{Type: mount.TypeBind, Source: "/s/0-key", Target: "/key", ReadOnly: true}
	got, err := creationOf("me", launch, []mount.Mount{file})
	if err != nil {
		t.Fatal(err)
	}
	config, host := got.config, got.host
	if !reflect.DeepEqual([]string(config.Entrypoint), []string{"/run", "--a=1"}) || !reflect.DeepEqual([]string(config.Cmd), []string{"2"}) {
		t.Errorf("command %v %v", config.Entrypoint, config.Cmd)
	}
	if !reflect.DeepEqual(config.Env, []string{"A=1", "B=2"}) || config.User != "1000" || config.WorkingDir != "/srv" ||
		config.StopSignal != "SIGQUIT" || *config.StopTimeout != 45 || config.Image != "sha256:0" {
		t.Errorf("config %+v", config)
	}
	wantPorts := nat.PortMap{"8080/tcp": {{HostIP: "127.0.0.1", HostPort: "8081"}}, "9090/tcp": {{HostIP: "0.0.0.0", HostPort: "9091"}}}
	if !reflect.DeepEqual(host.PortBindings, wantPorts) || len(config.ExposedPorts) != 3 {
		t.Errorf("ports %v %v", host.PortBindings, config.ExposedPorts)
	}
	wantMounts := []mount.Mount{
		{Type: mount.TypeVolume, Source: "data", Target: "/data"},
		{Type: mount.TypeBind, Source: "/etc/ssl", Target: "/etc/ssl", ReadOnly: true}, file,
	}
	if !reflect.DeepEqual(host.Mounts, wantMounts) {
		t.Errorf("mounts %+v", host.Mounts)
	}
	wantResources := container.Resources{NanoCPUs: 15e8, Memory: 512 << 20, MemorySwap: 512 << 20, MemoryReservation: 256 << 20, CPUShares: 256}
	if !reflect.DeepEqual(host.Resources, wantResources) {
		t.Errorf("resources %+v", host.Resources)
	}
	if !host.RestartPolicy.IsNone() || host.LogConfig.Type != "json-file" || host.LogConfig.Config["max-file"] != "3" || host.Init != nil {
		t.Errorf("host %+v", host)
	}
	endpoint := got.networks.EndpointsConfig[networkName]
	if endpoint.IPAMConfig.IPv4Address != "10.83.0.9" || !reflect.DeepEqual(endpoint.Aliases, []string{"orders-6f8d4-1"}) {
		t.Errorf("endpoint %+v", endpoint)
	}
}

func TestAnImagesOwnCommandStays(t *testing.T) {
	got, err := creationOf("me", reconcile.Launch{Address: netip.MustParseAddr("10.83.0.9")}, nil)
	if err != nil || got.config.Entrypoint != nil || got.config.Cmd != nil {
		t.Errorf("%v %v %v", got.config.Entrypoint, got.config.Cmd, err)
	}
}

func TestExpansionIsKubernetes(t *testing.T) {
	env := map[string]string{"A": "1", "DOLLAR": "$(A)"}
	for word, want := range map[string]string{
		"$(A)": "1", "x$(A)y$(A)": "x1y1", "$(NONE)": "$(NONE)", "$$(A)": "$(A)", "$A": "$A", "$(A": "$(A", "$": "$", "$$": "$",
		"$(DOLLAR)": "$(A)", "a$$$(A)": "a$1", "": "",
	} {
		if got := expand(word, env); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
