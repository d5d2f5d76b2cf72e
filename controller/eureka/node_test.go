package eureka_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/segue-dev/segue/controller/eureka"
	"github.com/segue-dev/segue/controller/eureka/registry"
)

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
	registry *registry.Registry
	refused  map[string]http.HandlerFunc
	// tells: it says when it began, as segue's own registry does; Spring's says nothing.
	tells atomic.Bool
}

// likeSpring says nothing of the process.
type likeSpring struct{ http.ResponseWriter }

func (w likeSpring) WriteHeader(code int) {
	w.Header().Del(eureka.StartedHeader)
	w.ResponseWriter.WriteHeader(code)
}

func (w likeSpring) Write(part []byte) (int, error) {
	w.Header().Del(eureka.StartedHeader)
	return w.ResponseWriter.Write(part)
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
		refusal := n.refused[q.Method+" "+q.URL.Path]
		n.mu.Unlock()
		if refusal != nil {
			refusal(w, q)
			return
		}
		if trouble := n.trouble.Load(); trouble != nil {
			(*trouble)(w, q)
			return
		}
		n.serve(w, q)
	})}
	d := &door{accepting: make(chan net.Conn), stopped: make(chan struct{})}
	d.close = sync.OnceFunc(func() {
		close(d.stopped)
		cancel()
		_ = server.Close()
	})
	n.mu.Lock()
	n.requests, n.door, n.registry = map[string]int{}, d, r
	n.mu.Unlock()
	n.world.running.Go(func() { _ = r.Run(ctx) })      // it ends with ctx
	n.world.running.Go(func() { _ = server.Serve(d) }) // it ends with Close
}

// serve answers, and passes writes on where the servers are peers.
func (n *node) serve(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	q.Body = io.NopCloser(bytes.NewReader(body))
	if !n.tells.Load() {
		w = likeSpring{w}
	}
	n.open().ServeHTTP(w, q)
	if q.Method == http.MethodGet || !n.world.peered.Load() {
		return
	}
	n.world.running.Go(func() {
		<-time.After(500 * time.Millisecond)
		for _, peer := range n.world.servers {
			if peer != n {
				n.passOn(peer, q.Method, q.URL.String(), body)
			}
		}
	})
}

// passOn tells a peer what the server was told. A heartbeat that the peer answers with 404 becomes a registration.
func (n *node) passOn(peer *node, method, url string, body []byte) {
	told := func(method, url string, body []byte) int {
		q := httptest.NewRequest(method, url, bytes.NewReader(body))
		q.Header.Set("x-netflix-discovery-replication", "true")
		answer := httptest.NewRecorder()
		peer.open().ServeHTTP(answer, q)
		return answer.Code
	}
	if told(method, url, body) != http.StatusNotFound || method != http.MethodPut {
		return
	}
	path, _, _ := strings.Cut(url, "?")
	parts := strings.Split(path, "/")
	q := httptest.NewRequest(http.MethodGet, path, nil)
	q.Header.Set("Accept", "application/json")
	here := httptest.NewRecorder()
	if n.open().ServeHTTP(here, q); here.Code == http.StatusOK {
		told(http.MethodPost, strings.Join(parts[:len(parts)-1], "/"), here.Body.Bytes())
	}
}

func (n *node) open() *registry.Registry {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.registry
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

// refuse answers one kind of request, as "GET /eureka/apps", with something else.
func (n *node) refuse(request string, handler http.HandlerFunc) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.refused = map[string]http.HandlerFunc{request: handler}
}

// writes counts what was not only asked.
func (n *node) writes() (all int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for request, count := range n.requests {
		if !strings.HasPrefix(request, http.MethodGet) {
			all += count
		}
	}
	return all
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
