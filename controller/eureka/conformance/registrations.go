package conformance

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"strings"

	"github.com/segue-dev/segue/reconcile"
)

const (
	up      = reconcile.LeaseUp
	down    = reconcile.LeaseDown
	out     = reconcile.LeaseOutOfService
	unknown = reconcile.LeaseUnknown
)

func lowerCaseApp(s *server) {
	entry := s.entry(s.a, "UP", 1000)
	entry["app"] = strings.ToLower(s.app)
	if got := s.post(strings.ToLower(s.app), entry); got.code != 204 {
		s.t.Fatalf("answered %d", got.code)
	}
	var answer struct {
		Application struct{ Name string } `json:"application"`
	}
	s.decode(s.wants(200, "GET", "/apps/"+s.app, ""), &answer)
	if answer.Application.Name != s.app {
		s.t.Errorf("the application is called %q", answer.Application.Name)
	}
}

func incompleteRegistration(s *server) {
	for what, change := range map[string]func(map[string]any){
		"another app":      func(e map[string]any) { e["app"] = "OTHER" },
		"no hostName":      func(e map[string]any) { delete(e, "hostName") },
		"no dataCenter":    func(e map[string]any) { delete(e, "dataCenterInfo") },
		"no @class within": func(e map[string]any) { e["dataCenterInfo"] = map[string]any{"name": "MyOwn"} },
	} {
		entry := s.entry(s.a, "UP", 1000)
		change(entry)
		if got := s.post(s.app, entry); got.code != 400 {
			s.t.Errorf("%s: answered %d, want 400", what, got.code)
		}
	}
}

func notJSON(s *server) { s.wants(400, "POST", "/apps/"+s.app, "{instance:") }

func formats(s *server) {
	s.has(s.a, "UP", 1000)
	for _, accept := range []string{"", "*/*", "application/xml"} {
		for _, path := range []string{"/apps", s.path(s.a)} {
			if got := s.wants(200, "GET", path, "", "Accept", accept); !isXML(got) {
				s.t.Errorf("GET %s with Accept %q is not XML", path, accept)
			}
		}
	}
	if got := s.wants(200, "GET", "/apps", ""); !json.Valid(got.body) {
		s.t.Error("GET /apps with Accept application/json is not JSON")
	}
}

func emptyRegistry(s *server) {
	var answer struct {
		Applications struct {
			Version     any   `json:"versions__delta"`
			Hash        any   `json:"apps__hashcode"`
			Application []any `json:"application"`
		} `json:"applications"`
	}
	s.decode(s.wants(200, "GET", "/apps", ""), &answer)
	got := answer.Applications
	if got.Version != "1" || got.Hash != "" || got.Application == nil || len(got.Application) != 0 {
		s.t.Errorf("an empty registry is %+v", got)
	}
}

func listOfOne(s *server) {
	s.has(s.a, "UP", 1000)
	var answer struct {
		Application struct {
			Instance json.RawMessage `json:"instance"`
		} `json:"application"`
	}
	s.decode(s.wants(200, "GET", "/apps/"+s.app, ""), &answer)
	if !bytes.HasPrefix(answer.Application.Instance, []byte("[")) {
		s.t.Error("one instance is no list")
	}
}

func unknownReads(s *server) {
	s.wants(404, "GET", "/apps/"+s.app, "")
	s.wants(404, "GET", s.path("nobody"), "")
	s.wants(404, "GET", "/instances/"+strings.ToLower(s.app), "")
}

func olderRegistration(s *server) {
	s.has(s.a, "UP", 2000)
	older := s.entry(s.a, "DOWN", 1000)
	older["hostName"] = "10.9.9.9"
	if got := s.post(s.app, older); got.code != 204 {
		s.t.Fatalf("answered %d", got.code)
	}
	if got := s.live(s.a); got.HostName != "10.0.0.5" || got.LastDirty != 2000 {
		s.t.Errorf("the older one won: %+v", got)
	}
}

func zipped(s *server) {
	s.has(s.a, "UP", 1000)
	s.within(s.turned(), "in the cached view", func() bool { return s.cachedStatus("/apps") == up })
	got := s.wants(200, "GET", "/apps", "", "Accept-Encoding", "gzip")
	if got.header.Get("Content-Encoding") != "gzip" {
		s.t.Fatal("not zipped")
	}
	reader, err := gzip.NewReader(bytes.NewReader(got.body))
	if err != nil {
		s.t.Fatal(err)
	}
	plain, err := io.ReadAll(reader)
	if err != nil || !strings.Contains(string(plain), s.app) {
		s.t.Errorf("the zipped body is another one (%v)", err)
	}
}

func oddIDs(s *server) {
	const id = "10.0.0.5:orders svc:8080"
	s.has(id, "UP", 1000)
	raw := "/apps/" + s.app + "/10.0.0.5:orders%20svc:8080"
	s.wants(200, "PUT", raw, "")
	s.wants(200, "GET", "/instances/10.0.0.5:orders%20svc:8080", "")
	if got := s.live(id); got.ID != id {
		s.t.Errorf("the id became %q", got.ID)
	}
	s.wants(200, "DELETE", raw, "")
}

func metadata(s *server) {
	s.has(s.a, "UP", 1000)
	s.wants(200, "PUT", s.path(s.a)+"/metadata?segue.note=x", "")
	if got := s.live(s.a).Metadata; got["segue.note"] != "x" || got["zone"] != "z1" {
		s.t.Errorf("the metadata is %v", got)
	}
	s.has(s.a, "UP", 2000)
	if got := s.live(s.a).Metadata; got["segue.note"] != "" || got["zone"] != "z1" {
		s.t.Errorf("after the app's own registration the metadata is %v", got)
	}
	s.wants(404, "PUT", s.path("nobody")+"/metadata?k=v", "")
}

func spellings(s *server) {
	entry := s.entry(s.a, "UP", 1000)
	entry["port"] = map[string]any{"$": "8081", "@enabled": true}
	entry["lastDirtyTimestamp"] = 1000
	delete(entry, "overriddenstatus")
	entry["overriddenStatus"] = "UNKNOWN"
	if got := s.post(s.app, entry); got.code != 204 {
		s.t.Fatalf("answered %d", got.code)
	}
	if got := s.live(s.a); got.Port.Number != 8081 || !got.Port.Enabled || got.LastDirty != 1000 || got.Overridden != unknown {
		s.t.Errorf("read back as %+v", got)
	}
}

func javaPaths(s *server) {
	s.has(s.a, "UP", 1000)
	s.within(s.turned(), "in the cached view", func() bool { return s.cachedStatus("/apps/") == up })
	s.within(s.turned(), "in the delta", func() bool { return s.cachedStatus("/apps/delta") == up })
	s.within(s.turned(), "under its VIP", func() bool { return s.cachedStatus("/vips/"+strings.ToLower(s.app)) == up })
	if got := s.applications("/vips/" + strings.ToLower(s.app) + "-nobody"); len(got) != 0 {
		s.t.Errorf("an unknown VIP has %d applications", len(got))
	}
	var answer struct {
		Applications struct {
			Version any `json:"versions__delta"`
		} `json:"applications"`
	}
	s.decode(s.wants(200, "GET", "/vips/"+strings.ToLower(s.app), ""), &answer)
	if got := answer.Applications.Version; got != "-1" {
		s.t.Errorf("a VIP's list has version %v", got)
	}
}
