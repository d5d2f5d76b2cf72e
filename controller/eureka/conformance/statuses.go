package conformance

import (
	"fmt"
	"net/http"
)

func (s *server) overrideOut(id string) {
	s.t.Helper()
	s.wants(200, "PUT", s.path(id)+"/status?value=OUT_OF_SERVICE", "")
	s.shows(id, out, out)
}

func unknownHeartbeat(s *server) {
	got := s.wants(404, "PUT", s.path("nobody"), "")
	if s.options.EmptyNotFound && len(got.body) != 0 {
		s.t.Errorf("the 404 has a body: %q", got.body)
	}
}

func heartbeatTimestamps(s *server) {
	s.has(s.a, "UP", 2000)
	for query, code := range map[string]int{
		"?lastDirtyTimestamp=2000": 200, "?lastDirtyTimestamp=1000": 200, "?lastDirtyTimestamp=3000": 404, "": 200,
		"?status=DOWN&lastDirtyTimestamp=2000": 200,
	} {
		s.wants(code, "PUT", s.path(s.a)+query, "")
	}
	s.shows(s.a, up, unknown)
}

func overrideStays(s *server) {
	s.has(s.a, "UP", 1000)
	s.overrideOut(s.a)
	s.wants(200, "PUT", s.path(s.a)+"?lastDirtyTimestamp=1000", "")
	s.shows(s.a, out, out)
	s.has(s.a, "UP", 2000)
	s.shows(s.a, out, out)
	s.within(s.turned(), "in the delta", func() bool { return s.cachedStatus("/apps/delta") == out })
}

func overrideWithTheSame(s *server) {
	s.has(s.a, "UP", 1000)
	s.wants(200, "PUT", s.path(s.a)+"/status?value=UP", "")
	s.shows(s.a, up, unknown)
}

func badOverride(s *server) {
	s.has(s.a, "UP", 1000)
	s.wants(500, "PUT", s.path(s.a)+"/status?value=up", "")
	s.wants(500, "PUT", s.path(s.a)+"/status", "")
	s.wants(404, "PUT", s.path("nobody")+"/status?value=UP", "")
	s.wants(404, "DELETE", s.path("nobody")+"/status", "")
	s.wants(405, "GET", s.path(s.a)+"/status", "")
	s.shows(s.a, up, unknown)
}

func overrideTakenAway(s *server) {
	s.has(s.a, "UP", 1000)
	s.overrideOut(s.a)
	s.wants(200, "DELETE", s.path(s.a)+"/status", "")
	s.shows(s.a, unknown, unknown)
	s.wants(404, "PUT", s.path(s.a)+"?lastDirtyTimestamp=1000", "")
	s.has(s.a, "UP", 1000)
	s.shows(s.a, up, unknown)
}

func overrideTakenAwayWithStatus(s *server) {
	s.has(s.a, "UP", 1000)
	s.overrideOut(s.a)
	s.wants(200, "DELETE", s.path(s.a)+"/status?value=UP", "")
	s.shows(s.a, up, unknown)
	s.wants(200, "PUT", s.path(s.a)+"?lastDirtyTimestamp=1000", "")
	s.shows(s.a, up, unknown)
}

func noOverrideTakenAway(s *server) {
	s.has(s.a, "UP", 1000)
	s.wants(200, "DELETE", s.path(s.a)+"/status", "")
	s.wants(200, "DELETE", s.path(s.a)+"/status?value=DOWN", "")
	s.shows(s.a, up, unknown)
}

func entryKeepsStatus(s *server) {
	s.has(s.a, "UP", 1000)
	s.has(s.a, "OUT_OF_SERVICE", 2000)
	s.shows(s.a, up, unknown)
	s.has(s.b, "OUT_OF_SERVICE", 1000)
	s.has(s.b, "UP", 2000)
	s.shows(s.b, out, unknown)
	s.has(s.a, "DOWN", 3000)
	s.shows(s.a, down, unknown)
}

