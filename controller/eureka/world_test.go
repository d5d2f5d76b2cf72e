package eureka_test

import (
	"context"
	"errors"
	"net"
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
	// peered: the servers are peers and pass on what they are told, half a second later.
	peered atomic.Bool
}

// inWorld runs a story with servers of the given names, which all begin on a turn of their response cache.
func inWorld(t *testing.T, names []string, story func(w *world)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w := &world{t: t, ctx: ctx, servers: map[string]*node{}}
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
