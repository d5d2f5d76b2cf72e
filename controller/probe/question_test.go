package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// at makes a target of a test server, and its port.
func at(t *testing.T, address string) (reconcile.ProbeTarget, spec.PortRef) {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	where := netip.MustParseAddrPort(parsed.Host)
	return reconcile.ProbeTarget{Instance: "orders-1-1", ContainerID: "c1", Address: where.Addr()}, spec.PortRef(fmt.Sprint(where.Port()))
}

func askOnce(t *testing.T, target reconcile.ProbeTarget, probe *spec.Probe) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	return New(nil, logr.Discard()).question(target, probe)(ctx)
}

func TestAnAnswerIsJudgedByWhatIsExpected(t *testing.T) {
	const body = `{"status":"UP","checks":[{"name":"db","ok":true}],"lag":1.50}`
	tests := []struct {
		name   string
		status int
		expect *spec.Expect
		want   reconcile.Tri
		words  string
	}{
		{"200 is enough", 200, nil, reconcile.Yes, "→ 200 {"},
		{"a redirect counts by its status and is not followed", 302, nil, reconcile.Yes, "→ 302"},
		{"503 is a no", 503, nil, reconcile.No, "→ 503 {"},
		{"status in a list", 204, &spec.Expect{Status: "200,204"}, reconcile.Yes, "→ 204"},
		{"status outside the list", 201, &spec.Expect{Status: "200,204"}, reconcile.No, "(status is not 200,204)"},
		{"an expected 404", 404, &spec.Expect{Status: "400-404"}, reconcile.Yes, "→ 404"},
		{"contains", 200, &spec.Expect{Contains: `"UP"`}, reconcile.Yes, "200"},
		{"does not contain", 200, &spec.Expect{Contains: "real1"}, reconcile.No, `(body does not contain "real1")`},
		{"matches", 200, &spec.Expect{Matches: `lag":1\.\d+`}, reconcile.Yes, "200"},
		{"does not match", 200, &spec.Expect{Matches: `^UP$`}, reconcile.No, `(body does not match "^UP$")`},
		{"a bad pattern is not the instance's fault", 200, &spec.Expect{Matches: `(`}, reconcile.Unknown, "not asked"},
		{"JSON values", 200, &spec.Expect{JSON: map[string]string{"status": "UP", "checks.0.ok": "true", "lag": "1.50"}}, reconcile.Yes, "200"},
		{"JSON query", 200, &spec.Expect{JSON: map[string]string{`checks.#(name=="db").ok`: "true", "checks.#": "1"}}, reconcile.Yes, "200"},
		{"another JSON value", 200, &spec.Expect{JSON: map[string]string{"status": "DOWN"}}, reconcile.No, `(status is "UP", not "DOWN")`},
		{"a missing JSON value", 200, &spec.Expect{JSON: map[string]string{"state": "UP"}}, reconcile.No, "(no state in the body)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(test.status)
				if test.status != 204 {
					fmt.Fprint(w, body)
				}
			}))
			defer server.Close()
			target, port := at(t, server.URL)
			got := askOnce(t, target, &spec.Probe{HTTPGet: &spec.HTTPGetAction{Path: "/health", Port: port, Expect: test.expect}})
			if got.verdict != test.want || !strings.Contains(got.words, test.words) {
				t.Errorf("got %v %q, want %v with %q", got.verdict, got.words, test.want, test.words)
			}
			if !strings.HasPrefix(got.words, "GET "+server.URL+"/health → ") {
				t.Errorf("the words do not begin with the question: %q", got.words)
			}
		})
	}
}

func TestTheBodyThatIsNotJSONMisses(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<html>") }))
	defer server.Close()
	target, port := at(t, server.URL)
	got := askOnce(t, target, &spec.Probe{HTTPGet: &spec.HTTPGetAction{Port: port, Expect: &spec.Expect{JSON: map[string]string{"a": "b"}}}})
	if got.verdict != reconcile.No || !strings.HasSuffix(got.words, "200 <html> (body is not JSON)") {
		t.Errorf("got %v %q", got.verdict, got.words)
	}
}