func startingShowsThrough(s *server) {
	s.has(s.a, "UP", 1000)
	s.overrideOut(s.a)
	s.has(s.a, "STARTING", 2000)
	s.shows(s.a, "STARTING", out)
	s.has(s.a, "UP", 3000)
	s.shows(s.a, out, out)
}

func deleteDropsOverride(s *server) {
	s.has(s.a, "UP", 1000)
	s.overrideOut(s.a)
	s.wants(200, "DELETE", s.path(s.a), "")
	s.wants(404, "PUT", s.path(s.a)+"?lastDirtyTimestamp=1000", "")
	s.has(s.a, "UP", 1000)
	s.shows(s.a, up, unknown)
}

func deleteTwice(s *server) {
	s.has(s.a, "UP", 1000)
	s.wants(200, "DELETE", s.path(s.a), "")
	s.wants(404, "DELETE", s.path(s.a), "")
	s.wants(404, "GET", s.path(s.a), "")
	s.within(s.turned(), "told in the delta", func() bool {
		for _, app := range s.applications("/apps/delta") {
			for _, instance := range app.Instances {
				if app.Name == s.app && instance.Action == "DELETED" {
					return true
				}
			}
		}
		return false
	})
	s.within(s.turned(), "gone from the cached view", func() bool {
		for _, app := range s.applications("/apps") {
			if app.Name == s.app {
				return false
			}
		}
		return s.ask("GET", "/apps/"+s.app, "").code == http.StatusNotFound
	})
}

// oneIDInTwoApps only tells: Netflix' server (2.0.6 and before) shares the override, segue's own does not, and nothing
// may rely on either.
func oneIDInTwoApps(s *server) {
	other := &server{t: s.t, base: s.base, options: s.options, app: s.app + "-OTHER"}
	s.t.Cleanup(other.tidy)
	id := fmt.Sprintf("shared-%s", s.app)
	s.has(id, "UP", 1000)
	other.has(id, "UP", 1000)
	s.overrideOut(id)
	s.wants(200, "PUT", other.path(id)+"?lastDirtyTimestamp=1000", "")
	s.t.Logf("the other application's instance is %s", other.live(id).Status)
}

func seededOverride(s *server) {
	seed := s.entry(s.a, "OUT_OF_SERVICE", 1)
	seed["overriddenstatus"] = "OUT_OF_SERVICE"
	if got := s.post(s.app, seed); got.code != 204 {
		s.t.Fatalf("seed: answered %d", got.code)
	}
	s.shows(s.a, out, out)
	s.wants(200, "PUT", s.path(s.a), "")
	s.has(s.a, "STARTING", 1000)
	s.shows(s.a, "STARTING", out)
	s.has(s.a, "UP", 2000)
	s.shows(s.a, out, out)
	s.wants(200, "DELETE", s.path(s.a)+"/status?value=UP", "")
	s.shows(s.a, up, unknown)
}

func replication(s *server) {
	const header = "x-netflix-discovery-replication"
	entry := s.entry(s.a, "UP", 2000)
	if got := s.post(s.app, entry, header, "true"); got.code != 204 {
		s.t.Fatalf("register: answered %d", got.code)
	}
	s.wants(200, "PUT", s.path(s.a)+"?lastDirtyTimestamp=2000", "", header, "true")
	s.wants(404, "PUT", s.path(s.a)+"?lastDirtyTimestamp=3000", "", header, "true")
	conflict := s.wants(409, "PUT", s.path(s.a)+"?lastDirtyTimestamp=1000", "", header, "true")
	var answer struct {
		Instance struct {
			ID string `json:"instanceId"`
		} `json:"instance"`
	}
	s.decode(conflict, &answer)
	if answer.Instance.ID != s.a {
		s.t.Errorf("the conflict holds %q", conflict.body)
	}
	s.wants(200, "PUT", s.path(s.a)+"/status?value=OUT_OF_SERVICE", "", header, "true")
	s.shows(s.a, out, out)
}
