//go:build docker

package docker

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

func TestAnInstanceIsStartedOnceAndReadBack(t *testing.T) {
	b := runningBench(t, Options{})
	ctx := context.Background()
	launch := b.launch("c-orders-abc123-1", "10.83.0.20", "serve")
	launch.Slot = "real1"
	launch.Env = map[string]string{"GREETING": "hello", "PASSWORD": "hunter2"}
	launch.Files = map[string]reconcile.LaunchFile{
		"/etc/app/conf.yaml": {Content: []byte("a: 1"), Mode: 0o444},
		"/etc/app/key":       {Content: []byte("s3cret"), Mode: 0o400},
	}
	launch.Ports[0].HostPort = 18431
	b.start(launch)

	c := b.now("c-orders-abc123-1")
	if c.State != reconcile.ContainerRunning || c.Retired || c.PID == 0 || c.StartedAt.IsZero() {
		t.Errorf("started: %+v", c)
	}
	if c.Deployment != launch.Deployment || c.Revision != "abc123" || c.N != 1 || c.Slot != "real1" || c.Image != testImage || c.Address != launch.Address {
		t.Errorf("read back: %+v", c)
	}
	if at := c.PublishedPorts[8080].String(); at != "127.0.0.1:18431" {
		t.Errorf("published at %s", at)
	}
	if got := get(t, "http://10.83.0.20:8080/"); got != "ok\n" {
		t.Errorf("answered %q", got)
	}
	for command, want := range map[string]string{
		"env GREETING": "hello\n", "cat /etc/app/conf.yaml": "a: 1 444 <nil>\n", "cat /etc/app/key": "s3cret 400 <nil>\n",
	} {
		code, out, err := b.Exec(ctx, launch.Instance, append([]string{"/app"}, strings.Fields(command)...))
		if err != nil || code != 0 || string(out) != want {
			t.Errorf("%s: %d %q %v", command, code, out, err)
		}
	}
	info, err := b.Info(ctx, launch.Instance)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range info.Labels {
		if strings.Contains(value, "hunter2") || strings.Contains(value, "s3cret") {
			t.Errorf("label %s has a secret", name)
		}
	}
	if len(info.Addresses) != 1 || info.Addresses[0] != launch.Address || info.Pid != c.PID {
		t.Errorf("info: %+v", info)
	}

	b.start(launch)
	if again := b.now("c-orders-abc123-1"); again.ID != c.ID || again.StartedAt != c.StartedAt {
		t.Error("a second Start started something")
	}
	if err := b.Remove(ctx, launch.Instance); err == nil || b.now("c-orders-abc123-1").State != reconcile.ContainerRunning {
		t.Errorf("a running instance was removed: %v", err)
	}
	here, _ := b.filesDir(launch.Instance)
	if info, err := os.Stat(here); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("files: %v %v", info, err)
	}
	if err := b.cli.ContainerKill(ctx, launch.Instance, "KILL"); err != nil {
		t.Fatal(err)
	}
	b.eventually("the exit", func() bool { return b.cached(launch.Instance).State == reconcile.ContainerExited })
	if err := b.Remove(ctx, launch.Instance); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(here); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("files are left: %v", err)
	}
	if b.now(launch.Instance).ID != "" {
		t.Error("still in the snapshot")
	}
	if b.Remove(ctx, launch.Instance) != nil {
		t.Error("a second Remove fails")
	}
}

func TestAFixedAddressSurvivesARestart(t *testing.T) {
	b := runningBench(t, Options{})
	ctx := context.Background()
	launch := b.launch("c-fixed-abc123-1", "10.83.0.21", "serve")
	b.start(launch)
	zero := 0
	if err := b.cli.ContainerStop(ctx, launch.Instance, container.StopOptions{Timeout: &zero}); err != nil {
		t.Fatal(err)
	}
	id := b.stranger("c-stranger", container.Config{Cmd: []string{"serve"}}, container.HostConfig{NetworkMode: networkName})
	taken, err := b.cli.ContainerInspect(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if address := addressesOf(taken)[0]; !strangersHalf(testCIDR).Contains(address) {
		t.Errorf("a stranger got %s", address)
	}
	if err := b.cli.ContainerStart(ctx, launch.Instance, container.StartOptions{}); err != nil {
		t.Fatal(err)
	}
	info, err := b.Info(ctx, launch.Instance)
	if err != nil || len(info.Addresses) != 1 || info.Addresses[0] != launch.Address {
		t.Errorf("after the restart: %v %v", info.Addresses, err)
	}
}

func TestOtherNetworksAreAttachedBeforeTheStart(t *testing.T) {
	b := newBench(t, Options{})
	ctx := context.Background()
	_ = b.cli.NetworkRemove(ctx, "c-shop")
	if _, err := b.cli.NetworkCreate(ctx, "c-shop", network.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.cli.NetworkRemove(ctx, "c-shop") })
	launch := b.launch("c-nets-abc123-1", "10.83.0.22", "serve")
	launch.Template.Networks = []string{"c-shop"}
	b.start(launch)
	info, err := b.Info(ctx, launch.Instance)
	if err != nil || len(info.Addresses) != 2 || info.Addresses[0] != launch.Address {
		t.Errorf("addresses %v %v", info.Addresses, err)
	}
	c, err := b.cli.ContainerInspect(ctx, launch.Instance)
	if err != nil {
		t.Fatal(err)
	}
	for name, endpoint := range c.NetworkSettings.Networks {
		for _, alias := range endpoint.Aliases {
			if alias != launch.Instance && !strings.HasPrefix(c.ID, alias) {
				t.Errorf("alias %s on %s", alias, name)
			}
		}
	}
}

