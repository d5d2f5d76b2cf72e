//go:build nginx

package nginx

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// load are clients that never retry. Half of them do not look whether the server closed before they send again.
type load struct {
	mu       sync.Mutex
	requests int
	failed   []string
	answers  map[string]int
	stop     chan struct{}
	group    sync.WaitGroup
}

func startLoad(t *testing.T, port int, host string) *load {
	t.Helper()
	return startLoadAt(t, fmt.Sprintf("127.0.0.1:%d", port), host)
}

func startLoadAt(t *testing.T, at, host string) *load {
	t.Helper()
	l := &load{answers: map[string]int{}, stop: make(chan struct{})}
	for i := range 12 {
		l.group.Go(func() {
			l.client(at, host, i%3 == 0, time.Duration(3+i)*time.Millisecond)
		})
	}
	t.Cleanup(func() { l.end() })
	return l
}

func (l *load) client(at, host string, post bool, think time.Duration) {
	var conn net.Conn
	var reader *bufio.Reader
	tick := time.NewTicker(think)
	defer tick.Stop()
	for {
		select {
		case <-l.stop:
			if conn != nil {
				conn.Close()
			}
			return
		case <-tick.C:
		}
		if conn == nil {
			c, err := net.Dial("tcp", at)
			if err != nil {
				l.note("", err)
				continue
			}
			conn, reader = c, bufio.NewReader(c)
		}
		body, keep, err := once(conn, reader, host, post)
		l.note(body, err)
		if err != nil || !keep {
			conn.Close()
			conn = nil
		}
	}
}

func once(conn net.Conn, reader *bufio.Reader, host string, post bool) (body string, keep bool, err error) {
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return "", false, err
	}
	req := "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n"
	if post {
		req = "POST / HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 2000\r\n\r\n" + strings.Repeat("x", 2000)
	}
	if _, err := io.WriteString(conn, req); err != nil {
		return "", false, err
	}
	resp, err := http.ReadResponse(reader, nil)
	if err != nil {
		return "", false, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d", resp.StatusCode)
	}
	return string(raw), !resp.Close, err
}

func (l *load) note(body string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests++
	if err != nil {
		l.failed = append(l.failed, err.Error())
		return
	}
	l.answers[body]++
}

func (l *load) end() {
	l.mu.Lock()
	select {
	case <-l.stop:
	default:
		close(l.stop)
	}
	l.mu.Unlock()
	l.group.Wait()
}

// lost ends the load and wants no failure.
func (l *load) lost(t *testing.T, atLeast int) {
	t.Helper()
	l.end()
	t.Logf("%d requests, %d failed, %v", l.requests, len(l.failed), l.answers)
	if len(l.failed) > 0 {
		t.Errorf("%d of %d requests failed, as %s", len(l.failed), l.requests, l.failed[0])
	}
	if l.requests < atLeast {
		t.Errorf("only %d requests were sent, want %d", l.requests, atLeast)
	}
}

func get(t *testing.T, port int, host string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/", port), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host, req.Close = host, true
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, body.String(), resp.Header
}
