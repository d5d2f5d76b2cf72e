//go:build docker

package docker

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/client"

	"github.com/segue-dev/segue/reconcile"
)

func TestACrashIsSeenAtOnceAndCounts(t *testing.T) {
	b := runningBench(t, Options{})
	launch := b.launch("c-crash-abc123-1", "10.83.0.40", "exit", "3")
	b.start(launch)
	b.eventually("the exit", func() bool { return b.cached(launch.Instance).State == reconcile.ContainerExited })
	c := b.cached(launch.Instance)
	if c.ExitCode != 3 || !c.ExitCounts || c.ExitedAt.IsZero() || c.PID != 0 {
		t.Errorf("crashed: %+v", c)
	}
	if !b.sawChange("shop.c-crash") {
		t.Error("nobody was told")
	}
	lines, err := b.Tail(context.Background(), launch.Instance, 1)
	if err != nil || len(lines) != 1 || lines[0] != "last words of 3" {
		t.Errorf("tail: %q %v", lines, err)
	}
	if err := b.Remove(context.Background(), launch.Instance); err != nil {
		t.Fatal(err)
	}
	saved, err := os.ReadFile(filepath.Join(b.dir, "logs", launch.Instance+".log"))
	if err != nil || string(saved) != "last words of 3\n" {
		t.Errorf("saved log: %q %v", saved, err)
	}
	if log := b.log(launch.Instance); log != "last words of 3\n" {
		t.Errorf("log of a removed instance: %q", log)
	}
}

func TestWhatHappensWhileTheEventStreamIsCut(t *testing.T) {
	proxy := newCutter(t)
	b := runningBench(t, Options{Host: "unix://" + proxy.path})
	steady := b.launch("c-steady-abc123-1", "10.83.0.41", "serve")
	dies := b.launch("c-dies-abc123-1", "10.83.0.42", "serve")
	b.start(steady)
	b.start(dies)
	b.eventually("both", func() bool {
		return b.cached(steady.Instance).State == reconcile.ContainerRunning && b.cached(dies.Instance).State == reconcile.ContainerRunning
	})

	proxy.cut()
	b.eventually("the loss", func() bool { return b.connectedAt().IsZero() })
	if all, _, err := b.Containers(context.Background(), time.Time{}); err == nil {
		t.Errorf("an engine that does not answer has %d containers", len(all))
	}
	direct := newBench(t, Options{})
	if err := direct.cli.ContainerKill(context.Background(), dies.Instance, "KILL"); err != nil {
		t.Fatal(err)
	}
	direct.eventually("the death", func() bool { return direct.now(dies.Instance).State == reconcile.ContainerExited })

	b.mu.Lock()
	b.changes = nil
	b.mu.Unlock()
	proxy.mend()
	b.eventually("the stream", func() bool { return !b.connectedAt().IsZero() && b.sawChange("") })
	c := b.cached(dies.Instance)
	if c.State != reconcile.ContainerExited || c.ExitCode != 137 || c.ExitCounts {
		t.Errorf("died in between: %+v", c)
	}
	if c := b.cached(steady.Instance); c.State != reconcile.ContainerRunning {
		t.Errorf("lived on: %+v", c)
	}
	// And the new stream carries on.
	if err := direct.cli.ContainerKill(context.Background(), steady.Instance, "KILL"); err != nil {
		t.Fatal(err)
	}
	b.eventually("the second death", func() bool {
		c := b.cached(steady.Instance)
		return c.State == reconcile.ContainerExited && c.ExitCounts
	})
}

func TestAStreamThatAloneIsCutIsResynced(t *testing.T) {
	proxy := newCutter(t)
	b := runningBench(t, Options{Host: "unix://" + proxy.path})
	before := b.connectedAt()
	proxy.cut()
	proxy.mend()
	b.eventually("another stream", func() bool { return b.connectedAt().After(before) })
}

func TestCallersShareAReadAndNeverGetAnOlderOne(t *testing.T) {
	b := runningBench(t, Options{})
	launch := b.launch("c-share-abc123-1", "10.83.0.43", "serve")
	b.start(launch)
	var callers sync.WaitGroup
	for range 20 {
		callers.Go(func() {
			began := time.Now()
			all, at, err := b.Containers(context.Background(), began)
			if err != nil || at.Before(began) || find(all, launch.Instance).State != reconcile.ContainerRunning {
				t.Errorf("asked for %s, got %s with %d containers: %v", began, at, len(all), err)
			}
		})
	}
	callers.Wait()
}

func TestARestartByHandIsSeenAfresh(t *testing.T) {
	b := runningBench(t, Options{})
	launch := b.launch("c-again-abc123-1", "10.83.0.44", "serve")
	b.start(launch)
	b.eventually("the start", func() bool { return strings.Contains(b.log(launch.Instance), "serving") })
	before := b.now(launch.Instance)
	if err := b.cli.ContainerKill(context.Background(), launch.Instance, "TERM"); err != nil {
		t.Fatal(err)
	}
	b.eventually("the exit", func() bool { return b.cached(launch.Instance).State == reconcile.ContainerExited })
	b.start(reconcile.Launch{Instance: launch.Instance, Revision: reconcile.AdoptedRevision})
	b.eventually("the new process", func() bool {
		c := b.cached(launch.Instance)
		return c.State == reconcile.ContainerRunning && c.PID != before.PID && c.StartedAt.After(before.StartedAt)
	})
}

// cutter passes connections on to the engine's socket, until it is cut.
type cutter struct {
	t    *testing.T
	path string

	mu    sync.Mutex
	whole bool
	open  map[net.Conn]bool
}

func newCutter(t *testing.T) *cutter {
	t.Helper()
	dir, err := os.MkdirTemp("", "c-cut-")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{t: t, path: filepath.Join(dir, "s"), whole: true, open: map[net.Conn]bool{}}
	listener, err := net.Listen("unix", c.path)
	if err != nil {
		t.Fatal(err)
	}
	cli, err := client.NewClientWithOpts(client.FromEnv)
	if err != nil {
		t.Fatal(err)
	}
	engine := strings.TrimPrefix(cli.DaemonHost(), "unix://")
	go func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("unix", engine)
			if err != nil || !c.keep(in, out) {
				in.Close()
				continue
			}
			go pass(out, in)
			go pass(in, out)
		}
	}()
	t.Cleanup(func() { listener.Close(); c.cut(); os.RemoveAll(dir) })
	return c
}

func (c *cutter) keep(conns ...net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range conns {
		c.open[conn] = true
	}
	return c.whole
}

func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.whole = false
	for conn := range c.open {
		conn.Close()
	}
	c.open = map[net.Conn]bool{}
}

func (c *cutter) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.whole = true
}

// pass copies until either side ends, and then ends the one that it writes to.
func pass(to, from net.Conn) {
	_, _ = io.Copy(to, from) // a cut is what is tested
	_ = to.Close()           // it may be cut already
}
