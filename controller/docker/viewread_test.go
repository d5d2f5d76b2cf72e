package docker

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"

	"github.com/segue-dev/segue/reconcile"
)

// putOf puts a container of another Deployment than orders.
func (e *stubEngine) putOf(deployment, id, name, state string) {
	e.put(id, name, state)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.containers[id].Config.Labels = map[string]string{labelOwner: "me", labelDeployment: deployment}
}

func TestOneDeploymentIsReadAlone(t *testing.T) {
	engine, r := newStubEngine(t, 50)
	for _, id := range []string{"other1", "other2"} {
		engine.putOf("payments", id, "payments-abc-"+id[5:], container.StateRunning)
	}
	messages, changed := engine.follow(t, r)
	engine.asked()

	// What is as new as it is asked for costs nothing.
	all, _, err := r.ContainersOf(context.Background(), "payments", time.Time{})
	if lists, inspected := engine.asked(); err != nil || len(all) != 2 || lists != 0 || len(inspected) != 0 {
		t.Errorf("%d of payments, %v; %d lists, inspected %v", len(all), err, lists, inspected)
	}

	// One exits, one is removed and one is new: only those of the Deployment are listed, and only what is new is inspected.
	engine.putOf("payments", "other1", "payments-abc-1", container.StateExited)
	engine.putOf("payments", "other3", "payments-abc-3", container.StateRunning)
	engine.mu.Lock()
	delete(engine.containers, "other2")
	engine.mu.Unlock()
	began := time.Now()
	all, at, err := r.ContainersOf(context.Background(), "payments", began)
	lists, inspected := engine.asked()
	if err != nil || at.Before(began) || lists != 1 || len(inspected) != 2 || !strings.Contains(engine.filters, labelDeployment+"=payments") {
		t.Errorf("%v; %d lists with %s, inspected %v", err, lists, engine.filters, inspected)
	}
	if len(all) != 2 || find(all, "payments-abc-1").State != reconcile.ContainerExited || find(all, "payments-abc-3").State != reconcile.ContainerRunning {
		t.Errorf("read %+v", all)
	}
	whole, wholeAt, err := r.Containers(context.Background(), time.Time{})
	if err != nil || len(whole) != 52 || !wholeAt.Before(began) {
		t.Errorf("the whole: %d, as of %s, %v", len(whole), wholeAt, err)
	}

	// Without an event stream nothing is answered from what was read before.
	close(messages)
	<-changed
	<-engine.streams
	<-changed
	engine.asked()
	if all, _, err := r.ContainersOf(context.Background(), "payments", time.Time{}); err != nil || len(all) != 2 {
		t.Errorf("after the stream came back: %+v, %v", all, err)
	}
}

func TestAnErrorOfOneDeploymentIsNeverNone(t *testing.T) {
	engine, r := newStubEngine(t, 3)
	messages, changed := engine.follow(t, r)
	engine.mu.Lock()
	engine.broken = true
	engine.mu.Unlock()
	if all, _, err := r.ContainersOf(context.Background(), "orders", time.Now()); err == nil {
		t.Errorf("a fresh read of a broken engine: %d containers", len(all))
	}
	messages <- event(events.ActionDie, "id0001")
	<-changed
	if all, _, err := r.ContainersOf(context.Background(), "orders", time.Time{}); err == nil {
		t.Errorf("after an event that was not read: %d containers", len(all))
	}
}
