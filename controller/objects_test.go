package controller_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// source hands over the readings that a test gives it.
type source struct {
	name     string
	readings chan controller.Reading
}

func (s *source) Name() string { return s.name }

func (s *source) Run(ctx context.Context, read func(controller.Reading)) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case reading := <-s.readings:
			read(reading)
		}
	}
}

func newSource(name string) *source {
	return &source{name: name, readings: make(chan controller.Reading)}
}

func from(m spec.Manifest, origin string) spec.Manifest {
	m.Origin = origin
	return m
}

func (s *stage) follow(sources ...*source) {
	s.options = func(o *controller.Options) {
		for _, one := range sources {
			o.Sources = append(o.Sources, one)
		}
	}
	s.begin()
}

func (s *stage) owner(name string) string {
	s.t.Helper()
	list, err := s.c.List(s.t.Context(), api.Query{Kind: spec.KindDeployment, Name: name})
	if err != nil || len(list.Items) != 1 {
		s.t.Fatalf("list %s: %v, %v", name, list, err)
	}
	return list.Items[0].Owner
}

func expectRefused(t *testing.T, err error, kind api.RefusalKind, words string) {
	t.Helper()
	var refusal *api.Refusal
	if !errors.As(err, &refusal) || refusal.Kind != kind || !strings.Contains(refusal.Message, words) {
		t.Errorf("got %v, want %s with %q", err, kind, words)
	}
}

func TestBrokenFileLeavesTheOthersAlone(t *testing.T) {
	play(t, func(s *stage) {
		dir := newSource("dir:/etc/segue")
		s.follow(dir)
		all := []spec.Manifest{from(nginx("edge"), "edge.yaml:1"), from(service("orders", "orders:1", 1), "orders.yaml:1"), from(service("stock", "stock:1", 1), "stock.yaml:1")}
		dir.readings <- controller.Reading{Manifests: all}
		s.settled("orders")
		first := s.settled("stock")
		dir.readings <- controller.Reading{
			Manifests: []spec.Manifest{all[0], from(service("orders", "orders:2", 1), "orders.yaml:1")},
			Failed:    map[string]error{"stock.yaml": errors.New("stock.yaml:3:5  spec.replica: unknown field")},
		}
		d := s.until("orders", "updated", func(d *api.DeploymentStatus) bool { return d.Settled && d.Revision == 2 })
		s.expectServing("orders", 1, d.Hash)
		s.expectServing("stock", 1, first.Hash)
		if owner := s.owner("stock"); owner != "dir:/etc/segue" {
			t.Errorf("stock is owned by %q", owner)
		}
		if story := s.story("dir:/etc/segue"); !strings.Contains(story, "Warning ManifestRefused: stock.yaml:3:5") {
			t.Errorf("events\n%s", story)
		}
	})
}

func TestFileWithAProblemAcrossObjectsIsLeftOut(t *testing.T) {
	play(t, func(s *stage) {
		dir := newSource("dir:/etc/segue")
		s.follow(dir)
		bad := changed(from(service("stock", "stock:1", 1), "stock.yaml:1"), func(d *spec.DeploymentSpec) {
			d.Routes = map[string]spec.Route{"http": {Nginx: "egde"}}
		})
		dir.readings <- controller.Reading{Manifests: []spec.Manifest{from(nginx("edge"), "edge.yaml:1"), from(service("orders", "orders:1", 1), "orders.yaml:1"), bad}}
		s.settled("orders")
		if s.status("stock") != nil {
			t.Error("a manifest that names an unknown nginx was kept")
		}
	})
}

func TestObjectsHaveOneOwner(t *testing.T) {
	play(t, func(s *stage) {
		dir, other := newSource("dir:/etc/segue"), newSource("dir:/srv")
		s.follow(dir, other)
		s.apply(nginx("edge"), service("orders", "orders:1", 1))
		s.settled("orders")
		mine := []spec.Manifest{from(nginx("edge"), "edge.yaml:1"), from(service("orders", "orders:1", 1), "orders.yaml:3")}
		dir.readings <- controller.Reading{Manifests: mine}
		s.later(time.Second)
		other.readings <- controller.Reading{Manifests: []spec.Manifest{from(service("orders", "orders:9", 1), "o.yaml:1")}}
		if err := s.c.Ready(s.t.Context()); err != nil {
			t.Fatal(err)
		}
		if owner := s.owner("orders"); owner != "dir:/etc/segue" {
			t.Errorf("owned by %q", owner)
		}
		if story := s.story("orders"); !strings.Contains(story, "OwnerChanged: from segue apply to dir:/etc/segue") {
			t.Errorf("events\n%s", story)
		}
		if story := s.story("dir:/srv"); !strings.Contains(story, "owned by dir:/etc/segue already") {
			t.Errorf("events\n%s", story)
		}
		_, err := s.c.Apply(s.t.Context(), api.ApplyRequest{Manifests: []spec.Manifest{service("orders", "orders:2", 1)}})
		expectRefused(t, err, api.Owned, "orders.yaml:3")
		_, err = s.c.Intend(s.t.Context(), api.Intent{Verb: api.Scale, Name: orders, Replicas: 2})
		expectRefused(t, err, api.Owned, "orders.yaml:3")
		_, err = s.c.Delete(s.t.Context(), api.DeleteRequest{Kind: spec.KindDeployment, Name: orders})
		expectRefused(t, err, api.Owned, "orders.yaml:3")
		s.intend(api.Intent{Verb: api.Restart, Name: orders})
		if d := s.settled("orders"); d.Revision != 2 || d.Image != "orders:1" {
			t.Errorf("after restart %+v", d)
		}
		dir.readings <- controller.Reading{Manifests: mine[:1]}
		s.later(time.Second)
		if owner := s.owner("orders"); owner != "" {
			t.Errorf("gone from its source, owned by %q", owner)
		}
		s.expectServing("orders", 1, s.settled("orders").Hash)
		s.apply(service("orders", "orders:2", 1))
		if owner := s.owner("orders"); owner != "apply" {
			t.Errorf("owned by %q", owner)
		}
	})
}

