//go:build nginx && docker

package nginx

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/segue-dev/segue/reconcile"
)

// cli is an Engine by the docker command.
func cli() Engine {
	return Engine{
		Info: func(ctx context.Context, name string) (ContainerInfo, error) {
			out, err := exec.CommandContext(ctx, "docker", "inspect", "--type", "container", name).CombinedOutput()
			if strings.Contains(string(out), "No such container") {
				return ContainerInfo{Missing: true}, nil
			}
			if err != nil {
				return ContainerInfo{}, fmt.Errorf("%w: %s", err, out)
			}
			var found []struct {
				State struct {
					Running bool
					Pid     int
				}
				HostConfig      struct{ NetworkMode string }
				Mounts          []struct{ Source, Destination string }
				NetworkSettings struct {
					Networks map[string]struct{ IPAddress string }
				}
			}
			if err := json.Unmarshal(out, &found); err != nil {
				return ContainerInfo{}, err
			}
			c := found[0]
			info := ContainerInfo{Running: c.State.Running, Pid: c.State.Pid, HostNetwork: c.HostConfig.NetworkMode == "host"}
			for _, m := range c.Mounts {
				info.Mounts = append(info.Mounts, Mount{Source: m.Source, Target: m.Destination})
			}
			for _, n := range c.NetworkSettings.Networks {
				if a, err := netip.ParseAddr(n.IPAddress); err == nil {
					info.Addresses = append(info.Addresses, a)
				}
			}
			return info, nil
		},
		Exec: func(ctx context.Context, name string, argv []string) (int, []byte, []byte, error) {
			command := exec.CommandContext(ctx, "docker", append([]string{"exec", name}, argv...)...)
			var diagnostics bytes.Buffer
			command.Stderr = &diagnostics
			out, err := command.Output()
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				return exit.ExitCode(), out, diagnostics.Bytes(), nil
			}
			return 0, out, diagnostics.Bytes(), err
		},
		Tail: func(ctx context.Context, name string, lines int) ([]string, error) {
			out, err := exec.CommandContext(ctx, "docker", "logs", "--tail", fmt.Sprint(lines), name).CombinedOutput()
			return strings.Split(string(out), "\n"), err
		},
	}
}

func docker(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("docker", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("docker %s: %v: %s", args[0], err, out)
	}
	return strings.TrimSpace(string(out))
}

// TestRealOwnContainer runs an nginx of segue's own from the image that SEGUE_TEST_NGINX_IMAGE names; without it the
// testbed's.
func TestRealOwnContainer(t *testing.T) {
	image := os.Getenv("SEGUE_TEST_NGINX_IMAGE")
	if image == "" {
		image = "segue-testbed/nginx:new"
	}
	r := newRig(t)
	name := fmt.Sprintf("d-nginx-%d", os.Getpid())
	host := r.confDir
	if err := os.MkdirAll(host, 0o755); err != nil {
		t.Fatal(err)
	}
	r.confDir = "/etc/nginx/segue"
	main, err := OwnMainConfig(r.confDir)
	if err != nil {
		t.Fatal(err)
	}
	r.write("own.conf", main)
	start := func() {
		docker(t, "run", "-d", "--name", name, "-v", host+":"+r.confDir+":ro", "-v", filepath.Join(r.prefix, "own.conf")+":/etc/nginx/nginx.conf:ro", image, "nginx", "-g", "daemon off;")
	}
	start()
	t.Cleanup(func() { docker(t, "rm", "-f", name) })
	r.spec.ConfDir, r.spec.InternalPorts, r.spec.HTTPPort = r.confDir, "21000-21999", nil
	r.runOn(NewContainer(name, r.confDir, cli()), true)
	gateway := netip.MustParseAddr(docker(t, "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.Gateway}}{{end}}", name))
	a, b := startBackendAt(t, "orders-1-1", gateway), startBackendAt(t, "orders-2-1", gateway)
	r.until("it is up", func() bool { return r.server().State == reconcile.ServerUp })
	r.mustRoute(wishFor("orders", owned(), a))
	address := docker(t, "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", name)
	l := startLoadAt(t, address+":80", "shop.test")
	r.mustRoute(wishFor("orders", owned(), b))
	r.drained("orders", a.name)
	a.die()
	l.lost(t, 20)
	docker(t, "rm", "-f", name)
	r.until("it is down", func() bool { return r.server().State == reconcile.ServerDown })
	start()
	r.until("a container made anew serves", func() bool {
		s := r.server()
		return s.State == reconcile.ServerUp && fmt.Sprint(s.Serves["orders"]) == "[orders-2-1]"
	})
}
