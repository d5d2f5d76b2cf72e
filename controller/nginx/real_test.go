//go:build nginx

package nginx

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-logr/logr/funcr"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// rig is a private nginx with its own prefix and ports, and a Switcher for it. SEGUE_TEST_NGINX names the binary (NGINX itself means inherited sockets to nginx).
type rig struct {
	t        *testing.T
	prefix   string
	confDir  string
	http     int
	spec     spec.NginxSpec
	switcher *Switcher
	stop     func()
	// readOnly is for the Switchers that run from now on.
	readOnly bool
}

func binary() string {
	if b := os.Getenv("SEGUE_TEST_NGINX"); b != "" {
		return b
	}
	return "/usr/sbin/nginx"
}

func (r *rig) command() []string {
	return []string{binary(), "-p", r.prefix, "-c", filepath.Join(r.prefix, "nginx.conf")}
}

// nextPort is where the search for a free port goes on.
var nextPort atomic.Int32

// freePort is a port that is free, as are the 19 after it unless a stranger listens there. It lies below those that the
// kernel gives to clients (from 32768): one of the load's would take it before nginx does.
func freePort(t *testing.T) int {
	t.Helper()
	for range 400 {
		port := 12000 + 20*((os.Getpid()+int(nextPort.Add(1)))%400)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		l.Close()
		return port
	}
	t.Fatal("no free port")
	return 0
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, prefix: t.TempDir(), http: freePort(t)}
	// The workers must be able to look up the flags.
	if err := os.Chmod(filepath.Dir(r.prefix), 0o755); err != nil {
		t.Fatal(err)
	}
	r.confDir = filepath.Join(r.prefix, "segue")
	low := freePort(t)
	r.spec = spec.NginxSpec{
		ConfDir: r.confDir, InternalPorts: fmt.Sprintf("%d-%d", low, low+10), HTTPPort: &r.http,
		LameSeconds: ptr(1), KeepaliveMinTimeoutSeconds: ptr(2),
	}
	for _, dir := range []string{"logs", "sites"} {
		if err := os.MkdirAll(filepath.Join(r.prefix, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	r.write("nginx.conf", r.main(true))
	return r
}

// newRunning is a rig whose nginx runs with the files of a Switcher that runs.
func newRunning(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	r.run()
	r.firstFiles()
	r.startNginx()
	return r
}

func ptr[T any](v T) *T { return &v }

// main is the user's configuration, before or after he added segue's include.
func (r *rig) main(included bool) string {
	include := ""
	if included {
		include = "include " + r.confDir + "/current/http.con[f];"
	}
	return fmt.Sprintf(`worker_processes 2;
user www-data;
pid %[1]s/nginx.pid;
error_log %[1]s/logs/error.log notice;
events { worker_connections 512; }
http {
    access_log off;
    client_body_temp_path %[1]s/body;
    proxy_temp_path %[1]s/proxy;
    fastcgi_temp_path %[1]s/fastcgi;
    uwsgi_temp_path %[1]s/uwsgi;
    scgi_temp_path %[1]s/scgi;
    %[2]s
    include sites/*.conf;
}
`, r.prefix, include)
}

func (r *rig) write(name, text string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.prefix, name), []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// startNginx starts it as a daemon, and ends it with the test.
func (r *rig) startNginx() {
	r.t.Helper()
	// To a file: the daemon keeps its stderr, and a pipe would be waited for.
	out, err := os.Create(filepath.Join(r.prefix, "logs", "start.log"))
	if err != nil {
		r.t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command(r.command()[0], r.command()[1:]...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		r.t.Fatalf("start nginx: %v: %s", err, said)
	}
	r.t.Cleanup(r.killNginx)
	r.until("nginx has its workers", func() bool {
		workers, err := workersOf(proc{}, r.master())
		return err == nil && r.master() != 0 && len(workers) == 2
	})
}

func (r *rig) master() int {
	raw, err := os.ReadFile(filepath.Join(r.prefix, "nginx.pid"))
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(raw))) // 0 where it says nothing
	return pid
}

// killNginx is kill -9 for the master and its workers.
func (r *rig) killNginx() {
	master := r.master()
	if yes, err := isMaster(proc{}, master); err != nil || !yes || master == 0 {
		return
	}
	workers, err := workersOf(proc{}, master)
	if err != nil {
		r.t.Error(err)
	}
	_ = syscall.Kill(master, syscall.SIGKILL)
	for _, w := range workers {
		_ = syscall.Kill(w.PID, syscall.SIGKILL)
	}
	r.until("nginx is gone", func() bool {
		return !slices.ContainsFunc(workers, func(w worker) bool { return alive(proc{}, w.process) })
	})
}

func (r *rig) hup() {
	r.t.Helper()
	if err := syscall.Kill(r.master(), syscall.SIGHUP); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) until(what string, done func() bool) {
	r.t.Helper()
	err := poll(context.Background(), 20*time.Second, func() (bool, error) { return done(), nil })
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(r.prefix, "logs", "error.log"))
		lines := strings.Split(string(log), "\n")
		r.t.Fatalf("%s: %v\n%s", what, err, strings.Join(lines[max(0, len(lines)-12):], "\n"))
	}
}

