package docker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/reconcile"
)

// stubEngine answers what the view asks an engine, and counts.
type stubEngine struct {
	mu         sync.Mutex
	containers map[string]*container.InspectResponse
	lists      int
	// filters are those of the last list.
	filters   string
	inspected []string
	broken    bool
	// slow, when not nil, is waited for before a list is answered.
	slow chan struct{}
	// asking, when not nil, is told of each list that is asked for.
	asking  chan struct{}
	streams chan chan events.Message
	// history is what the engine remembers of before.
	history []events.Message
}

func newStubEngine(t *testing.T, n int) (*stubEngine, *Runtime) {
	t.Helper()
	e := &stubEngine{containers: map[string]*container.InspectResponse{}, streams: make(chan chan events.Message, 1)}
	for i := range n {
		e.put(fmt.Sprintf("id%04d", i), fmt.Sprintf("orders-abc-%d", i), container.StateRunning)
	}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	t.Setenv("DOCKER_API_VERSION", "1.41")
	r, err := New(Options{Host: "tcp://" + strings.TrimPrefix(server.URL, "http://"), Owner: "me", StateDir: t.TempDir(), Log: logr.Discard()})
	if err != nil {
		t.Fatal(err)
	}
	return e, r
}

func (e *stubEngine) put(id, name, state string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.containers[id] = &container.InspectResponse{
		ContainerJSONBase: &container.ContainerJSONBase{ID: id, Name: "/" + name, State: &container.State{
			Status: state, FinishedAt: time.Now().UTC().Format(time.RFC3339Nano),
		}},
		Config: &container.Config{Labels: map[string]string{labelOwner: "me", labelDeployment: "orders"}},
	}
}

func (e *stubEngine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/v1.41")
	if path == "/events" && r.URL.Query().Get("until") != "" {
		for _, m := range e.history {
			_ = json.NewEncoder(w).Encode(m)
		}
		return
	}
	if path == "/events" {
		e.stream(w, r)
		return
	}
	e.mu.Lock()
	slow, asking := e.slow, e.asking
	e.mu.Unlock()
	if path == "/containers/json" && asking != nil {
		asking <- struct{}{}
	}
	if path == "/containers/json" && slow != nil {
		<-slow
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.broken {
		http.Error(w, `{"message":"broken"}`, http.StatusInternalServerError)
		return
	}
	if path == "/containers/json" {
		e.lists++
		list := []container.Summary{}
		e.filters = r.URL.Query().Get("filters")
		for id, c := range e.containers {
			if of := c.Config.Labels[labelDeployment]; strings.Contains(e.filters, labelDeployment+"=") && !strings.Contains(e.filters, labelDeployment+"="+of+`"`) {
				continue
			}
			list = append(list, container.Summary{ID: id, Names: []string{c.Name}, State: c.State.Status, Status: "Up 2 minutes"})
		}
		_ = json.NewEncoder(w).Encode(list)
		return
	}
	id := strings.TrimSuffix(strings.TrimPrefix(path, "/containers/"), "/json")
	e.inspected = append(e.inspected, id)
	c, ok := e.containers[id]
	if !ok {
		http.Error(w, `{"message":"No such container"}`, http.StatusNotFound)
		return
	}
	_ = json.NewEncoder(w).Encode(c)
}

// stream passes on what is sent to the channel that it hands out, until that is closed.
func (e *stubEngine) stream(w http.ResponseWriter, r *http.Request) {
	messages := make(chan events.Message)
	w.WriteHeader(http.StatusOK)
	w.(http.Flusher).Flush()
	e.streams <- messages
	for {
		select {
		case m, ok := <-messages:
			if !ok {
				return
			}
			_ = json.NewEncoder(w).Encode(m)
			w.(http.Flusher).Flush()
		case <-r.Context().Done():
			return
		}
	}
}

// asked is what was asked for since the last time.
func (e *stubEngine) asked() (lists int, inspected []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	lists, inspected = e.lists, e.inspected
	e.lists, e.inspected = 0, nil
	return lists, inspected
}

// follow runs the Runtime until the test ends, and gives its first event stream and the names that it says changed.
func (e *stubEngine) follow(t *testing.T, r *Runtime) (messages chan events.Message, changed chan string) {
	t.Helper()
	changed = make(chan string, 100)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = r.Run(ctx, func(name string) { changed <- name }) }()
	t.Cleanup(func() { cancel(); <-done })
	messages = <-e.streams
	if name := <-changed; name != "" {
		t.Fatalf("%q changed before everything was read", name)
	}
	return messages, changed
}

func event(action events.Action, id string) events.Message {
	return events.Message{Type: events.ContainerEventType, Action: action, Actor: events.Actor{
		ID: id, Attributes: map[string]string{labelOwner: "me", labelDeployment: "orders", "name": "x"},
	}}
}

