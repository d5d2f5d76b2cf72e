package main

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/docker"
	"github.com/segue-dev/segue/controller/store"
	"github.com/segue-dev/segue/spec"
)

func TestATakenLockIsWaitedForAndItsHolderNamed(t *testing.T) {
	dir := t.TempDir()
	unlock, err := store.Lock(dir, "segue run (pid 812, user root)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unlock(); err != nil {
			t.Error(err)
		}
	}()
	synctest.Test(t, func(t *testing.T) {
		var out, errs bytes.Buffer
		c := &cli{out: &out, err: &errs}
		c.connect = c.dial
		began := time.Now()
		code := c.execute(t.Context(), []string{"restart", "orders", "--timeout", "20s", "--state-dir", dir, "--owner", "test", "--socket", filepath.Join(dir, "s")})
		if waited := time.Since(began); code != exitLocked || waited != 20*time.Second {
			t.Errorf("exit code %d after %v", code, waited)
		}
		if want := "Waiting up to 20s: " + dir + " is in use by segue run (pid 812, user root).\n"; !strings.HasPrefix(errs.String(), want) {
			t.Errorf("said %q, want %q first", errs.String(), want)
		}
	})
}

func TestRunRefusesWhatCannotWork(t *testing.T) {
	dir := t.TempDir()
	for args, want := range map[string]string{
		"run --manifests " + dir + "/nosuch":                      "make it, or name another",
		"run --prune-all":                                         "say both",
		"run --owner Not.Good":                                    "lower-case",
		"run --owner test --instance-cidr ten --state-dir " + dir: "want a subnet",
		"run --log-format yaml":                                   "say text or json",
		"run now":                                                 "takes no arguments",
	} {
		var out, errs bytes.Buffer
		c := &cli{out: &out, err: &errs}
		if code := c.execute(t.Context(), strings.Fields(args)); code != exitUsage || !strings.Contains(errs.String(), want) {
			t.Errorf("segue %s: exit code %d, %q; want %q", args, code, errs.String(), want)
		}
	}
}

func TestOwnersAreStableAndDiffer(t *testing.T) {
	a := deriveOwner("machine", "/var/lib/segue")
	if a != deriveOwner("machine", "/var/lib/segue") || a == deriveOwner("machine", "/srv/segue") || a == deriveOwner("other", "/var/lib/segue") {
		t.Error("owners are not a function of machine and state directory")
	}
	if !ownerGrammar.MatchString(a) || strings.Contains(a, "machine") {
		t.Errorf("owner %q", a)
	}
}

// engine knows some containers.
type engine map[string]docker.ContainerInfo

func (e engine) info(_ context.Context, name string) (docker.ContainerInfo, error) {
	info, found := e[name]
	if !found {
		return docker.ContainerInfo{Missing: true}, nil
	}
	return info, nil
}

func TestEurekaHostsAreContainersThenDeploymentsThenDNS(t *testing.T) {
	known := engine{
		"eureka-1": {Running: true, Addresses: []netip.Addr{netip.MustParseAddr("10.83.0.9")}},
		"eureka-2": {Running: false},
		"eureka-3": {Running: true},
	}
	r := &resolver{info: known.info, list: shop().List}
	for host, want := range map[string]string{"eureka-1": "10.83.0.9", "eureka-3": "127.0.0.1", "orders": "10.83.0.23", "eureka.example.com": "eureka.example.com"} {
		if got, err := r.find(t.Context(), host); err != nil || got != want {
			t.Errorf("%s is found at %q, %v; want %q", host, got, err, want)
		}
	}
	fake := shop()
	fake.Publish(api.Status{Kind: spec.KindDeployment, Name: named("eureka"), Deployment: &api.DeploymentStatus{}})
	r.list = fake.List
	for _, host := range []string{"eureka-2", "eureka"} {
		if _, err := r.find(t.Context(), host); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("%s: %v, want a refused connection", host, err)
		}
	}
}

func TestCertificatesAreMountedByDirectoryAlsoBehindSymlinks(t *testing.T) {
	root := t.TempDir()
	live, archive := filepath.Join(root, "live"), filepath.Join(root, "archive")
	for _, dir := range []string{live, archive} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"cert.pem", "key.pem"} {
		if err := os.WriteFile(filepath.Join(archive, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join("..", "archive", name), filepath.Join(live, name)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := certificateDirs([]spec.TLSFiles{{CertFile: filepath.Join(live, "cert.pem"), KeyFile: filepath.Join(live, "key.pem")}})
	if err != nil || strings.Join(got, " ") != archive+" "+live {
		t.Errorf("got %v, %v", got, err)
	}
}