// run starts a new Switcher on the confDir, as a restarted segue does.
func (r *rig) run() {
	r.t.Helper()
	r.runOn(NewHost(r.confDir, r.command()...), false)
}

func (r *rig) runOn(server Server, own bool) {
	r.t.Helper()
	s, err := New(Options{
		Name: spec.Name{Name: "edge"}, Spec: r.spec, Owner: "test", Own: own, ReadOnly: r.readOnly, Servers: []Server{server},
		Log: funcr.New(func(prefix, args string) { fmt.Fprintln(r.t.Output(), prefix, args) }, funcr.Options{}),
	})
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() {
		if err := s.Run(ctx, func(string) {}); err != nil {
			r.t.Error(err)
		}
	})
	r.switcher = s
	r.stop = sync.OnceFunc(func() { cancel(); group.Wait() })
	r.t.Cleanup(r.stop)
}

// firstFiles waits for the release without anything, which a user can include.
func (r *rig) firstFiles() {
	r.t.Helper()
	r.until("the first files are written", func() bool {
		_, err := os.Stat(filepath.Join(r.confDir, "current", "http.conf"))
		return err == nil
	})
}

func (r *rig) server() reconcile.NginxServer {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	v, err := r.switcher.View(ctx, time.Now())
	if err != nil {
		r.t.Fatal(err)
	}
	return v.Servers[0]
}

func (r *rig) wish(name string) reconcile.Wish { return r.switcher.book.states()[name] }

// route asks and waits for the end of the wish.
func (r *rig) route(w reconcile.RouteWish) reconcile.Wish {
	r.t.Helper()
	r.switcher.Route(w)
	name := w.Deployment.String()
	r.until("wish of "+name+" ends", func() bool { return r.wish(name).State != reconcile.WishPending })
	return r.wish(name)
}

func (r *rig) mustRoute(w reconcile.RouteWish) {
	r.t.Helper()
	if got := r.route(w); got.State != reconcile.WishDone {
		r.t.Fatalf("wish of %s: %s: %s", w.Deployment, got.State, got.Reason)
	}
}

// drained waits until no worker can reach the instance.
func (r *rig) drained(deployment, instance string) {
	r.t.Helper()
	r.until(instance+" is drained", func() bool {
		s := r.server()
		return s.Reachable != nil && !slices.Contains(s.Reachable[deployment], instance) && !slices.Contains(s.Serves[deployment], instance)
	})
}

func wishFor(name string, route spec.Route, backends ...*backend) reconcile.RouteWish {
	w := reconcile.RouteWish{Deployment: spec.Name{Name: name}, Strategy: spec.RollingUpdate}
	wished := reconcile.WishedRoute{Name: "http", Route: route}
	for _, b := range backends {
		wished.Backends = append(wished.Backends, b.as())
	}
	w.Routes = []reconcile.WishedRoute{wished}
	return w
}
