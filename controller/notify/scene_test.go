package notify

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr/funcr"

	"github.com/segue-dev/segue/controller/api"
)

// scene is a receiver on a network in memory, a courier to it, and what a controller publishes.
type scene struct {
	t       *testing.T
	answer  http.HandlerFunc
	target  Target
	keepErr error

	mu       sync.Mutex
	got      []Notice
	at       []time.Duration
	kept     []byte
	puts     int
	notes    []string
	log      strings.Builder
	watchers []chan api.Status
	began    time.Time

	courier *Courier
	stop    func()
	wire    chan net.Conn
}

// act plays a story in a bubble whose time moves only when everything waits.
func act(t *testing.T, story func(*scene)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &scene{t: t, target: Target{Name: "chat", On: Events, URL: "http://receiver/hook"}, wire: make(chan net.Conn), began: time.Now()}
		server := &http.Server{Handler: http.HandlerFunc(s.receive)}
		var serving sync.WaitGroup
		serving.Go(func() { _ = server.Serve(s) })
		story(s)
		if s.stop != nil {
			s.stop()
		}
		_ = server.Close()
		serving.Wait()
	})
}

// scene is the server's listener: Accept, Close and Addr.
func (s *scene) Accept() (net.Conn, error) {
	connection, open := <-s.wire
	if !open {
		return nil, net.ErrClosed
	}
	return connection, nil
}

func (s *scene) Close() error { close(s.wire); return nil }

func (s *scene) Addr() net.Addr { return &net.TCPAddr{} }

func (s *scene) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case s.wire <- there:
		return here, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *scene) receive(w http.ResponseWriter, r *http.Request) {
	var n Notice
	text, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(text, &n)
	}
	if err != nil {
		s.t.Errorf("received %s: %v", text, err)
	}
	s.mu.Lock()
	s.got, s.at = append(s.got, n), append(s.at, time.Since(s.began))
	answer := s.answer
	s.mu.Unlock()
	if answer != nil {
		answer(w, r)
	}
}

// from now on the receiver answers like this, and what it got is counted anew.
func (s *scene) from(answer http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer, s.got = answer, nil
}

// count is how many requests came.
func (s *scene) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.got)
}

// begin starts a courier with what the one before has kept.
func (s *scene) begin() {
	s.t.Helper()
	s.mu.Lock()
	remembered := s.kept
	s.mu.Unlock()
	var err error
	s.courier, err = NewCourier(s.target, Options{
		Watcher: s, Remembered: remembered, Host: "host", Agent: "segue",
		Keep: func(value []byte) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.puts++
			if s.keepErr == nil {
				s.kept = slices.Clone(value)
			}
			return s.keepErr
		},
		Note: func(_ bool, reason, message string) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.notes = append(s.notes, reason+": "+message)
		},
		Log: funcr.New(func(_, args string) { s.log.WriteString(args + "\n") }, funcr.Options{Verbosity: 1}),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.courier.poster.dial = s.dial
	ctx, cancel := context.WithCancel(s.t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		if err := s.courier.Run(ctx); !errors.Is(err, context.Canceled) {
			s.t.Errorf("ran into %v", err)
		}
	})
	s.stop = func() { cancel(); group.Wait() }
	synctest.Wait()
}

// Watch gives what publish is given.
func (s *scene) Watch(ctx context.Context, query api.Query, each func(api.Status) error) error {
	if query.Kind != "" {
		<-ctx.Done()
		return ctx.Err()
	}
	statuses := make(chan api.Status)
	s.mu.Lock()
	s.watchers = append(s.watchers, statuses)
	s.mu.Unlock()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case status := <-statuses:
			if err := each(status); err != nil {
				return err
			}
		}
	}
}

// publish returns when the courier has seen the status: how long that takes is how long a rollout would wait.
func (s *scene) publish(statuses ...api.Status) {
	s.mu.Lock()
	watcher := s.watchers[len(s.watchers)-1]
	s.mu.Unlock()
	for _, status := range statuses {
		watcher <- status
	}
}

// pass lets time go by.
func (s *scene) pass(d time.Duration) { <-time.After(d); synctest.Wait() }

func (s *scene) events() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var words []string
	for _, n := range s.got {
		words = append(words, string(n.Event))
	}
	return strings.Join(words, " ")
}

func (s *scene) seconds() []float64 {
	var all []float64
	for _, at := range s.at {
		all = append(all, at.Seconds())
	}
	return all
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// hang never answers.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
