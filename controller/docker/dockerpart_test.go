//go:build docker

package docker

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/go-connections/nat"
)

func TestConnectionsSeesWhoIsConnected(t *testing.T) {
	for _, options := range []Options{{}, {HelperImage: testImage}} {
		b := newBench(t, options)
		ctx := context.Background()
		launch := b.launch("c-conns-abc123-1", "10.83.0.50", "serve")
		b.start(launch)
		get(t, "http://10.83.0.50:8080/")
		conn, err := net.Dial("tcp", "10.83.0.50:8080")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		b.eventually("the connection", func() bool {
			peers, err := b.Connections(ctx, launch.Instance)
			if err != nil {
				t.Fatal(err)
			}
			return len(peers) == 1 && peers[0] == netip.MustParseAddr("10.83.128.0")
		})
		if options.HelperImage != "" {
			c, err := b.find(ctx, launch.Instance)
			if err != nil {
				t.Fatal(err)
			}
			// The test's image has no cat: the helper says so, and nobody takes that for "none".
			if table, err := b.helperTable(ctx, c); err == nil || strings.Contains(string(table), "local_address") {
				t.Errorf("helper without cat: %q %v", table, err)
			}
		}
		conn.Close()
		b.eventually("the end", func() bool {
			peers, err := b.Connections(ctx, launch.Instance)
			return err == nil && len(peers) == 0
		})
	}
	b := newBench(t, Options{})
	if peers, err := b.Connections(context.Background(), "c-none"); err != nil || len(peers) != 0 {
		t.Errorf("missing: %v %v", peers, err)
	}
}

func TestAnothersNetworkIsRefused(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, Options{})
	if err := b.Prepare(ctx); err != nil {
		t.Fatal(err)
	}
	b.options.Owner = "c-other"
	var refusal *Refusal
	if err := b.Prepare(ctx); !errors.As(err, &refusal) || refusal.Owner != testOwner {
		t.Errorf("another owner: %v", err)
	}
	b.options.Owner = testOwner
	b.options.InstanceCIDR = netip.MustParsePrefix("10.84.0.0/16")
	if err := b.Prepare(ctx); !errors.As(err, &refusal) || !strings.Contains(err.Error(), "10.83.0.0/16") {
		t.Errorf("another subnet: %v", err)
	}
	if version, err := b.Version(ctx); err != nil || !strings.Contains(version, "API 1.") {
		t.Errorf("version %q %v", version, err)
	}
}

func TestAContainerOfSeguesOwnIsKeptAsAskedFor(t *testing.T) {
	b := runningBench(t, Options{})
	ctx := context.Background()
	own := OwnContainer{Name: "c-registry", Image: testImage, Command: []string{"serve"}, Role: "eureka/main"}
	b.purge(own.Name)
	t.Cleanup(func() { b.purge("c-registry") })
	ensure := func() ContainerInfo {
		t.Helper()
		if err := b.EnsureOwn(ctx, own); err != nil {
			t.Fatal(err)
		}
		info, err := b.Info(ctx, own.Name)
		if err != nil || !info.Running || !strangersHalf(testCIDR).Contains(info.Addresses[0]) {
			t.Fatalf("%+v %v", info, err)
		}
		return info
	}
	first := ensure()
	if again := ensure(); again.Pid != first.Pid {
		t.Error("recreated for nothing")
	}
	if b.now(own.Name).ID != "" {
		t.Error("it is taken for an instance")
	}
	own.Env = map[string]string{"A": "1"}
	changed := ensure()
	if changed.Pid == first.Pid {
		t.Error("a change was not seen")
	}
	if changed.Addresses[0] != first.Addresses[0] {
		t.Errorf("who dials %s meets nobody: it was made anew at %s", first.Addresses[0], changed.Addresses[0])
	}
	if err := b.cli.ContainerStop(ctx, own.Name, container.StopOptions{}); err != nil {
		t.Fatal(err)
	}
	b.eventually("the event", func() bool { return b.sawChange("") })
	ensure()
	b.stranger("c-own-stranger", container.Config{Cmd: []string{"serve"}}, container.HostConfig{})
	var refusal *Refusal
	if err := b.EnsureOwn(ctx, OwnContainer{Name: "c-own-stranger", Image: testImage}); !errors.As(err, &refusal) {
		t.Errorf("a stranger was taken: %v", err)
	}
}

func TestExecIsCapped(t *testing.T) {
	b := newBench(t, Options{})
	launch := b.launch("c-exec-abc123-1", "10.83.0.51", "serve")
	b.start(launch)
	code, output, err := b.Exec(context.Background(), launch.Instance, []string{"/app", "spill", "300000"})
	if err != nil || code != 0 || len(output) != execOutput {
		t.Errorf("%d, %d bytes, %v", code, len(output), err)
	}
	code, output, diagnostics, err := b.ExecApart(context.Background(), launch.Instance, []string{"/app", "spill", "300000"})
	if err != nil || code != 0 || len(output) != 300000 || len(diagnostics) != 0 {
		t.Errorf("apart: code %d, %d and %d bytes, %v", code, len(output), len(diagnostics), err)
	}
	if code, output, err := b.Exec(context.Background(), launch.Instance, []string{"/app", "exit", "7"}); err != nil || code != 7 || string(output) != "last words of 7\n" {
		t.Errorf("%d %q %v", code, output, err)
	}
}

func exposing(port string) nat.PortSet { return nat.PortSet{nat.Port(port): {}} }

func binding(port, hostPort string) nat.PortMap {
	return nat.PortMap{nat.Port(port): {{HostIP: "127.0.0.1", HostPort: hostPort}}}
}
