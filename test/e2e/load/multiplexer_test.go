package load

import (
	"crypto/tls"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

func TestHTTP2StreamsThatTheServerEndsAreLost(t *testing.T) {
	var count atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if count.Add(1) == 7 {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("X-Service", "orders")
		w.Header().Set("X-Version", r.Proto)
		_, _ = w.Write([]byte(`{"service":"orders","version":"HTTP/2.0"}`)) // the test sees what comes of it
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	report := run(t, Job{Target: Target{Address: server.Listener.Addr().String(), Service: "orders", TLS: clientTLS(server)}, Client: HTTP2, Request: Get, Connections: 3})
	if !maps.Equal(report.Failures, map[Failure]int{Reset: 1}) || report.Good != 19 {
		t.Errorf("got\n%s", report)
	}
}

func TestGOAWAYCostsOnlyThePostThatCannotBeSentAgain(t *testing.T) {
	for request, want := range map[Request]map[Failure]int{Get: {}, Post: {}, PostOnce: {GoAway: 1}} {
		t.Run(string(request), func(t *testing.T) {
			t.Parallel()
			address, settings := goingAway(t)
			report := run(t, Job{Target: Target{Address: address, Service: "orders", TLS: settings}, Client: HTTP2, Request: request})
			if !maps.Equal(report.Failures, want) || report.Requests != 20 {
				t.Errorf("want %v, got\n%s", want, report)
			}
		})
	}
}

func clientTLS(server *httptest.Server) *tls.Config {
	return server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
}

// goingAway begins a server whose first connection answers its fourth stream with a GOAWAY that excludes it, once the
// request has been received as a whole; nginx does so when it reloads.
func goingAway(t *testing.T) (string, *tls.Config) {
	t.Helper()
	certified := httptest.NewUnstartedServer(nil)
	certified.EnableHTTP2 = true
	certified.StartTLS()
	settings, server := clientTLS(certified), certified.TLS.Clone()
	certified.Close()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", server)
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	t.Cleanup(running.Wait)
	t.Cleanup(func() { _ = listener.Close() }) // nobody is left to be told
	running.Go(func() {
		for first := true; ; first = false {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { answerUntil(conn, first) })
		}
	})
	return listener.Addr().String(), settings
}

func answerUntil(conn net.Conn, leaves bool) {
	defer func() { _ = conn.Close() }() // nothing is owed to it
	preface := make([]byte, len(http2.ClientPreface))
	if _, err := conn.Read(preface); err != nil {
		return
	}
	framer := http2.NewFramer(conn, conn)
	decoder := hpack.NewDecoder(4096, nil)
	paths := map[uint32]string{}
	bodies := map[uint32][]byte{}
	_ = framer.WriteSettings() // the test sees what comes of it
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return
		}
		ended := false
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				_ = framer.WriteSettingsAck() // the test sees what comes of it
			}
		case *http2.HeadersFrame:
			fields, err := decoder.DecodeFull(frame.HeaderBlockFragment())
			if err != nil {
				return
			}
			for _, field := range fields {
				if field.Name == ":path" {
					paths[frame.StreamID] = field.Value
				}
			}
			ended = frame.StreamEnded()
		case *http2.DataFrame:
			bodies[frame.StreamID] = append(bodies[frame.StreamID], frame.Data()...)
			ended = frame.StreamEnded()
		}
		id := frame.Header().StreamID
		if !ended {
			continue
		}
		if leaves && id == 7 {
			_ = framer.WriteGoAway(5, http2.ErrCodeNo, nil) // the test sees what comes of it
			return
		}
		if answerStream(framer, id, paths[id], bodies[id]) != nil {
			return
		}
	}
}
