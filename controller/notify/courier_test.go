package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/segue-dev/segue/controller/api"
)

// numbered is the i-th Deployment, as it is after its first rollout.
func numbered(i int) api.Status {
	return deployment(1, "Converged", recreated, func(s *api.Status) { s.Name.Name = fmt.Sprintf("s%d", i) })
}

// TestWhatFailsIsSentAgainInOrder: the same notice, with growing pauses, and nothing overtakes it.
func TestWhatFailsIsSentAgainInOrder(t *testing.T) {
	act(t, func(s *scene) {
		left := 3
		s.answer = func(w http.ResponseWriter, _ *http.Request) {
			if left--; left >= 0 {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}
		s.begin()
		s.publish(deployment(1, "Progressing", recreated), deployment(1, "Converged", recreated))
		s.pass(time.Minute)
		if got := s.events(); got != "RolloutStarted RolloutStarted RolloutStarted RolloutStarted Converged" {
			t.Errorf("got %s", got)
		}
		if got := fmt.Sprint(s.seconds()); got != "[0 1 3 7 7]" {
			t.Errorf("at %s", got)
		}
		if s.got[0].ID != s.got[3].ID || s.got[3].ID == s.got[4].ID || s.got[0].Host != "host" {
			t.Errorf("ids %+v", s.got)
		}
		want := []string{"NotDelivered: RolloutStarted of deployment/orders: it answered 500 Internal Server Error; it is tried again for 1h0m0s", "Delivers: the receiver answers again"}
		if !slices.Equal(s.notes, want) {
			t.Errorf("notes %q", s.notes)
		}
	})
}

// TestAReceiverMayAskToBeLeftAlone with Retry-After.
func TestAReceiverMayAskToBeLeftAlone(t *testing.T) {
	act(t, func(s *scene) {
		s.answer = func(w http.ResponseWriter, _ *http.Request) {
			if s.count() == 1 {
				w.Header().Set("Retry-After", "42")
				w.WriteHeader(http.StatusTooManyRequests)
			}
		}
		s.begin()
		s.publish(numbered(1))
		s.pass(time.Minute)
		if got := fmt.Sprint(s.seconds()); got != "[0 42]" {
			t.Errorf("at %s", got)
		}
	})
}

// TestAHangingReceiverHoldsUpNobody: what is published is seen at once, and all of it is told when it answers again.
func TestAHangingReceiverHoldsUpNobody(t *testing.T) {
	act(t, func(s *scene) {
		s.answer = hang
		s.begin()
		began := time.Now()
		for i := range 100 {
			s.publish(numbered(i))
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("publishing took %s", took)
		}
		s.pass(2 * time.Minute)
		if n := len(s.got); n < 3 || s.got[n-1].Name != "s0" {
			t.Errorf("%d requests, the last of %s: want some, all of the first", n, s.got[n-1].Name)
		}
		s.from(nil)
		s.pass(2 * time.Minute)
		if len(s.got) != 100 || s.got[99].Name != "s99" {
			t.Errorf("%d told after it answers again", len(s.got))
		}
	})
}

// TestADeadReceiverIsGivenUpInTheEnd after retryFor, with one event a minute for however many.
func TestADeadReceiverIsGivenUpInTheEnd(t *testing.T) {
	act(t, func(s *scene) {
		s.answer, s.target.RetryFor = status(503), 5*time.Minute
		s.begin()
		for i := range 10 {
			s.publish(numbered(i))
		}
		s.pass(30 * time.Minute)
		if waiting := len(s.courier.memory.Pending); waiting != 0 {
			t.Errorf("%d wait after half an hour", waiting)
		}
		if len(s.got) > 30 {
			t.Errorf("%d requests to a dead receiver in half an hour", len(s.got))
		}
		told := strings.Join(s.notes, "\n")
		if !strings.Contains(told, "NotificationsDropped: a notification was dropped: Converged of deployment/s0: tried for 5m0s: it answered 503") || len(s.notes) > 12 {
			t.Errorf("notes %s", told)
		}
	})
}

// TestWhatIsRefusedIsDroppedAtOnce and what comes after it is not held up.
func TestWhatIsRefusedIsDroppedAtOnce(t *testing.T) {
	act(t, func(s *scene) {
		s.answer = func(w http.ResponseWriter, _ *http.Request) {
			if s.count() < 3 {
				w.WriteHeader(http.StatusNotFound)
			}
		}
		s.begin()
		s.publish(numbered(1), numbered(2), numbered(3))
		s.pass(2 * time.Minute)
		if len(s.got) != 3 || s.at[2] > time.Second {
			t.Errorf("%d requests at %v", len(s.got), s.at)
		}
		if got := strings.Join(s.notes, "\n"); strings.Count(got, "NotificationsDropped") == 0 || !strings.Contains(got, "404 Not Found") {
			t.Errorf("notes %s", got)
		}
	})
}

// TestAFlood: ten thousand at a hanging receiver. Memory is bounded, the oldest are dropped and counted, order holds.
func TestAFlood(t *testing.T) {
	act(t, func(s *scene) {
		s.answer = hang
		s.begin()
		const flood = 10_000
		for i := range flood {
			s.publish(numbered(i))
		}
		s.pass(90 * time.Second)
		if waiting := len(s.courier.memory.Pending); waiting != queueSize {
			t.Errorf("%d wait", waiting)
		}
		s.from(nil)
		s.pass(3 * time.Minute)
		if len(s.got) != queueSize || s.got[0].Name != "s9000" || s.got[queueSize-1].Name != "s9999" {
			t.Errorf("%d told", len(s.got))
		}
		dropped := 0
		for _, note := range s.notes {
			var n int
			if _, err := fmt.Sscanf(note, "NotificationsDropped: %d notifications", &n); err == nil {
				dropped += n
			} else if strings.HasPrefix(note, "NotificationsDropped: a ") {
				dropped++
			}
		}
		if dropped != flood-queueSize || len(s.notes) > 6 {
			t.Errorf("%d dropped in %d events: %q", dropped, len(s.notes), s.notes)
		}
		if s.puts > 120 {
			t.Errorf("%d writes", s.puts)
		}
	})
}

// TestARestartTellsNothingTwiceAndLosesNothing: what waits is sent by the next life.
func TestARestartTellsNothingTwiceAndLosesNothing(t *testing.T) {
	act(t, func(s *scene) {
		s.begin()
		s.publish(deployment(1, "Progressing", recreated))
		s.pass(time.Second)
		s.from(hang)
		s.publish(deployment(1, "Converged", recreated), numbered(7))
		s.pass(100 * time.Millisecond)
		s.stop()
		s.from(nil)
		s.begin()
		s.publish(deployment(1, "Progressing", recreated), deployment(1, "Converged", recreated), numbered(7))
		s.pass(time.Minute)
		if got := s.events(); got != "Converged Converged" || s.got[1].Name != "s7" {
			t.Errorf("told %s", got)
		}
	})
}

// TestAKillTellsAgainRatherThanNotAtAll: what was not written down is seen again, and has the same ID.
func TestAKillTellsAgainRatherThanNotAtAll(t *testing.T) {
	act(t, func(s *scene) {
		s.begin()
		s.publish(deployment(1, "Progressing", recreated))
		s.pass(5 * time.Second)
		before := slices.Clone(s.kept)
		s.publish(deployment(1, "Converged", recreated))
		s.pass(time.Second)
		s.stop()
		first := s.got
		s.kept, s.got = before, nil // as if it had been killed before it wrote
		s.begin()
		s.publish(deployment(1, "Progressing", recreated), deployment(1, "Converged", recreated))
		s.pass(time.Second)
		if got := s.events(); got != "Converged" || s.got[0].ID != first[1].ID {
			t.Errorf("told %s again", got)
		}
	})
}

// TestAFullDiskStopsNoNotice: it is told, and written down when there is space again.
func TestAFullDiskStopsNoNotice(t *testing.T) {
	act(t, func(s *scene) {
		s.keepErr = errors.New("no space left on device")
		s.begin()
		s.publish(numbered(1))
		s.pass(10 * time.Second)
		if len(s.got) != 1 || s.puts > 12 {
			t.Errorf("%d told, %d writes tried", len(s.got), s.puts)
		}
		s.mu.Lock()
		s.keepErr = nil
		s.mu.Unlock()
		s.pass(3 * time.Second)
		if !strings.Contains(string(s.kept), `"Deployment/default/s1"`) {
			t.Errorf("kept %s", s.kept)
		}
	})
}

// TestFlushWaitsForWhatWaits as run --once does at its end.
func TestFlushWaitsForWhatWaits(t *testing.T) {
	act(t, func(s *scene) {
		s.answer = func(http.ResponseWriter, *http.Request) { <-time.After(3 * time.Second) }
		s.begin()
		s.publish(numbered(1), numbered(2))
		synctest.Wait()
		if err := s.courier.Flush(s.t.Context()); err != nil || len(s.got) != 2 || time.Since(s.began) != 6*time.Second {
			t.Errorf("%v, %d told after %s", err, len(s.got), time.Since(s.began))
		}
		s.from(hang)
		s.publish(numbered(3))
		synctest.Wait()
		short, cancel := context.WithTimeout(s.t.Context(), time.Second)
		defer cancel()
		if err := s.courier.Flush(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("flushed a hanging receiver: %v", err)
		}
	})
}
