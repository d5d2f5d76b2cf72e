package main

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"log"
	"net/http"
	"os"
	"path"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Service answers.
type Service struct {
	identity Identity
	faults   atomic.Pointer[Faults]
	started  time.Time
	tally    tally
	sockets  sockets
	dying    sync.Once
	stopped  chan struct{}
	// ready: readiness was answered with 200 once.
	ready atomic.Bool
}

// NewService starts nothing.
func NewService(identity Identity, faults Faults) *Service {
	service := &Service{identity: identity, started: time.Now(), stopped: make(chan struct{})}
	service.tally.stats.Identity = identity
	service.faults.Store(&faults)
	return service
}

// Stopped is closed when no request is answered any more.
func (s *Service) Stopped() <-chan struct{} { return s.stopped }

func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Service", s.identity.Service)
	w.Header().Set("X-Version", s.identity.Version)
	w.Header().Set("X-Instance", s.identity.Instance)
	faults := s.faults.Load()
	switch path.Base(r.URL.Path) {
	case "health", "readiness":
		s.readiness(w, r, faults)
		return
	case "liveness":
		answerHealth(w, !faults.FailAlive, "")
		return
	case "control":
		s.control(w, r)
		return
	case "stats":
		answer(w, http.StatusOK, s.tally.read())
		return
	}
	s.tally.begin(faults.Dark || !s.ready.Load())
	defer s.tally.end()
	if faults.FailRequests {
		answer(w, http.StatusInternalServerError, s.identity)
		return
	}
	switch path.Base(r.URL.Path) {
	case "slow":
		if wait(r.Context(), milliseconds(r, "ms", 2000)) {
			answer(w, http.StatusOK, s.identity)
		}
	case "echo":
		echo(w, r)
	case "stream":
		s.stream(w, r)
	case "socket":
		s.sockets.serve(w, r, s.identity)
	default:
		answer(w, http.StatusOK, s.identity)
	}
}

// readiness is 503 with the reason, or 200.
func (s *Service) readiness(w http.ResponseWriter, r *http.Request, faults *Faults) {
	switch {
	case faults.FailReady:
		answerHealth(w, false, "FAIL_READY")
	case time.Since(s.started) < time.Duration(faults.StartDelay+faults.ReadyDelay):
		answerHealth(w, false, "starting")
	case faults.WrongBody:
		answer(w, http.StatusOK, map[string]string{"status": "DOWN"})
	case faults.Dependency != "" && !reachable(r.Context(), faults.Dependency):
		answerHealth(w, false, "dependency")
	default:
		s.ready.Store(true)
		answerHealth(w, true, "")
		if faults.DieAfterReady > 0 {
			s.dying.Do(func() { time.AfterFunc(time.Duration(faults.DieAfterReady), func() { crash("DIE_AFTER_READY") }) })
		}
	}
}

func reachable(ctx context.Context, url string) bool {
	ctx, done := context.WithTimeout(ctx, 500*time.Millisecond)
	defer done()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close() // nothing was read
	return response.StatusCode/100 == 2
}

func (s *Service) control(w http.ResponseWriter, r *http.Request) {
	faults := *s.faults.Load()
	if err := json.NewDecoder(r.Body).Decode(&faults); err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	s.faults.Store(&faults)
	log.Printf("told to be %+v", faults)
	answer(w, http.StatusOK, faults)
}

// echo reads the whole body before it answers, as most services do.
func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client is gone
	}
	w.Header().Set("X-Body-Sum", fmt.Sprintf("%08x", crc32.ChecksumIEEE(body)))
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // the client may be gone
}

func (s *Service) stream(w http.ResponseWriter, r *http.Request) {
	chunks, err := strconv.Atoi(r.URL.Query().Get("chunks"))
	if err != nil {
		chunks = 10
	}
	flusher := http.NewResponseController(w)
	for i := range chunks {
		if _, err := fmt.Fprintf(w, "%d %s %s\n", i, s.identity.Service, s.identity.Version); err != nil {
			return
		}
		if flusher.Flush() != nil || !wait(r.Context(), milliseconds(r, "ms", 100)) {
			return
		}
	}
	_, _ = io.WriteString(w, "end\n") // the client may be gone
}

// crashInTime ends the process after Faults.CrashAfter.
func (s *Service) crashInTime(ctx context.Context) {
	after := time.Duration(s.faults.Load().CrashAfter)
	if after > 0 && wait(ctx, after) {
		crash("CRASH_AFTER")
	}
}

func crash(why string) {
	log.Printf("panic: %s: the pool is empty", why)
	os.Exit(1)
}

func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func milliseconds(r *http.Request, name string, otherwise int) time.Duration {
	value, err := strconv.Atoi(r.URL.Query().Get(name))
	if err != nil {
		value = otherwise
	}
	return time.Duration(value) * time.Millisecond
}

func answerHealth(w http.ResponseWriter, up bool, reason string) {
	if up {
		answer(w, http.StatusOK, map[string]string{"status": "UP"})
		return
	}
	answer(w, http.StatusServiceUnavailable, map[string]string{"status": "DOWN", "reason": reason})
}

func answer(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text) // the client may be gone
}