func TestCostFollowsChanges(t *testing.T) {
	engine, r := newStubEngine(t, 100)
	messages, changed := engine.follow(t, r)
	if lists, inspected := engine.asked(); lists != 1 || len(inspected) != 100 {
		t.Errorf("at first: %d lists, %d inspections", lists, len(inspected))
	}

	engine.put("id0007", "orders-abc-7", container.StateExited)
	messages <- event(events.ActionDie, "id0007")
	if name := <-changed; name != "orders" {
		t.Errorf("%q changed", name)
	}
	all, _, err := r.Containers(context.Background(), time.Time{})
	if lists, inspected := engine.asked(); err != nil || lists != 0 || len(inspected) != 1 || inspected[0] != "id0007" {
		t.Errorf("an event: %d lists, inspected %v, %v", lists, inspected, err)
	}
	if c := find(all, "orders-abc-7"); c.State != reconcile.ContainerExited || !c.ExitCounts || len(all) != 100 {
		t.Errorf("died: %+v", c)
	}

	// What no event told is found by the list; what segue itself touched is inspected though the list shows nothing.
	engine.put("id0008", "orders-abc-8.retired", container.StateRunning)
	r.view.touch("id0009")
	began := time.Now()
	all, at, err := r.Containers(context.Background(), began)
	if lists, inspected := engine.asked(); err != nil || at.Before(began) || lists != 1 || len(inspected) != 2 {
		t.Errorf("a fresh read: %d lists, inspected %v, %v", lists, inspected, err)
	}
	if c := find(all, "orders-abc-8"); !c.Retired || c.RetiredAt.IsZero() {
		t.Errorf("retired: %+v", c)
	}

	// A stranger's events cost nothing.
	messages <- events.Message{Type: events.ContainerEventType, Action: events.ActionDie, Actor: events.Actor{ID: "other"}}
	messages <- event(events.ActionDie, "id0009")
	<-changed
	if _, inspected := engine.asked(); len(inspected) != 1 || inspected[0] != "id0009" {
		t.Errorf("inspected %v", inspected)
	}
}

func TestAnErrorIsNeverNone(t *testing.T) {
	engine, r := newStubEngine(t, 3)
	messages, changed := engine.follow(t, r)
	engine.mu.Lock()
	engine.broken = true
	engine.mu.Unlock()
	if all, _, err := r.Containers(context.Background(), time.Now()); err == nil {
		t.Errorf("a fresh read of a broken engine: %d containers", len(all))
	}
	// The event cannot be looked into, so nothing older is shown either.
	messages <- event(events.ActionDie, "id0001")
	<-changed
	if all, _, err := r.Containers(context.Background(), time.Time{}); err == nil {
		t.Errorf("after an event that was not read: %d containers", len(all))
	}
	engine.mu.Lock()
	engine.broken = false
	engine.mu.Unlock()
	if all, _, err := r.Containers(context.Background(), time.Time{}); err != nil || len(all) != 3 {
		t.Errorf("mended: %d containers, %v", len(all), err)
	}
}

func TestALostStreamIsResyncedAndEarlierExitsDoNotCount(t *testing.T) {
	engine, r := newStubEngine(t, 2)
	messages, changed := engine.follow(t, r)
	engine.put("id0000", "orders-abc-0", container.StateExited)
	close(messages)
	if name := <-changed; name != "" {
		t.Errorf("%q changed", name)
	}
	again := <-engine.streams
	if name := <-changed; name != "" {
		t.Errorf("%q changed", name)
	}
	all, _, err := r.Containers(context.Background(), time.Time{})
	if c := find(all, "orders-abc-0"); err != nil || c.State != reconcile.ContainerExited || c.ExitCounts {
		t.Errorf("died while nobody looked: %+v %v", c, err)
	}
	engine.mu.Lock()
	delete(engine.containers, "id0001")
	engine.mu.Unlock()
	again <- event(events.ActionDestroy, "id0001")
	<-changed
	if all, _, err := r.Containers(context.Background(), time.Time{}); err != nil || len(all) != 1 {
		t.Errorf("destroyed: %d containers, %v", len(all), err)
	}
}

func TestCallersWhoWaitShareOneRead(t *testing.T) {
	engine, r := newStubEngine(t, 1)
	engine.follow(t, r)
	engine.asked()
	engine.mu.Lock()
	engine.slow = make(chan struct{})
	slow := engine.slow
	engine.mu.Unlock()
	began := time.Now()
	var callers sync.WaitGroup
	for range 10 {
		callers.Go(func() {
			if _, at, err := r.Containers(context.Background(), began); err != nil || at.Before(began) {
				t.Errorf("%s, %v", at, err)
			}
		})
	}
	close(slow)
	callers.Wait()
	if lists, _ := engine.asked(); lists != 1 {
		t.Errorf("%d lists", lists)
	}
}

func find(all []reconcile.Container, name string) reconcile.Container {
	for _, c := range all {
		if c.Name == name {
			return c
		}
	}
	return reconcile.Container{}
}
