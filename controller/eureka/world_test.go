package eureka_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/testr"

	"github.com/segue-dev/segue/controller/eureka"
	"github.com/segue-dev/segue/controller/eureka/registry"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// The caches of the tests' world, in seconds.
const (
	responseCache = 30
	consumers     = 65
)

const owner = "shop"

// world is a network in memory with Eureka servers on it, in a bubble whose clock only moves when all wait.
type world struct {
	t       *testing.T
	ctx     context.Context
	servers map[string]*node
	urls    []string
	running sync.WaitGroup
	end     context.CancelFunc
}

// inWorld runs a story with servers of the given names, which all begin on a turn of their response cache.
func inWorld(t *testing.T, names []string, story func(w *world)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w := &world{t: t, ctx: ctx, end: cancel, servers: map[string]*node{}}
		for _, name := range names {
			w.servers[name] = &node{world: w, name: name}
			w.servers[name].start()
			w.urls = append(w.urls, "http://"+name+":8761/eureka")
		}
		story(w)
		cancel()
		for _, n := range w.servers {
			n.stop()
		}
		w.running.Wait()
	})
}

// node is one Eureka server.
type node struct {
	world *world
	name  string
	// trouble answers in place of the registry; nil: none.
	trouble atomic.Pointer[http.HandlerFunc]

	mu sync.Mutex
	// requests counts what was asked since the start, by method and path without the query.
	requests map[string]int
	door     *door
}

// door is where a server that runs takes connections. It is the listener.
type door struct {
	accepting chan net.Conn
	stopped   chan struct{}
	close     func()
}

// start makes the server come up, empty.
func (n *node) start() {
	ctx, cancel := context.WithCancel(n.world.ctx)
	r := registry.New(registry.Options{ResponseCache: responseCache * time.Second})
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		n.mu.Lock()
		n.requests[q.Method+" "+q.URL.Path]++
		n.mu.Unlock()
		if trouble := n.trouble.Load(); trouble != nil {
			(*trouble)(w, q)
			return
		}
		r.ServeHTTP(w, q)
	})}
	d := &door{accepting: make(chan net.Conn), stopped: make(chan struct{})}
	d.close = sync.OnceFunc(func() {
		close(d.stopped)
		cancel()
		_ = server.Close()
	})
	n.mu.Lock()
	n.requests, n.door = map[string]int{}, d
	n.mu.Unlock()
	n.world.running.Go(func() { _ = r.Run(ctx) })      // it ends with ctx
	n.world.running.Go(func() { _ = server.Serve(d) }) // it ends with Close
}

// stop makes the server refuse connections.
func (n *node) stop() { n.entry().close() }

func (n *node) entry() *door {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.door
}

func (n *node) restart() {
	n.stop()
	n.start()
}

func (n *node) answer(handler http.HandlerFunc) {
	if handler == nil {
		n.trouble.Store(nil)
		return
	}
	n.trouble.Store(&handler)
}

func (n *node) asked(method, path string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.requests[method+" "+path]
}

// client speaks to the server past the driver.
func (n *node) client() *eureka.Client {
	c, err := eureka.NewClient("http://"+n.name+":8761/eureka", eureka.ClientOptions{Dial: n.world.dial})
	if err != nil {
		n.world.t.Fatal(err)
	}
	return c
}

// ask does something with a client of the server's.
func (n *node) ask(do func(c *eureka.Client) error) {
	n.world.t.Helper()
	c := n.client()
	defer c.Close()
	if err := do(c); err != nil {
		n.world.t.Fatal(err)
	}
}

// lease is the live entry.
func (n *node) lease(app, id string) (i eureka.Instance, found bool) {
	n.world.t.Helper()
	n.ask(func(c *eureka.Client) (err error) {
		i, found, err = c.Instance(n.world.ctx, app, id)
		return err
	})
	return i, found
}

// says compares the live entry's status and override: "OUT_OF_SERVICE/OUT_OF_SERVICE", "UP/UNKNOWN", "" for none.
func (n *node) says(app, id, want string) {
	n.world.t.Helper()
	got := ""
	if i, found := n.lease(app, id); found {
		got = string(i.Status) + "/" + string(i.Overridden)
	}
	if got != want {
		n.world.t.Errorf("%s says %q of %s, want %q", n.name, got, id, want)
	}
}

// Accept takes the next connection.
func (d *door) Accept() (net.Conn, error) {
	select {
	case c := <-d.accepting:
		return c, nil
	case <-d.stopped:
		return nil, net.ErrClosed
	}
}

// Close does nothing: the world closes its doors itself.
func (d *door) Close() error { return nil }

// Addr is any.
func (d *door) Addr() net.Addr { return &net.TCPAddr{} }

func (w *world) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, _, _ := strings.Cut(address, ":")
	n := w.servers[host]
	if n == nil {
		return nil, &net.DNSError{Err: "no such host", Name: host}
	}
	here, there := net.Pipe()
	door := n.entry()
	select {
	case door.accepting <- there:
		return here, nil
	case <-door.stopped:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// running is a driver and what it told.
type running struct {
	*eureka.Driver
	world *world
	mu    sync.Mutex
	told  map[string]int
	stop  func()
}

// drive starts a driver for all servers.
func (w *world) drive(change ...func(*eureka.Options)) *running {
	w.t.Helper()
	options := eureka.Options{
		Name: spec.Name{Name: "main"}, Owner: owner, Dial: w.dial, Log: w.log(),
		Spec: specOf(w.urls...),
	}
	for _, c := range change {
		c(&options)
	}
	d, err := eureka.New(options)
	if err != nil {
		w.t.Fatal(err)
	}
	r := &running{Driver: d, world: w, told: map[string]int{}}
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan struct{})
	w.running.Go(func() {
		defer close(done)
		if err := d.Run(ctx, r.tell); !errors.Is(err, context.Canceled) {
			w.t.Errorf("run ended with %v", err)
		}
	})
	r.stop = func() { cancel(); <-done }
	return r
}

func (w *world) log() logr.Logger { return testr.New(w.t) }

func (r *running) tell(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.told[id]++
}

func (r *running) toldOf(id string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.told[id]
}

// seen is a fresh view of one server.
func (r *running) seen(n int) reconcile.EurekaServer {
	r.world.t.Helper()
	r.world.pass(time.Millisecond) // the bubble's clock stands still while anything happens
	began := time.Now()
	view, err := r.View(r.world.ctx, began)
	if err != nil {
		r.world.t.Fatal(err)
	}
	if view.Began.Before(began) {
		r.world.t.Errorf("the view began %v too early", began.Sub(view.Began))
	}
	return view.Servers[n]
}

// does expects an order to succeed.
func (r *running) does(order func(context.Context, reconcile.LeaseOrder) error, lease reconcile.LeaseOrder) {
	r.world.t.Helper()
	if err := order(r.world.ctx, lease); err != nil {
		r.world.t.Fatal(err)
	}
}

// pass lets time pass, until everything that it brings has happened.
func (w *world) pass(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
	synctest.Wait()
}

// orders is an app's instance.
func orders(instance string) reconcile.LeaseOrder {
	return reconcile.LeaseOrder{ID: owner + ":orders:" + instance, App: "ORDERS", HostName: "10.83.0.7", Port: 8080}
}

func managed(instance string) reconcile.LeaseOrder {
	order := orders(instance)
	order.Managed, order.Metadata = true, map[string]string{"zone": "z1"}
	return order
}

func specOf(servers ...string) spec.EurekaSpec { return spec.EurekaSpec{Servers: servers} }