func TestPruneHasItsGuards(t *testing.T) {
	play(t, func(s *stage) {
		dir := newSource("dir:/etc/segue")
		s.options = func(o *controller.Options) { o.Sources, o.Prune = []controller.Source{dir}, true }
		s.begin()
		a, b, c := from(nginx("edge"), "edge.yaml:1"), from(service("orders", "orders:1", 1), "orders.yaml:1"), from(service("stock", "stock:1", 1), "stock.yaml:1")
		dir.readings <- controller.Reading{Manifests: []spec.Manifest{a, b, c}}
		s.settled("orders")
		s.settled("stock")
		dir.readings <- controller.Reading{}
		dir.readings <- controller.Reading{Err: errors.New("no such directory")}
		dir.readings <- controller.Reading{Manifests: []spec.Manifest{a, b, c}}
		dir.readings <- controller.Reading{Manifests: []spec.Manifest{a}}
		dir.readings <- controller.Reading{Manifests: []spec.Manifest{a, b, c}}
		dir.readings <- controller.Reading{Manifests: []spec.Manifest{a, b}, Failed: map[string]error{"x.yaml": errors.New("broken")}}
		dir.readings <- controller.Reading{Manifests: []spec.Manifest{a, b, c}}
		s.later(time.Minute)
		if len(s.world.Living()) != 2 {
			t.Fatalf("living %v", s.world.Living())
		}
		dir.readings <- controller.Reading{Manifests: []spec.Manifest{a, b}}
		s.until("stock", "gone", func(d *api.DeploymentStatus) bool { return d.Phase == "Gone" })
		if story := s.story("dir:/etc/segue"); strings.Count(story, "NotPruned") != 3 {
			t.Errorf("events\n%s", story)
		}
	})
}

func TestDependsOnWaitsForTheSameApply(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		dependent := func(image string) spec.Manifest {
			return changed(service("stock", image, 1), func(d *spec.DeploymentSpec) { d.DependsOn = []string{"orders"} })
		}
		s.apply(nginx("edge"), service("orders", "orders:1", 1), dependent("stock:1"))
		d := s.until("stock", "waiting", func(d *api.DeploymentStatus) bool {
			return len(d.WaitingFor) > 0 && d.WaitingFor[0].Gate == "dependency"
		})
		if !strings.Contains(d.WaitingFor[0].On, "deployment/orders") {
			t.Errorf("waits for %+v", d.WaitingFor)
		}
		s.settled("stock")
		s.apply(service("orders", "orders:2", 1), dependent("stock:2"))
		s.settled("stock")
		ordersAt := strings.Index(s.story("orders"), "revision 2")
		if ordersAt < 0 || s.status("orders").Revision != 2 {
			t.Errorf("stock went before orders:\n%s", s.story("orders"))
		}
	})
}

func TestOlderDeploymentHoldsItsRoute(t *testing.T) {
	play(t, func(s *stage) {
		dir := newSource("dir:/etc/segue")
		s.follow(dir)
		edge := from(nginx("edge"), "edge.yaml:1")
		dir.readings <- controller.Reading{Manifests: []spec.Manifest{edge, from(service("orders", "orders:1", 1), "orders.yaml:1")}}
		s.settled("orders")
		renamed := changed(from(service("bestellungen", "orders:1", 1), "orders.yaml:1"), func(d *spec.DeploymentSpec) {
			d.Routes = map[string]spec.Route{"http": {Hostnames: []string{"orders.shop"}}}
		})
		dir.readings <- controller.Reading{Manifests: []spec.Manifest{edge, renamed}}
		s.later(time.Minute)
		s.expectServing("orders", 1, s.status("orders").Hash)
		if d := s.status("bestellungen"); d != nil && condition(d, api.ConditionRouteConflict).Status != "True" {
			t.Errorf("status %+v", d)
		}
	})
}

func TestAdoptedContainerIsReplaced(t *testing.T) {
	play(t, func(s *stage) {
		s.addStranger("orders-old", "172.18.0.9")
		s.begin()
		s.apply(nginx("edge"), changed(service("orders", "orders:1", 1), func(d *spec.DeploymentSpec) {
			d.Adopt = []spec.Adopt{{Container: "orders-old"}}
		}))
		d := s.settled("orders")
		s.expectServing("orders", 1, d.Hash)
		for _, name := range s.world.Existing() {
			if name == "orders-old" {
				return
			}
		}
		t.Errorf("the adopted container is gone: %v", s.world.Existing())
	})
}
