package docker

import (
	"testing"
	"time"
)

func TestAContainerStartedAgainIsStoppedFromTheBeginning(t *testing.T) {
	s := newStops()
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	if since := s.firstSeen("a", began); since != began {
		t.Errorf("since %s", since)
	}
	s.inRun("a", began.Add(-time.Hour), began.Add(time.Second))
	s.note("a", func(stop *stopping) { stop.asked, stop.signaled, stop.killed = true, true, true })
	s.inRun("a", began.Add(-time.Hour), began.Add(2*time.Second))
	if stop := s.of("a"); stop.since != began || !stop.signaled {
		t.Errorf("the same run: %+v", stop)
	}
	s.inRun("a", began.Add(time.Minute), began.Add(2*time.Minute))
	if stop := s.of("a"); stop.since != began.Add(2*time.Minute) || stop.signaled || stop.killed || !stop.asked {
		t.Errorf("another run: %+v", stop)
	}
	s.inRun("b", began, began)
	if stop := s.of("b"); stop.since != began || stop.asked {
		t.Errorf("never seen: %+v", stop)
	}
	s.forget("a")
	if stop := s.of("a"); stop != (stopping{}) {
		t.Errorf("forgotten: %+v", stop)
	}
}
