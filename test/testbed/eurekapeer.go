package testbed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// replicated marks what a peer passes on: it goes no further.
const replicated = "X-Netflix-Discovery-Replication"

// EurekaPeer is a Registry as one of several that are each other's peers: it stands in front of it and passes on what
// it is told, in order, about as late as Netflix's servers do.
type EurekaPeer struct {
	*Registry
	// URL is where it is asked, by clients and by segue.
	URL string

	peers []*EurekaPeer
	// behind is the registry's own base.
	behind  string
	address string
	server  *http.Server
	failing atomic.Bool
	queues  []chan replication
	running sync.WaitGroup
	ended   chan struct{}
}

// replication is one write on its way to a peer.
type replication struct {
	method, path string
	body         []byte
	at           time.Time
}

// peerLag is how long Netflix's servers gather writes before they pass them on; peerPatience how long they try.
const (
	peerLag      = 300 * time.Millisecond
	peerPatience = 10 * time.Second
)

// EurekaPeers starts so many servers that know each other. Close ends them; their containers are the bed's.
func (b *Bed) EurekaPeers(ctx context.Context, count int) ([]*EurekaPeer, error) {
	var peers []*EurekaPeer
	for n := range count {
		registry, err := b.Registry(ctx, fmt.Sprintf("eureka-%d", n+1))
		if err != nil {
			return peers, err
		}
		peers = append(peers, &EurekaPeer{
			Registry: registry, behind: strings.TrimSuffix(registry.URL, "/eureka"), address: gateway + ":0", ended: make(chan struct{}),
		})
	}
	for _, p := range peers {
		for _, other := range peers {
			if other != p {
				p.peers = append(p.peers, other)
			}
		}
		if err := p.open(); err != nil {
			return peers, err
		}
		p.URL = "http://" + p.address + "/eureka"
		for _, other := range p.peers {
			queue := make(chan replication, 1000)
			p.queues = append(p.queues, queue)
			p.running.Go(func() { p.passOn(other, queue) })
		}
	}
	return peers, nil
}

func (p *EurekaPeer) open() error {
	listener, err := net.Listen("tcp", p.address)
	if err != nil {
		return fmt.Errorf("listen as a eureka server: %w", err)
	}
	p.address = listener.Addr().String()
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: 5 * time.Second}
	server := p.server
	p.running.Go(func() { _ = server.Serve(listener) }) // it ends with Close
	return nil
}

// Close ends the front.
func (p *EurekaPeer) Close() error {
	close(p.ended)
	err := p.server.Close()
	p.running.Wait()
	return err
}

// Stop stops the server: its container, and its port refuses.
func (p *EurekaPeer) Stop(ctx context.Context) error {
	return errors.Join(p.server.Close(), p.Registry.Stop(ctx))
}

// Start starts it again, without a lease.
func (p *EurekaPeer) Start(ctx context.Context) error {
	if err := p.Registry.Start(ctx); err != nil {
		return err
	}
	return p.open()
}

// Fail makes it answer 500 to everything, or not.
func (p *EurekaPeer) Fail(failing bool) { p.failing.Store(failing) }

func (p *EurekaPeer) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	if p.failing.Load() {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return // the client is gone
	}
	request, err := http.NewRequestWithContext(q.Context(), q.Method, p.behind+q.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	request.Header = q.Header.Clone()
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer response.Body.Close()
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(response.StatusCode)
	_, _ = io.Copy(w, response.Body) // the client may be gone
	if q.Method == http.MethodGet || q.Header.Get(replicated) != "" {
		return
	}
	for _, queue := range p.queues {
		queue <- replication{method: q.Method, path: q.URL.RequestURI(), body: body, at: time.Now()}
	}
}

func (p *EurekaPeer) passOn(peer *EurekaPeer, queue <-chan replication) {
	for {
		select {
		case <-p.ended:
			return
		case r := <-queue:
			if p.wait(time.Until(r.at.Add(peerLag))) {
				p.replicate(peer, r)
			}
		}
	}
}

// replicate tells a peer until it answers, whatever that is. Where it does not know whom a heartbeat is for, it is told.
func (p *EurekaPeer) replicate(peer *EurekaPeer, r replication) {
	tell := func(method, path string, body []byte) (int, error) {
		return ask(context.Background(), method, "http://"+peer.address+path, body, nil, replicated, "true")
	}
	for time.Since(r.at) < peerPatience {
		code, err := tell(r.method, r.path, r.body)
		if code == http.StatusNotFound && r.method == http.MethodPut && !strings.Contains(r.path, "/status") {
			path, _, _ := strings.Cut(r.path, "?")
			if entry := p.entry(path); entry != nil {
				_, _ = tell(http.MethodPost, path[:strings.LastIndex(path, "/")], entry) // the next heartbeat tries again
			}
			return
		}
		if err == nil || code != 0 || !p.wait(100*time.Millisecond) {
			return
		}
	}
}

// entry is what the registry has at a path, as it is registered.
func (p *EurekaPeer) entry(path string) []byte {
	request, err := http.NewRequest(http.MethodGet, p.behind+path, nil)
	if err != nil {
		return nil
	}
	request.Header.Set("Accept", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return nil
	}
	return text
}

func (p *EurekaPeer) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-p.ended:
		return false
	}
}

// EurekaYAML is the manifest of a Eureka object main of these servers, of segue's own where there are none, with caches
// of a second each.
func EurekaYAML(servers ...string) string {
	fields := "caches: {responseSeconds: 1, fetchSeconds: 1, loadBalancerSeconds: 1}"
	if len(servers) > 0 {
		fields = "servers: [\"" + strings.Join(servers, "\", \"") + "\"], " + fields
	}
	return "apiVersion: segue.dev/v1\nkind: Eureka\nmetadata: {name: main}\nspec: {" + fields + "}\n"
}
