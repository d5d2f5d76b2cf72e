package forward

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// server says its name to whoever connects, then echoes until the caller has said all.
func server(t *testing.T, name string) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				said, err := io.ReadAll(conn)
				if err == nil {
					_, _ = io.WriteString(conn, name+":"+string(said))
				}
			}()
		}
	}()
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

type rig struct {
	t       *testing.T
	targets string
	at      string
}

func newRig(t *testing.T, targets ...string) *rig {
	t.Helper()
	r := &rig{t: t, targets: filepath.Join(t.TempDir(), "targets")}
	r.write(targets...)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.at = listener.Addr().String()
	ctx, cancel := context.WithCancel(t.Context())
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := New(r.targets).Serve(ctx, listener); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); serving.Wait() })
	return r
}

func (r *rig) write(targets ...string) {
	r.t.Helper()
	if err := os.WriteFile(r.targets, []byte(strings.Join(targets, "\n")), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// ask says something, ends its side, and gives what is answered.
func (r *rig) ask(what string) string {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.at)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, what); err != nil {
		return ""
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		return ""
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		return ""
	}
	return string(answer)
}

func TestConnectionsAreHandedOverInTurn(t *testing.T) {
	one, two := server(t, "one"), server(t, "two")
	r := newRig(t, one.Addr().String(), two.Addr().String())
	seen := map[string]int{}
	for range 10 {
		seen[r.ask("hello")]++
	}
	if seen["one:hello"] != 5 || seen["two:hello"] != 5 {
		t.Errorf("%v", seen)
	}
}

func TestWhoTakesNoneIsPassedOver(t *testing.T) {
	one, two := server(t, "one"), server(t, "two")
	r := newRig(t, one.Addr().String(), two.Addr().String())
	_ = one.Close()
	for range 6 {
		if got := r.ask("hello"); got != "two:hello" {
			t.Fatalf("answer %q", got)
		}
	}
}

func TestAnotherListCountsForTheNextConnection(t *testing.T) {
	one, two := server(t, "one"), server(t, "two")
	r := newRig(t, one.Addr().String())
	open, err := net.Dial("tcp", r.at)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = open.Close() }()
	if _, err := io.WriteString(open, "still "); err != nil {
		t.Fatal(err)
	}
	if got := r.ask("hello"); got != "one:hello" {
		t.Fatalf("answer %q", got)
	}
	r.write(two.Addr().String())
	if got := r.ask("hello"); got != "two:hello" {
		t.Fatalf("answer %q", got)
	}
	if _, err := io.WriteString(open, "here"); err != nil {
		t.Fatal(err)
	}
	if err := open.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if answer, err := io.ReadAll(open); err != nil || string(answer) != "one:still here" {
		t.Errorf("answer %q, %v", answer, err)
	}
}

func TestNobodyThereEndsTheConnection(t *testing.T) {
	r := newRig(t)
	if got := r.ask("hello"); got != "" {
		t.Errorf("answer %q", got)
	}
}
