package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/test/e2e/load"
)

func TestEveryKindOfClientIsAnswered(t *testing.T) {
	service := NewService(Identity{"orders", "1", "a"}, Faults{})
	server := httptest.NewServer(service)
	defer server.Close()
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	service.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/health", nil))
	jobs := load.Mixed(load.Target{Address: address.Host, Path: "/shop", Service: "orders"}, 300)
	for i := range jobs {
		jobs[i].Count = 10
		jobs[i].Rate = 100
		if jobs[i].Request == load.Slow || jobs[i].Request == load.Stream {
			jobs[i].Takes = 50 * time.Millisecond
		}
	}
	generator, err := load.New(load.Options{Jobs: jobs, Limit: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	report := generator.Run(t.Context())
	if report.Failed() != 0 || report.Good != 10*len(jobs) {
		t.Error(report)
	}
	// Ten messages went over one socket or two.
	if stats := service.tally.read(); stats.Requests < report.Requests-9 || stats.Requests > report.Requests-8 || stats.DarkRequests != 0 || stats.FirstAt.IsZero() {
		t.Errorf("%d requests were made, ten messages of sockets among them; seen: %+v", report.Requests, stats)
	}
}

func TestRequestsBeforeReadinessAreCountedApart(t *testing.T) {
	service := NewService(Identity{"orders", "1", "a"}, Faults{FailReady: true})
	ask := func(path string) {
		service.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	ask("/health")
	ask("/early")
	service.faults.Store(&Faults{})
	ask("/early")
	ask("/health")
	ask("/late")
	if stats := service.tally.read(); stats.Requests != 3 || stats.DarkRequests != 2 {
		t.Errorf("two requests of three came before readiness; seen: %+v", stats)
	}
}

func TestControlMakesItFail(t *testing.T) {
	service := NewService(Identity{"orders", "1", "a"}, Faults{})
	ask := func(method, path, body string) (int, string) {
		recorded := httptest.NewRecorder()
		service.ServeHTTP(recorded, httptest.NewRequest(method, path, strings.NewReader(body)))
		return recorded.Code, recorded.Body.String()
	}
	for _, step := range []struct {
		control, path string
		code          int
		body          string
	}{
		{`{}`, "/health", 200, `{"status":"UP"}`},
		{`{"failReady":true}`, "/actuator/health/readiness", 503, `{"reason":"FAIL_READY","status":"DOWN"}`},
		{`{}`, "/liveness", 200, `{"status":"UP"}`},
		{`{"failReady":false,"wrongBody":true}`, "/health", 200, `{"status":"DOWN"}`},
		{`{"failAlive":true,"wrongBody":false,"dark":true}`, "/liveness", 503, `{"reason":"","status":"DOWN"}`},
		{`{}`, "/x/y", 200, `{"service":"orders","version":"1","instance":"a"}`},
		{`{"failRequests":true,"dependency":"http://127.0.0.1:1"}`, "/", 500, `{"service":"orders","version":"1","instance":"a"}`},
		{`{}`, "/health", 503, `{"reason":"dependency","status":"DOWN"}`},
	} {
		if code, body := ask(http.MethodPost, "/control", step.control); code != http.StatusOK {
			t.Fatalf("control %s: %d %s", step.control, code, body)
		}
		if code, body := ask(http.MethodGet, step.path, ""); code != step.code || body != step.body {
			t.Errorf("%s after %s: %d %s", step.path, step.control, code, body)
		}
	}
	_, body := ask(http.MethodGet, "/stats", "")
	var stats Stats
	if err := json.Unmarshal([]byte(body), &stats); err != nil || stats.Requests != 2 || stats.DarkRequests != 2 {
		t.Errorf("stats %s, %v", body, err)
	}
}
