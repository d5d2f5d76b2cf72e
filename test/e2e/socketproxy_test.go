package e2e

import (
	"io"
	"net"
	"os"
	"regexp"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// socketProxy stands between segue and the engine's socket.
type socketProxy struct {
	path, engine string

	mu   sync.Mutex
	open map[net.Conn]bool
	// held is told of each request for a signal that is kept back; nil while none is.
	held chan string
}

// signalRequest begins a request that signals a container. A client writes a request's head at once.
var signalRequest = regexp.MustCompile(`^POST \S*/containers/([^/ ]+)/kill[? ]`)

// newSocketProxy listens, and is what DOCKER_HOST says, until the Describe ends.
func newSocketProxy() *socketProxy {
	GinkgoHelper()
	dir, err := os.MkdirTemp("", "segue-e2e-")
	Expect(err).NotTo(HaveOccurred())
	p := &socketProxy{path: dir + "/docker.sock", engine: socketOfEngine(), open: map[net.Conn]bool{}}
	listener, err := net.Listen("unix", p.path)
	Expect(err).NotTo(HaveOccurred())
	var serving sync.WaitGroup
	DeferCleanup(func() {
		Expect(listener.Close()).To(Succeed())
		p.Cut()
		serving.Wait()
		Expect(os.RemoveAll(dir)).To(Succeed())
	})
	serving.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return // closed
			}
			serving.Go(func() { p.serve(client) })
		}
	})
	before, set := os.LookupEnv("DOCKER_HOST")
	Expect(os.Setenv("DOCKER_HOST", "unix://"+p.path)).To(Succeed())
	DeferCleanup(func() {
		if set {
			Expect(os.Setenv("DOCKER_HOST", before)).To(Succeed())
		} else {
			Expect(os.Unsetenv("DOCKER_HOST")).To(Succeed())
		}
	})
	return p
}

// serve passes on what both sides say, until either ends or Cut does.
func (p *socketProxy) serve(client net.Conn) {
	engine, err := net.Dial("unix", p.engine)
	if err != nil {
		_ = client.Close() // it sees the end of the connection
		return
	}
	p.mark(true, client, engine)
	defer p.mark(false, client, engine)
	var copying sync.WaitGroup
	pass := func(to net.Conn, from io.Reader) {
		_, _ = io.Copy(to, from) // its end is all that matters
		if half, ok := to.(*net.UnixConn); ok {
			_ = half.CloseWrite() // the other side may be gone
		}
	}
	copying.Go(func() { pass(engine, sieve{p, client}) })
	copying.Go(func() { pass(client, engine) })
	copying.Wait()
	_ = client.Close() // both directions have ended
	_ = engine.Close() // as above
}

// sieve is what a client says, up to a request that is kept back: then nothing more, until the client is gone.
type sieve struct {
	proxy *socketProxy
	from  net.Conn
}

func (s sieve) Read(into []byte) (int, error) {
	n, err := s.from.Read(into)
	if signalled := signalRequest.FindSubmatch(into[:n]); signalled != nil && s.proxy.keeps(string(signalled[1])) {
		_, _ = io.Copy(io.Discard, s.from) // its end is all that matters
		return 0, io.EOF
	}
	return n, err
}

// HoldSignals keeps back every request that signals a container, until LetSignals; their containers are told.
func (p *socketProxy) HoldSignals() <-chan string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = make(chan string, 100)
	return p.held
}

// LetSignals passes signals on again. Those that were kept back are lost.
func (p *socketProxy) LetSignals() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = nil
}

func (p *socketProxy) keeps(container string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held == nil {
		return false
	}
	p.held <- container
	return true
}

func (p *socketProxy) mark(open bool, conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		if open {
			p.open[conn] = true
		} else {
			delete(p.open, conn)
		}
	}
}

// Cut ends every connection, the event stream's among them. New ones are let through.
func (p *socketProxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.open {
		_ = conn.Close() // that is the point
	}
}