func TestDebrisOfACutStartIsReplaced(t *testing.T) {
	b := newBench(t, Options{})
	ctx := context.Background()
	launch := b.launch("c-debris-abc123-1", "10.83.0.23", "serve")
	create, err := creationOf(testOwner, launch, nil)
	if err != nil {
		t.Fatal(err)
	}
	debris, err := b.cli.ContainerCreate(ctx, create.config, create.host, create.networks, nil, launch.Instance)
	if err != nil {
		t.Fatal(err)
	}
	if c := b.now(launch.Instance); c.State != reconcile.ContainerCreated {
		t.Errorf("debris is %s", c.State)
	}
	b.start(launch)
	if c := b.now(launch.Instance); c.ID == debris.ID || c.State != reconcile.ContainerRunning {
		t.Errorf("started: %+v", c)
	}
}

func TestWhoseFaultAFailedStartIs(t *testing.T) {
	b := newBench(t, Options{})
	b.stranger("c-holder", container.Config{Cmd: []string{"serve"}, ExposedPorts: exposing("8080/tcp")},
		container.HostConfig{PortBindings: binding("8080/tcp", "18432")})
	process, err := net.Listen("tcp", "127.0.0.1:18433")
	if err != nil {
		t.Fatal(err)
	}
	defer process.Close()
	holder := b.launch("c-holds-abc123-1", "10.83.0.25", "serve")
	b.start(holder)
	b.stranger("c-faults-abc123-2", container.Config{Cmd: []string{"serve"}}, container.HostConfig{})
	for what, test := range map[string]struct {
		change          func(*reconcile.Launch)
		own, portIsHeld bool
	}{
		"no such command":        {func(l *reconcile.Launch) { l.Template.Command = []string{"nope"} }, true, false},
		"no such path":           {func(l *reconcile.Launch) { l.Template.Command = []string{"/no/such"} }, true, false},
		"not executable":         {func(l *reconcile.Launch) { l.Template.Command = []string{"/tmp"} }, true, false},
		"no such mount source":   {func(l *reconcile.Launch) { l.Template.Volumes = []string{"/no/such/dir:/data"} }, true, false},
		"no such user":           {func(l *reconcile.Launch) { l.Template.User = "nobody" }, true, false},
		"no such network":        {func(l *reconcile.Launch) { l.Template.Networks = []string{"c-none"} }, true, false},
		"too little memory":      {func(l *reconcile.Launch) { l.Template.Resources.Limits.Memory = "1Ki" }, true, false},
		"bad working dir":        {func(l *reconcile.Launch) { l.Template.WorkingDir = "/app" }, true, false},
		"image was pruned":       {func(l *reconcile.Launch) { l.Image = "c-test/none:1" }, false, false},
		"port held":              {func(l *reconcile.Launch) { l.Ports = []spec.Port{{ContainerPort: 8080, HostPort: 18432}} }, false, true},
		"port held by a process": {func(l *reconcile.Launch) { l.Ports = []spec.Port{{ContainerPort: 8080, HostPort: 18433}} }, false, true},
		"address held":           {func(l *reconcile.Launch) { l.Address = holder.Address }, false, false},
		"name held":              {func(l *reconcile.Launch) { l.Instance = "c-faults-abc123-2" }, false, false},
	} {
		t.Run(what, func(t *testing.T) {
			launch := b.launch("c-faults-abc123-1", "10.83.0.24", "serve")
			test.change(&launch)
			err := b.Start(context.Background(), launch)
			var fault *Fault
			if !errors.As(err, &fault) {
				t.Fatalf("no fault: %v", err)
			}
			t.Log(err)
			if fault.Own != test.own || fault.PortTaken() != test.portIsHeld {
				t.Errorf("own %t, port taken %t", fault.Own, fault.PortTaken())
			}
			if c := b.now("c-faults-abc123-1"); c.ID != "" {
				t.Errorf("left behind: %+v", c)
			}
		})
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	deadline := time.Now().Add(5 * time.Second)
	for {
		answer, err := client.Get(url)
		if err == nil {
			defer answer.Body.Close()
			body, _ := io.ReadAll(answer.Body)
			return string(body)
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		<-time.After(10 * time.Millisecond)
	}
}
