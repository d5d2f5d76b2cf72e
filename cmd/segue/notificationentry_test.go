package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/notify"
	"github.com/segue-dev/segue/spec"
)

// received is one request that a receiver got.
type received struct {
	path, body string
	header     http.Header
}

// published gives statuses to whoever watches.
type published []api.Status

func (p published) Watch(ctx context.Context, query api.Query, each func(api.Status) error) error {
	for _, status := range p {
		if query.Selects(status.Kind, status.Name) {
			if err := each(status); err != nil {
				return err
			}
		}
	}
	<-ctx.Done()
	return ctx.Err()
}

// TestNotificationExamples sends what each example of packaging/ makes of a commit that fails and of its rollout, to a
// server in the receiver's place.
func TestNotificationExamples(t *testing.T) {
	var mu sync.Mutex
	got := map[string][]received{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		name, path, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
		got[name] = append(got[name], received{path: path, body: string(body), header: r.Header})
		w.WriteHeader(http.StatusCreated)
	}))
	defer server.Close()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"slack-url": server.URL + "/slack/T0/B0/hush", "github-token": "github-hush", "gitlab-token": "gitlab-hush", "audit-secret": "audit-hush",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	example, err := os.ReadFile("../../packaging/notifications.yaml")
	if err != nil {
		t.Fatal(err)
	}
	here := strings.NewReplacer("/etc/segue/", dir+"/", "https://api.github.com", server.URL+"/github", "https://gitlab.example.com", server.URL+"/gitlab",
		"https://audit.example.com", server.URL+"/audit", "    caFile: /etc/segue/audit-ca.pem\n", "").Replace(string(example))
	path := filepath.Join(dir, "sources.yaml")
	if err := os.WriteFile(path, []byte(here), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := readSources(path)
	if err != nil {
		t.Fatal(err)
	}
	commit := &api.Commit{Hash: "8f3c2ab41d0e8f3c2ab41d0e8f3c2ab41d0e0000", Author: "Ann", Message: "Release \"two\""}
	later := time.Now().Add(time.Hour) // than the receivers
	seen := published{
		{Kind: spec.KindDeployment, Name: spec.ParseName("orders"), Owner: "git:shop", Generation: 2, CreatedAt: later, By: "Ann", Commit: commit.Hash, Deployment: &api.DeploymentStatus{
			ObservedGeneration: 2, Phase: "RolledBack", Reason: "three exits:\n\"no \\ database\"", Hash: "h2", Image: "orders:2", Rejected: &api.Rejected{Hash: "h2"},
		}},
		{Kind: api.KindSource, Name: spec.Name{Name: "git:shop"}, Owner: "git:shop", Source: &api.SourceStatus{
			Applied: commit, AppliedAt: later, Conditions: []api.Condition{{Type: api.ConditionReady, Reason: api.ReasonFailed, Message: "1 of 2 failed: " + strings.Repeat("long ", 100)}},
		}},
	}
	deliver(t, file.Notifications, seen)
	want := map[string]struct{ path, body, header, value string }{
		"slack":  {"T0/B0/hush", `"text": "deployment/orders: RolledBack"`, "Content-Type", "application/json"},
		"github": {"repos/OWNER/REPOSITORY/statuses/" + commit.Hash, `"state": "failure"`, "Authorization", "Bearer github-hush"},
		"gitlab": {"api/v4/projects/team%2Fdeploy/statuses/" + commit.Hash, `"state": "failed"`, "Private-Token", "gitlab-hush"},
		"audit":  {"segue", `"reason":"three exits:\n\"no \\ database\""`, "X-Segue-Signature-256", ""},
	}
	for name, one := range want {
		if len(got[name]) != 1 {
			t.Errorf("%s got %d requests: %+v", name, len(got[name]), got[name])
			continue
		}
		r := got[name][0]
		if r.path != one.path || !strings.Contains(r.body, one.body) || !json.Valid([]byte(r.body)) || !strings.Contains(r.header.Get(one.header), one.value) || r.header.Get(one.header) == "" {
			t.Errorf("%s got %s %s %v", name, r.path, r.body, r.header)
		}
	}
}

// deliver has couriers tell what is seen.
func deliver(t *testing.T, entries []notificationEntry, seen published) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var all couriers
	for _, entry := range entries {
		target, _ := entry.target()
		one, err := notify.NewCourier(target, notify.Options{Watcher: seen, Keep: func([]byte) error { return nil }, Note: func(_ bool, reason, message string) { t.Errorf("%s: %s: %s", entry.Name, reason, message) }, Host: "h", Log: logr.Discard()})
		if err != nil {
			t.Fatal(err)
		}
		for _, status := range seen {
			one.See(status)
		}
		all = append(all, one)
	}
	ended := make(chan error)
	go func() { ended <- all.run(ctx) }()
	for _, one := range all {
		if err := one.Flush(ctx); err != nil {
			t.Error(err)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestNotificationsAreStrict(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sources.yaml")
	if err := os.WriteFile(filepath.Join(dir, "body.tmpl"), []byte("{\n  {{json .Comit}}\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const head = "apiVersion: segue.dev/v1\nkind: Sources\nsources: []\nnotifications:\n"
	for name, test := range map[string]struct{ text, want string }{
		"unknown key":         {"  - {name: a, on: [Converged], uri: x}", `:5:32  notifications[0].uri: unknown field; did you mean "url"?`},
		"no name":             {"  - {on: [Converged], url: http://x}", ":5:5  notifications[0].name: required"},
		"bad name":            {"  - {name: A b, on: [Converged], url: http://x}", ":5:12  notifications[0].name: \"A b\"; want"},
		"twice":               {"  - {name: a, on: [Converged], url: http://x}\n  - {name: a, on: [Converged], url: http://x}", ":6:12  notifications[1].name: a is there twice"},
		"event":               {"  - {name: a, on: [Done], url: http://x}", `:5:20  notifications[0].on[0]: "Done" is no event; want one of RolloutStarted`},
		"time":                {"  - {name: a, on: [Converged], url: http://x, timeout: soon}", `:5:56  notifications[0].timeout: "soon"; want a duration`},
		"secret is missing":   {"  - name: a\n    on: [Converged]\n    urlFile: none", ":7:14  notifications[0].urlFile: open " + dir + "/none"},
		"in a text below":     {"  - name: a\n    on: [Converged]\n    url: http://x\n    body: |\n      {\n        {{json .Comit}}\n      }", ":10  notifications[0].body: there is no field Comit"},
		"in a text beside":    {"  - name: a\n    on: [Converged]\n    url: http://x\n    body: '{{json .Comit}}'", ":8  notifications[0].body: there is no field Comit"},
		"in a file":           {"  - name: a\n    on: [Converged]\n    url: http://x\n    bodyFile: body.tmpl", "body.tmpl:2  notifications[0].bodyFile: there is no field Comit"},
		"header":              {"  - name: a\n    on: [Converged]\n    url: http://x\n    headers:\n      - {name: A}", ":9:9  notifications[0].headers[0]: want value, or valueFile"},
		"a quote in a reason": {"  - name: a\n    on: [Converged]\n    url: http://x\n    body: '{\"a\": \"{{.Reason}}\"}'", ":8:11  notifications[0].body: gives no JSON for Converged"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(head+test.text+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := readSources(path)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}
