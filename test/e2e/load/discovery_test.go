package load

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// apps is a registry's answer with the given STATUS:HOST:PORT instances of orders.
func apps(instances ...[3]string) string {
	text := ""
	for i, instance := range instances {
		if i > 0 {
			text += ","
		}
		text += fmt.Sprintf(`{"status":%q,"hostName":%q,"vipAddress":"orders","port":{"$":%s,"@enabled":"true"}}`, instance[0], instance[1], instance[2])
	}
	return `{"applications":{"application":[{"name":"ORDERS","instance":[` + text + `]}]}}`
}

func TestAConsumerDialsUpInstancesOfItsCacheOnly(t *testing.T) {
	var body atomic.Value
	body.Store(apps([3]string{"UP", "127.0.0.1", "81"}, [3]string{"OUT_OF_SERVICE", "127.0.0.1", "82"}, [3]string{"UP", "127.0.0.1", `"83"`}))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/eureka/apps" || r.Header.Get("Accept") != "application/json" {
			t.Errorf("asked %s, %v", r.URL, r.Header)
		}
		_, _ = w.Write([]byte(body.Load().(string))) // the test sees what comes of it
	}))
	defer server.Close()
	discovery := &Discovery{Server: server.URL + "/eureka", VIP: "orders", Fetch: time.Hour, Balancer: 35 * time.Second}
	found, err := discovery.fetch(t.Context(), server.Client())
	if err != nil || !slices.Equal(found, []string{"127.0.0.1:81", "127.0.0.1:83"}) {
		t.Fatalf("found %v, %v", found, err)
	}

	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	discovery.fetched = found
	if address, ok := discovery.pick(now); !ok || address != "127.0.0.1:83" {
		t.Errorf("picked %q", address)
	}
	discovery.fetched = []string{"127.0.0.1:84"}
	if address, _ := discovery.pick(now.Add(34 * time.Second)); address != "127.0.0.1:81" {
		t.Errorf("the load balancer's list lasts 35 s, but 34 s later %q was picked", address)
	}
	if address, _ := discovery.pick(now.Add(36 * time.Second)); address != "127.0.0.1:84" {
		t.Errorf("36 s later %q was picked", address)
	}
}

func TestAConsumerGoesToAnotherServerAndStaysThere(t *testing.T) {
	var failing atomic.Bool
	asked := map[string]int{}
	serve := func(name, port string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked[name]++
			if failing.Load() && name == "first" {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			_, _ = w.Write([]byte(apps([3]string{"UP", "127.0.0.1", port}))) // the test sees what comes of it
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	discovery := &Discovery{Server: serve("first", "81"), Others: []string{serve("second", "82")}, VIP: "orders"}
	for n, want := range []string{"127.0.0.1:81", "127.0.0.1:82", "127.0.0.1:82"} {
		failing.Store(n == 1)
		if found, err := discovery.fetch(t.Context(), http.DefaultClient); err != nil || !slices.Equal(found, []string{want}) {
			t.Fatalf("fetch %d found %v, %v; want %s", n+1, found, err, want)
		}
	}
	if !maps.Equal(asked, map[string]int{"first": 2, "second": 2}) {
		t.Errorf("asked %v", asked)
	}
}

func TestAnEmptyListAndAForeignAddressAreFailures(t *testing.T) {
	guard, err := newGuard(nil)
	if err != nil {
		t.Fatal(err)
	}
	discovery := &Discovery{VIP: "orders", Balancer: time.Hour}
	job := Job{Target: Target{Service: "orders", Discovery: discovery}, Client: Careful, Request: Get, Rate: 1}.withDefaults()
	worker := worker{job: job, recorder: newRecorder(job), caller: newCaller(guard)}
	worker.once(context.Background(), 1)
	discovery.fetched = []string{"192.0.2.1:80"}
	worker.once(context.Background(), 2)
	if report := worker.recorder.read(time.Time{}); !maps.Equal(report.Failures, map[Failure]int{NoInstance: 1, Forbidden: 1}) {
		t.Errorf("got\n%s", report)
	}
}
