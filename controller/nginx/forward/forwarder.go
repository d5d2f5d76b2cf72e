package forward

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// dialTimeout is how long one server is tried, rest how long one that did not take a connection is tried last.
const (
	dialTimeout = time.Second
	rest        = 3 * time.Second
)

// Forwarder hands connections to one of several servers.
type Forwarder struct {
	// targets is a file with HOST:PORT on each line.
	targets string
	turn    atomic.Uint64

	mu sync.Mutex
	// refused is when a server last did not take a connection.
	refused map[string]time.Time
}

// New hands connections to the servers that the file names, one HOST:PORT a line, as it is when one comes.
func New(targets string) *Forwarder {
	return &Forwarder{targets: targets, refused: map[string]time.Time{}}
}

// Serve takes connections until ctx ends, and returns when all of them have.
func (f *Forwarder) Serve(ctx context.Context, listener net.Listener) error {
	var open sync.WaitGroup
	defer open.Wait()
	defer context.AfterFunc(ctx, func() { _ = listener.Close() })() // Accept tells
	for {
		caller, err := listener.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("take a connection: %w", err)
		}
		open.Go(func() { f.pass(ctx, caller) })
	}
}

// pass hands one connection over; where nobody takes it, it is closed.
func (f *Forwarder) pass(ctx context.Context, caller net.Conn) {
	defer func() { _ = caller.Close() }() // both ends know
	server, err := f.dial(ctx)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }() // both ends know
	defer context.AfterFunc(ctx, func() {
		_ = caller.Close() // the copies end
		_ = server.Close() // the copies end
	})()
	var both sync.WaitGroup
	both.Go(func() { copyOver(server, caller) })
	both.Go(func() { copyOver(caller, server) })
	both.Wait()
}

// copyOver copies until from ends, and passes that end on. An error ends both ways.
func copyOver(to, from net.Conn) {
	if _, err := io.Copy(to, from); err != nil {
		_ = to.Close()   // its copy ends
		_ = from.Close() // its copy ends
		return
	}
	if half, ok := to.(*net.TCPConn); ok {
		_ = half.CloseWrite() // it may be gone
	}
}

// dial connects to the first server in turn that takes it.
func (f *Forwarder) dial(ctx context.Context) (net.Conn, error) {
	text, err := os.ReadFile(f.targets)
	if err != nil {
		return nil, fmt.Errorf("read servers: %w", err)
	}
	failed := []error{errors.New("nobody takes it")}
	for _, target := range f.inTurn(strings.Fields(string(text)), time.Now()) {
		dialer := net.Dialer{Timeout: dialTimeout}
		server, err := dialer.DialContext(ctx, "tcp", target)
		f.note(target, err, time.Now())
		if err == nil {
			return server, nil
		}
		failed = append(failed, err)
	}
	return nil, errors.Join(failed...)
}

// inTurn are the targets, another one first each time, those that did not take the last connection last.
func (f *Forwarder) inTurn(targets []string, now time.Time) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var first, last []string
	turn := int(f.turn.Add(1) % 1000)
	for i := range targets {
		target := targets[(turn+i)%len(targets)]
		if at, refused := f.refused[target]; refused && now.Before(at.Add(rest)) {
			last = append(last, target)
		} else {
			first = append(first, target)
		}
	}
	return append(first, last...)
}

func (f *Forwarder) note(target string, err error, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		delete(f.refused, target)
		return
	}
	f.refused[target] = now
}
