package conformance

import (
	"time"

	"github.com/segue-dev/segue/reconcile"
)

// short registers an entry whose lease lasts a second.
func (s *server) short(id string) {
	s.t.Helper()
	entry := s.entry(id, "UP", 1000)
	entry["leaseInfo"] = map[string]any{"renewalIntervalInSecs": 1, "durationInSecs": 1}
	if got := s.post(s.app, entry); got.code != 204 {
		s.t.Fatalf("register: answered %d", got.code)
	}
}

func leaseDurations(s *server) {
	begun := time.Now()
	s.short(s.a)
	s.short(s.b)
	s.wants(200, "PUT", s.path(s.b), "")
	s.pass(time.Until(begun.Add(1300 * time.Millisecond)))
	s.wants(404, "GET", s.path(s.a), "")
	if got := s.ask("GET", s.path(s.b), ""); got.code != 200 && time.Since(begun) < 2*time.Second {
		s.t.Errorf("the renewed lease is answered with %d after %v", got.code, time.Since(begun))
	}
	s.within(2*time.Second, "expired after twice its duration", func() bool { return s.ask("GET", s.path(s.b), "").code == 404 })
	if lived := time.Since(begun); lived < 2*time.Second {
		s.t.Errorf("the renewed lease lived %v", lived)
	}
}

func selfPreservation(s *server) {
	s.base = s.options.Preserving
	s.short(s.a)
	s.pass(1500 * time.Millisecond)
	s.wants(200, "GET", s.path(s.a), "")
	if got := s.cachedStatus("/apps"); got != reconcile.LeaseUp && got != reconcile.LeaseNone {
		s.t.Errorf("the dead instance is shown as %s", got)
	}
}

// cacheTurns may meet a turn of the cache between two requests: it sees a stale view in one of ten tries, or fails.
func cacheTurns(s *server) {
	s.has(s.a, "UP", 1000)
	s.within(s.turned(), "in the cached view", func() bool { return s.cachedStatus("/apps") == up })
	stale := false
	for range 10 {
		s.overrideOut(s.a)
		stale = stale || s.cachedStatus("/apps") == up
		s.within(s.turned(), "out of the cached view", func() bool { return s.cachedStatus("/apps") == out })
		if stale {
			return
		}
		s.wants(200, "DELETE", s.path(s.a)+"/status?value=UP", "")
		s.within(s.turned(), "back in the cached view", func() bool { return s.cachedStatus("/apps") == up })
	}
	s.t.Error("the cached view was never behind the live one")
}

func cachedNotFound(s *server) {
	s.wants(404, "GET", "/apps/"+s.app, "")
	s.has(s.a, "UP", 1000)
	s.wants(200, "GET", s.path(s.a), "")
	s.within(s.turned(), "in the application's cached view", func() bool { return s.ask("GET", "/apps/"+s.app, "").code == 200 })
}

func twoServers(s *server) {
	peer := &server{t: s.t, base: s.options.Peer, options: s.options, app: s.app, a: s.a, b: s.b}
	s.t.Cleanup(peer.tidy)
	s.has(s.a, "UP", 1000)
	if s.options.Converge != nil {
		peer.has(s.a, "UP", 1000)
	} else {
		s.within(2*time.Second, "registered with the peer", func() bool { return peer.ask("GET", peer.path(s.a), "").code == 200 })
	}
	s.overrideOut(s.a)
	if s.options.Converge != nil {
		if err := s.options.Converge(s.t.Context(), s.app, s.a); err != nil {
			s.t.Fatal(err)
		}
	}
	s.within(2*time.Second, "the same on the peer", func() bool { return peer.live(s.a).Status == out })
}

func restartedEmpty(s *server) {
	s.has(s.a, "UP", 1000)
	s.options.Restart()
	s.wants(404, "PUT", s.path(s.a)+"?lastDirtyTimestamp=1000", "")
	s.has(s.a, "UP", 1000)
	s.wants(200, "PUT", s.path(s.a)+"?lastDirtyTimestamp=1000", "")
	s.shows(s.a, up, unknown)
}
