//go:build docker

package docker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"
	"github.com/go-logr/logr/funcr"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// These tests talk to a real engine ($DOCKER_HOST) and need to reach its containers' addresses and processes. Where
// the engine sees other directories, $SEGUE_TEST_DIR is one that both see.

const (
	testOwner = "c-test"
	testImage = "c-test/app:1"
)

var testCIDR = netip.MustParsePrefix("10.83.0.0/16")

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp(os.Getenv("SEGUE_TEST_DIR"), "c-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "app"), "./testdata/app")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		panic(string(out))
	}
	ctx := context.Background()
	r, err := New(Options{Owner: testOwner, StateDir: dir})
	if err != nil {
		panic(err)
	}
	if err := r.Prepare(ctx); err != nil {
		panic(err)
	}
	defer func() {
		if err := r.cli.NetworkRemove(ctx, networkName); err != nil {
			fmt.Println("left behind:", err)
		}
	}()
	defer func() {
		if _, err := r.cli.ImageRemove(ctx, testImage, image.RemoveOptions{Force: true}); err != nil {
			fmt.Println("left behind:", err)
		}
	}()
	if err := r.ImportBinary(ctx, testImage, filepath.Join(dir, "app"), nil); err != nil {
		panic(err)
	}
	return m.Run()
}

// bench is a Runtime that runs, and the names that it said had changed.
type bench struct {
	*Runtime
	t   *testing.T
	dir string

	mu      sync.Mutex
	changes []string
	wake    chan struct{}
}

func newBench(t *testing.T, options Options) *bench {
	t.Helper()
	dir, err := os.MkdirTemp(os.Getenv("SEGUE_TEST_DIR"), "c-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	options.Owner, options.StateDir = testOwner, dir
	options.Log = funcr.New(func(prefix, args string) { t.Log(prefix, args) }, funcr.Options{})
	r, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	return &bench{Runtime: r, t: t, dir: dir, wake: make(chan struct{}, 1)}
}

// running also runs it, until the test ends, and waits for the event stream.
func runningBench(t *testing.T, options Options) *bench {
	t.Helper()
	b := newBench(t, options)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- b.Run(ctx, b.changed) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("run: %v", err)
		}
	})
	b.eventually("the event stream", func() bool { return b.connectedAt() != time.Time{} })
	return b
}

func (b *bench) connectedAt() time.Time {
	b.view.mu.Lock()
	defer b.view.mu.Unlock()
	return b.view.connected
}

func (b *bench) changed(deployment string) {
	b.mu.Lock()
	b.changes = append(b.changes, deployment)
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *bench) sawChange(deployment string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.changes {
		if c == deployment {
			return true
		}
	}
	return false
}

// eventually looks whenever something changed, and every 20 ms, for up to 15 s.
func (b *bench) eventually(what string, holds func() bool) {
	b.t.Helper()
	deadline := time.After(15 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-b.wake:
		case <-tick.C:
		case <-deadline:
			b.t.Fatalf("waited 15 s for %s", what)
		}
	}
}

// launch is an instance of the test's image; the test's end removes it.
func (b *bench) launch(name, address string, args ...string) reconcile.Launch {
	b.t.Cleanup(func() { b.purge(name) })
	b.purge(name)
	grace := 30
	return reconcile.Launch{
		Deployment: spec.Name{Namespace: "shop", Name: "c-" + strings.Split(name, "-")[1]},
		Instance:   name, Revision: "abc123", N: 1, Image: testImage, Address: netip.MustParseAddr(address),
		Template: spec.Template{Image: testImage, Args: args, TerminationGracePeriodSeconds: &grace},
		Ports:    []spec.Port{{Name: "http", ContainerPort: 8080}},
	}
}

func (b *bench) purge(name string) {
	ctx := context.Background()
	for _, name := range []string{name, name + retiredSuffix} {
		_ = b.cli.ContainerRemove(ctx, name, container.RemoveOptions{Force: true, RemoveVolumes: true})
	}
}

func (b *bench) start(launch reconcile.Launch) {
	b.t.Helper()
	if err := b.Start(context.Background(), launch); err != nil {
		b.t.Fatal(err)
	}
}

// now is the one container of that name, read afresh; the zero value when there is none.
func (b *bench) now(name string) reconcile.Container {
	b.t.Helper()
	all, _, err := b.Containers(context.Background(), time.Now())
	if err != nil {
		b.t.Fatal(err)
	}
	return find(all, name)
}

// cached is the same out of whatever snapshot there is.
func (b *bench) cached(name string) reconcile.Container {
	all, _, err := b.Containers(context.Background(), time.Time{})
	if err != nil {
		return reconcile.Container{}
	}
	return find(all, name)
}

func (b *bench) log(name string) string {
	var out bytes.Buffer
	if err := b.Logs(context.Background(), name, reconcile.LogOptions{Tail: -1}, &out); err != nil {
		return fmt.Sprint("no log: ", err)
	}
	return out.String()
}

// stranger starts a container by hand, without segue's labels.
func (b *bench) stranger(name string, config container.Config, host container.HostConfig) string {
	b.t.Helper()
	ctx := context.Background()
	b.purge(name)
	config.Image = testImage
	created, err := b.cli.ContainerCreate(ctx, &config, &host, nil, nil, name)
	if err == nil {
		err = b.cli.ContainerStart(ctx, created.ID, container.StartOptions{})
	}
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { b.purge(name) })
	return created.ID
}
