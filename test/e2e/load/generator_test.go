package load

import (
	"bytes"
	"context"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// run runs one job over one connection against address and gives what came of it.
func run(t *testing.T, job Job) Report {
	t.Helper()
	job.Rate, job.Count = 500, 20
	job.Connections = max(1, job.Connections)
	generator, err := New(Options{Jobs: []Job{job}, Limit: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return generator.Run(t.Context())
}

func TestEveryKindOfLossIsNoticedOnceAndByItsName(t *testing.T) {
	cut := func(conn *net.TCPConn, _ *http.Request, good []byte) {
		_, _ = conn.Write(good[:len(good)-3]) // the test sees what comes of it
		_ = conn.CloseWrite()                 // the same
	}
	reset := func(conn *net.TCPConn, _ *http.Request, _ []byte) {
		_ = conn.SetLinger(0) // the test sees what comes of it
		_ = conn.Close()      // the same
	}
	silent := func(*net.TCPConn, *http.Request, []byte) {}
	chunked := "HTTP/1.1 200 OK\r\nX-Service: orders\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nline\n\r\n"
	tests := []struct {
		name      string
		client    Client
		request   Request
		misbehave func(*net.TCPConn, *http.Request, []byte)
		want      Failure
	}{
		{"closes without an answer", Careful, Get, instead(""), EOF},
		{"closes without an answer to a one-shot POST", OneShot, Post, instead(""), EOF},
		{"resets", Naive, Post, reset, Reset},
		{"resets a one-shot GET", OneShot, Get, reset, Reset},
		{"says nothing", Careful, Get, silent, Timeout},
		{"ends before the body does", Careful, Get, cut, Truncated},
		{"ends inside the head", Careful, Get, instead("HTTP/1.1 200 OK\r\nX-Serv"), Truncated},
		{"ends between two chunks", Careful, Stream, instead(chunked), Truncated},
		{"ends a stream early but properly", Careful, Stream, instead(chunked + "0\r\n\r\n"), Truncated},
		{"500", Careful, Get, instead("HTTP/1.1 500 x\r\nX-Service: orders\r\nContent-Length: 0\r\n\r\n"), "500"},
		{"502", Naive, Get, instead("HTTP/1.1 502 x\r\nContent-Length: 0\r\n\r\n"), "502"},
		{"503", OneShot, Post, instead("HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n"), "503"},
		{"503 with Retry-After", Careful, Get, instead("HTTP/1.1 503 x\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"), Unavailable},
		{"404", Careful, Get, instead("HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n"), "404"},
		{"another service answers", Careful, Get, changed("X-Service: orders", "X-Service: paymts"), WrongService},
		{"another service answers 503", Careful, Get, instead("HTTP/1.1 503 x\r\nX-Service: payments\r\nContent-Length: 0\r\n\r\n"), WrongService},
		{"nobody says who he is", Careful, Get, changed("X-Service", "X-Nothing"), WrongService},
		{"the body is another service's", Careful, Get, changed(`"service":"orders"`, `"service":"paymts"`), WrongBody},
		{"the body is another version's", Careful, Get, changed(`"version":"1"`, `"version":"2"`), WrongBody},
		{"a byte of the echo differs", Naive, Post, changed(" POST 000", " POST 100"), WrongBody},
		{"no HTTP", Careful, Get, instead("hello\r\n\r\n"), Malformed},
		{"more than one answer", Naive, Get, func(conn *net.TCPConn, _ *http.Request, good []byte) {
			_, _ = conn.Write(append(good, good...)) // the test sees what comes of it
		}, Malformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := misbehaviour(t, 7, test.misbehave)
			job := Job{Target: server.target(), Client: test.client, Request: test.request, Timeout: 200 * time.Millisecond}
			report := run(t, job)
			if want := map[Failure]int{test.want: 1}; !maps.Equal(report.Failures, want) || report.Requests != 20 || report.Good != 19 {
				t.Errorf("want 20 requests and %v, got\n%s", want, report)
			}
		})
	}
}

func TestAConnectionThatTheServerEndedWhileItWasIdleIsLostToTheNaiveOnly(t *testing.T) {
	for client, want := range map[Client]map[Failure]int{Careful: {}, Naive: {EOF: 1}} {
		t.Run(string(client), func(t *testing.T) {
			t.Parallel()
			server := misbehaviour(t, 7, func(conn *net.TCPConn, _ *http.Request, good []byte) {
				_, _ = conn.Write(good) // the test sees what comes of it
				_ = conn.CloseWrite()   // the same
			})
			report := run(t, Job{Target: server.target(), Client: client, Request: Get})
			if !maps.Equal(report.Failures, want) || report.Requests != 20 {
				t.Errorf("want %v, got\n%s", want, report)
			}
		})
	}
}

func TestARefusedConnectionIsNoticed(t *testing.T) {
	server := misbehaviour(t, 0, nil)
	guard, err := newGuard(nil)
	if err != nil {
		t.Fatal(err)
	}
	job := Job{Target: server.target(), Client: OneShot, Request: Get, Rate: 1}.withDefaults()
	worker := worker{job: job, recorder: newRecorder(job), caller: newCaller(guard)}
	worker.once(t.Context(), 1)
	if err := server.listener.Close(); err != nil {
		t.Fatal(err)
	}
	worker.once(t.Context(), 2)
	if report := worker.recorder.read(time.Time{}); report.Good != 1 || !maps.Equal(report.Failures, map[Failure]int{Refused: 1}) {
		t.Errorf("got\n%s", report)
	}
}

func TestNothingButLoopbackAndWhatIsAllowedIsDialled(t *testing.T) {
	job := func(address string) Job {
		return Job{Target: Target{Address: address, Service: "orders"}, Client: Careful, Request: Get, Rate: 1}
	}
	network := netip.MustParsePrefix("10.83.0.0/16")
	tests := []struct {
		address string
		allowed []netip.Prefix
		fine    bool
	}{
		{"127.0.0.1:80", nil, true},
		{"[::1]:80", nil, true},
		{"10.83.0.7:80", []netip.Prefix{network}, true},
		{"10.83.0.7:80", nil, false},
		{"10.84.0.7:80", []netip.Prefix{network}, false},
		{"192.0.2.1:80", nil, false},
		{"localhost:80", nil, false},
		{"127.0.0.1:80", []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}, false},
		{"127.0.0.1:80", []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, false},
	}
	for _, test := range tests {
		if _, err := New(Options{Jobs: []Job{job(test.address)}, Allowed: test.allowed}); (err == nil) != test.fine {
			t.Errorf("%s with %v: %v", test.address, test.allowed, err)
		}
	}
	guard, err := newGuard(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := guard.dial(context.Background(), "192.0.2.1:80"); kindOf(dialFailure(err), false) != Forbidden {
		t.Errorf("dial: %v", err)
	}
}

func TestVersionsGapsAndQuantilesAreReported(t *testing.T) {
	recorder := newRecorder(Job{Name: "orders"})
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	good := func(version string, end int) {
		recorder.add(answer{"orders", version, "i" + version}, nil, at(end-4), at(end))
	}
	good("1", 10)
	good("1", 20)
	good("2", 25)
	recorder.add(answer{}, failure("502", "x"), at(30), at(31))
	good("1", 95)
	good("2", 100)
	report := recorder.read(at(110))
	if report.LongestGap != 70*time.Millisecond || !report.GapAt.Equal(at(25)) {
		t.Errorf("gap %s from %s", report.LongestGap, report.GapAt)
	}
	if open := recorder.read(at(400)); open.LongestGap != 300*time.Millisecond {
		t.Errorf("open gap %s", open.LongestGap)
	}
	if want := (Span{3, at(10), at(95)}); report.Versions["1"] != want || !slices.Equal(report.VersionNames(), []string{"1", "2"}) {
		t.Errorf("versions %v", report.Versions)
	}
	if report.P50 < 4*time.Millisecond || report.P50 > 4300*time.Microsecond || report.P99 != report.P50 {
		t.Errorf("p50 %s, p99 %s", report.P50, report.P99)
	}
	if report.Failed() != 1 || report.Failed("502") != 0 || report.FailureText() != "1 × 502" {
		t.Errorf("failures %s", report.FailureText())
	}
}

func TestALapBeginsAnewButForAnOpenGap(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	recorder := newRecorder(Job{Name: "orders"})
	recorder.add(answer{"orders", "1", "a"}, nil, start, start)
	recorder.add(answer{}, failure("502", "x"), start, start)
	first := recorder.lap(start)
	recorder.add(answer{"orders", "2", "b"}, nil, start.Add(time.Second), start.Add(time.Second))
	second := recorder.lap(start.Add(time.Second))
	if first.Requests != 2 || first.Failed() != 1 || second.Requests != 1 || second.Failed() != 0 || second.LongestGap != time.Second {
		t.Errorf("laps:\n%s%s", first, second)
	}
	if all := Total("all", first, second); all.Requests != 3 || !slices.Equal(all.VersionNames(), []string{"1", "2"}) || all.Failed() != 1 {
		t.Errorf("all:\n%s", all)
	}
}

func TestEveryPostHasABodyOfItsOwn(t *testing.T) {
	job := Job{Name: "naive POST", Request: Post}
	first, second := newQuestion(job, 1), newQuestion(job, 2)
	if bytes.Equal(first.body, second.body) || len(first.body) < 2048 {
		t.Errorf("%d bytes, equal %v", len(first.body), bytes.Equal(first.body, second.body))
	}
}
