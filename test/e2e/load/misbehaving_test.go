package load

import (
	"bufio"
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// misbehaving is an HTTP/1.1 server on a raw socket that answers well but for the one request that is its bad one.
type misbehaving struct {
	t         *testing.T
	listener  net.Listener
	bad       int
	misbehave func(conn *net.TCPConn, request *http.Request, good []byte)

	mu    sync.Mutex
	count int
	conns []net.Conn
}

// misbehaviour begins a server whose request number bad is given to misbehave, with what a good answer would be. Its
// connection is used no further.
func misbehaviour(t *testing.T, bad int, misbehave func(conn *net.TCPConn, request *http.Request, good []byte)) *misbehaving {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &misbehaving{t: t, listener: listener, bad: bad, misbehave: misbehave}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			server.mu.Lock()
			server.conns = append(server.conns, conn)
			server.mu.Unlock()
			running.Go(func() { server.serve(conn.(*net.TCPConn)) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close() // may be closed already
		server.mu.Lock()
		for _, conn := range server.conns {
			_ = conn.Close() // may be closed already
		}
		server.mu.Unlock()
		running.Wait()
	})
	return server
}

func (s *misbehaving) target() Target {
	return Target{Address: s.listener.Addr().String(), Service: "orders"}
}

func (s *misbehaving) serve(conn *net.TCPConn) {
	reader := bufio.NewReader(conn)
	for {
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		good := goodAnswer(s.t, request)
		s.mu.Lock()
		s.count++
		bad := s.count == s.bad
		s.mu.Unlock()
		if bad {
			s.misbehave(conn, request, good)
			return
		}
		if _, err := conn.Write(good); err != nil {
			return
		}
		if request.Close {
			_ = conn.Close() // as it was asked to
			return
		}
	}
}

// goodAnswer reads the request's body and gives what the sample service would say.
func goodAnswer(t *testing.T, request *http.Request) []byte {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		t.Error(err)
	}
	var head strings.Builder
	head.WriteString("HTTP/1.1 200 OK\r\nX-Service: orders\r\nX-Version: 1\r\nX-Instance: a\r\n")
	switch {
	case strings.Contains(request.URL.Path, "/echo"):
		fmt.Fprintf(&head, "X-Body-Sum: %08x\r\n", crc32.ChecksumIEEE(body))
	case strings.Contains(request.URL.Path, "/stream"):
		body = []byte(strings.Repeat("line\n", 10) + "end\n")
	default:
		body = []byte(`{"service":"orders","version":"1","instance":"a"}`)
	}
	fmt.Fprintf(&head, "Content-Length: %d\r\n\r\n", len(body))
	return append([]byte(head.String()), body...)
}

// instead gives a misbehaviour that says text and ends the connection.
func instead(text string) func(*net.TCPConn, *http.Request, []byte) {
	return func(conn *net.TCPConn, _ *http.Request, _ []byte) {
		_, _ = io.WriteString(conn, text) // the test sees what comes of it
		_ = conn.CloseWrite()             // the same
	}
}

// changed gives a misbehaviour that replaces a part of the good answer.
func changed(from, to string) func(*net.TCPConn, *http.Request, []byte) {
	return func(conn *net.TCPConn, _ *http.Request, good []byte) {
		_, _ = conn.Write(bytes.Replace(good, []byte(from), []byte(to), 1)) // the test sees what comes of it
		_ = conn.CloseWrite()                                               // the same
	}
}
