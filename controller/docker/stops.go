package docker

import (
	"sync"
	"time"
)

// stops is what this process knows of containers that are being stopped, by container id.
type stops struct {
	mu  sync.Mutex
	all map[string]*stopping
}

// stopping is how far one stop has come.
type stopping struct {
	// since is when this process first saw that the container is to stop: the grace counts from here.
	since time.Time
	// run is when the run of the container began that is being stopped; zero before that is known.
	run time.Time
	// asked: the engine's history was searched for an earlier process's signal, or need not be.
	asked bool
	// preStop is how far the hook has come.
	preStop  preStopState
	signaled bool
	// reminded: the end of the grace will be announced.
	reminded bool
	// killed: SIGKILL was sent.
	killed bool
}

// preStopState is how far a preStop has come.
type preStopState int8

// The states of a preStop.
const (
	preStopNotBegun preStopState = iota
	preStopRunning
	// preStopEnded: well or not; either way the signal comes next, as in Kubernetes.
	preStopEnded
)

func newStops() *stops { return &stops{all: map[string]*stopping{}} }

// firstSeen is when the container was first seen to stop: now, when this is the first time.
func (s *stops) firstSeen(id string, now time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[id] == nil {
		s.all[id] = &stopping{since: now}
	}
	return s.all[id].since
}

// inRun notes which run of the container is being stopped. One that was started again, by hand, is stopped from the
// beginning: what an earlier run got does not count.
func (s *stops) inRun(id string, run, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.all[id]
	if known == nil || (!known.run.IsZero() && !known.run.Equal(run)) {
		s.all[id] = &stopping{since: now, asked: known != nil}
	}
	s.all[id].run = run
}

// of is a copy of what is known; the zero value when nothing is.
func (s *stops) of(id string) stopping {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.all[id]; known != nil {
		return *known
	}
	return stopping{}
}

// note changes what is known of a stop that firstSeen began.
func (s *stops) note(id string, change func(*stopping)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.all[id]; known != nil {
		change(known)
	}
}

func (s *stops) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, id)
}