func TestEveryRequestHasItsOwnConnectionAndTheHeadersOfTheManifest(t *testing.T) {
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "orders.example" || r.Header.Get("X-Token") != "t" {
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	target, port := at(t, server.URL)
	probe := &spec.Probe{HTTPGet: &spec.HTTPGetAction{Port: port, Headers: map[string]string{"Host": "orders.example", "X-Token": "t"}}}
	for range 3 {
		if got := askOnce(t, target, probe); got.verdict != reconcile.Yes {
			t.Fatalf("got %v %q", got.verdict, got.words)
		}
	}
	if connections.Load() != 3 {
		t.Errorf("3 probes used %d connections", connections.Load())
	}
}

func TestHTTPSIsAskedWithoutVerification(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	target, port := at(t, server.URL)
	if got := askOnce(t, target, &spec.Probe{HTTPGet: &spec.HTTPGetAction{Port: port, Scheme: "HTTPS"}}); got.verdict != reconcile.Yes {
		t.Errorf("got %v %q", got.verdict, got.words)
	}
}

func TestAnEndlessBodyIsReadToItsBound(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		chunk := []byte(strings.Repeat("x", 4096))
		for r.Context().Err() == nil {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	target, port := at(t, server.URL)
	got := askOnce(t, target, &spec.Probe{HTTPGet: &spec.HTTPGetAction{Port: port}})
	if got.verdict != reconcile.Yes || len([]rune(got.words)) != wordsLimit {
		t.Errorf("got %v with %d characters", got.verdict, len([]rune(got.words)))
	}
}

func TestTCPConnectsOrIsRefused(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	target, port := at(t, "http://"+listener.Addr().String())
	target.Ports = []spec.Port{{Name: "http", ContainerPort: listener.Addr().(*net.TCPAddr).Port}}
	for _, ref := range []spec.PortRef{port, "http", ""} {
		if got := askOnce(t, target, &spec.Probe{TCPSocket: &spec.TCPSocketAction{Port: ref}}); got.verdict != reconcile.Yes {
			t.Errorf("port %q: %v %q", ref, got.verdict, got.words)
		}
	}
	listener.Close()
	got := askOnce(t, target, &spec.Probe{TCPSocket: &spec.TCPSocketAction{Port: port}})
	if got.verdict != reconcile.No || !strings.HasSuffix(got.words, "→ connection refused") {
		t.Errorf("closed: %v %q", got.verdict, got.words)
	}
	got = askOnce(t, target, &spec.Probe{TCPSocket: &spec.TCPSocketAction{Port: "admin"}})
	if got.verdict != reconcile.Unknown || !strings.Contains(got.words, `no port "admin"`) {
		t.Errorf("unknown port: %v %q", got.verdict, got.words)
	}
}

func TestOnlyTheInstancesOwnFaultsCount(t *testing.T) {
	dial := func(number syscall.Errno) error {
		return &url.Error{Op: "Get", URL: "http://a/", Err: &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", number)}}
	}
	tests := []struct {
		name string
		err  error
		want reconcile.Tri
	}{
		{"refused", dial(syscall.ECONNREFUSED), reconcile.No},
		{"reset", dial(syscall.ECONNRESET), reconcile.No},
		{"deadline", context.DeadlineExceeded, reconcile.No},
		{"kernel timeout", dial(syscall.ETIMEDOUT), reconcile.No},
		{"broken answer", errors.New("malformed HTTP response"), reconcile.No},
		{"descriptors of the process", dial(syscall.EMFILE), reconcile.Unknown},
		{"descriptors of the host", dial(syscall.ENFILE), reconcile.Unknown},
		{"no network", dial(syscall.ENETUNREACH), reconcile.Unknown},
		{"no route", dial(syscall.EHOSTUNREACH), reconcile.Unknown},
		{"no local port", dial(syscall.EADDRNOTAVAIL), reconcile.Unknown},
		{"cancelled", context.Canceled, reconcile.Unknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := unanswered("GET http://a/", test.err); got.verdict != test.want {
				t.Errorf("got %v %q, want %v", got.verdict, got.words, test.want)
			}
		})
	}
}
