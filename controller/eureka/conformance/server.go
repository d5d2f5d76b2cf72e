package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller/eureka"
	"github.com/segue-dev/segue/reconcile"
)

// server is the one under test, as one case sees it: with an application of its own.
type server struct {
	t       *testing.T
	base    string
	options Options
	app     string
	// a and b are ids of the case's own: a server keeps overrides by id alone, whatever the application.
	a, b string
	// left are the leases to be deleted behind the case.
	left []string
}

// reply is an answer, read whole.
type reply struct {
	code   int
	header http.Header
	body   []byte
}

const asJSON = "application/json"

// ask sends one request; headers are pairs.
func (s *server) ask(method, path, body string, headers ...string) reply {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.t.Context()), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, s.base+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Accept", asJSON)
	if body != "" {
		request.Header.Set("Content-Type", asJSON)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	transport := &http.Transport{DisableCompression: true, DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return reply{response.StatusCode, response.Header, data}
}

// wants asks and compares the code.
func (s *server) wants(code int, method, path, body string, headers ...string) reply {
	s.t.Helper()
	got := s.ask(method, path, body, headers...)
	if got.code != code {
		s.t.Fatalf("%s %s: answered %d, want %d", method, path, got.code, code)
	}
	return got
}

// entry is a registration that any server takes, to be changed before it is sent.
func (s *server) entry(id string, status string, dirty int64) map[string]any {
	return map[string]any{
		"instanceId": id, "hostName": "10.0.0.5", "app": s.app, "ipAddr": "10.0.0.5", "status": status, "overriddenstatus": "UNKNOWN",
		"port":               map[string]any{"$": 8080, "@enabled": "true"},
		"securePort":         map[string]any{"$": 443, "@enabled": "false"},
		"countryId":          1,
		"dataCenterInfo":     map[string]any{"@class": eureka.MyOwnDataCenter, "name": "MyOwn"},
		"leaseInfo":          map[string]any{"renewalIntervalInSecs": 30, "durationInSecs": 90},
		"metadata":           map[string]any{"zone": "z1"},
		"vipAddress":         strings.ToLower(s.app),
		"secureVipAddress":   strings.ToLower(s.app),
		"lastDirtyTimestamp": fmt.Sprint(dirty), "lastUpdatedTimestamp": fmt.Sprint(dirty),
	}
}

func (s *server) post(app string, entry map[string]any, headers ...string) reply {
	s.t.Helper()
	data, err := json.Marshal(map[string]any{"instance": entry})
	if err != nil {
		s.t.Fatal(err)
	}
	if id, named := entry["instanceId"].(string); named {
		s.left = append(s.left, leasePath(app, id))
	}
	return s.ask("POST", "/apps/"+app, string(data), headers...)
}

// has registers an entry and expects that to succeed.
func (s *server) has(id string, status string, dirty int64) {
	s.t.Helper()
	if got := s.post(s.app, s.entry(id, status, dirty)); got.code != 204 {
		s.t.Fatalf("register %s: answered %d: %s", id, got.code, got.body)
	}
}

func leasePath(app, id string) string { return "/apps/" + app + "/" + url.PathEscape(id) }

func (s *server) path(id string) string { return leasePath(s.app, id) }

// live reads an entry; it must be there.
func (s *server) live(id string) eureka.Instance {
	s.t.Helper()
	var answer struct {
		Instance eureka.Instance `json:"instance"`
	}
	s.decode(s.wants(200, "GET", s.path(id), ""), &answer)
	return answer.Instance
}

// shows compares an entry's status and override.
func (s *server) shows(id string, status, override reconcile.LeaseStatus) {
	s.t.Helper()
	if got := s.live(id); got.Status != status || got.Overridden != override {
		s.t.Fatalf("%s is %s with override %s, want %s with %s", id, got.Status, got.Overridden, status, override)
	}
}

// cachedStatus is the status of a, as consumers see it; "" when it is not there.
func (s *server) cachedStatus(path string) reconcile.LeaseStatus {
	s.t.Helper()
	for _, app := range s.applications(path) {
		if app.Name == s.app {
			for _, instance := range app.Instances {
				if instance.ID == s.a {
					return instance.Status
				}
			}
		}
	}
	return reconcile.LeaseNone
}

func (s *server) applications(path string) []eureka.Application {
	s.t.Helper()
	var answer struct {
		Applications eureka.Applications `json:"applications"`
	}
	s.decode(s.wants(200, "GET", path, ""), &answer)
	return answer.Applications.Apps
}

func (s *server) decode(r reply, into any) {
	s.t.Helper()
	if err := json.Unmarshal(r.body, into); err != nil {
		s.t.Fatalf("decode %q: %v", r.body[:min(len(r.body), 300)], err)
	}
}

// turned is how long the cached view may stay behind, and how long a test waits for it.
func (s *server) turned() time.Duration { return s.options.ResponseCache + 3*time.Second }

// within asks until the answer is yes.
func (s *server) within(limit time.Duration, what string, yes func() bool) {
	s.t.Helper()
	tick := time.NewTicker(max(20*time.Millisecond, limit/200))
	defer tick.Stop()
	end := time.After(limit)
	for !yes() {
		select {
		case <-tick.C:
		case <-end:
			s.t.Fatalf("after %v: not %s", limit, what)
		}
	}
}

// pass lets time pass.
func (s *server) pass(d time.Duration) { <-time.After(d) }

func (s *server) tidy() {
	for _, path := range s.left {
		s.ask("DELETE", path, "")
	}
}

func isXML(r reply) bool { return bytes.HasPrefix(bytes.TrimSpace(r.body), []byte("<")) }
