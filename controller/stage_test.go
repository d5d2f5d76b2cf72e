package controller_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/drivertest"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// stage is a world, a store, and a controller that works on them.
type stage struct {
	t        *testing.T
	world    *drivertest.World
	router   *drivertest.Router
	registry *drivertest.Registry
	store    controller.Store
	options  func(*controller.Options)
	c        *controller.Controller
	stop     func()
}

// play runs a story in a bubble whose time moves only when everything waits.
func play(t *testing.T, tell func(*stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &stage{t: t, world: drivertest.NewWorld(), store: drivertest.NewStore()}
		s.router = s.world.NewRouter("web-1", "web-2")
		s.registry = s.world.NewRegistry("http://eureka:8761/eureka")
		tell(s)
		if s.stop != nil {
			s.stop()
		}
		for _, v := range s.world.Violations() {
			t.Errorf("violated: %s", v)
		}
	})
}

// begin starts a controller over the store and the world.
func (s *stage) begin() {
	s.t.Helper()
	log := logr.Discard()
	if os.Getenv("SEGUE_TEST_LOG") != "" {
		log = funcr.New(func(prefix, args string) { s.t.Log(time.Now().Format("15:04:05.0"), prefix, args) }, funcr.Options{})
	}
	options := controller.Options{
		Owner: "me", Runtime: s.world, Prober: s.world.Prober(), Store: s.store, Log: log, Workers: 3, Version: "test",
		NewRouter:   func(spec.Nginx) (controller.Router, error) { return s.router, nil },
		NewRegistry: func(spec.Eureka) (controller.Registry, error) { return s.registry, nil },
	}
	if s.options != nil {
		s.options(&options)
	}
	var err error
	if s.c, err = controller.New(options); err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(s.t.Context())
	var group sync.WaitGroup
	group.Go(func() { _ = s.c.Run(ctx) })
	s.stop = func() { cancel(); group.Wait() }
	s.t.Cleanup(s.stop)
}

// restart ends the controller and starts another one over the same store and world.
func (s *stage) restart() {
	s.stop()
	s.world.Restarted()
	s.begin()
}

func ptr[T any](v T) *T { return &v }

func nginx(name string) spec.Manifest {
	return spec.Manifest{Nginx: &spec.Nginx{APIVersion: spec.APIVersion, Kind: spec.KindNginx, Metadata: spec.Metadata{Name: name}}}
}

func eureka(name string) spec.Manifest {
	return spec.Manifest{Eureka: &spec.Eureka{
		APIVersion: spec.APIVersion, Kind: spec.KindEureka, Metadata: spec.Metadata{Name: name},
		Spec: spec.EurekaSpec{Servers: []string{"http://eureka:8761/eureka"}, Caches: spec.Caches{ResponseSeconds: ptr(2), FetchSeconds: ptr(5), LoadBalancerSeconds: ptr(5)}},
	}}
}

// service is a Deployment with one route and a readiness probe.
func service(name, image string, replicas int) spec.Manifest {
	d := &spec.Deployment{APIVersion: spec.APIVersion, Kind: spec.KindDeployment, Metadata: spec.Metadata{Name: name}}
	d.Spec = spec.DeploymentSpec{
		Replicas: ptr(replicas), DrainTimeoutSeconds: ptr(5), ProgressDeadlineSeconds: ptr(60),
		Routes: map[string]spec.Route{"http": {Hostnames: []string{name + ".shop"}}},
		Template: spec.Template{
			Image: image, Ports: []spec.Port{{Name: "http", ContainerPort: 8080}},
			ReadinessProbe: &spec.Probe{HTTPGet: &spec.HTTPGetAction{Path: "/health"}},
		},
	}
	return spec.Manifest{Deployment: d}
}

func changed(m spec.Manifest, change func(*spec.DeploymentSpec)) spec.Manifest {
	d := *m.Deployment
	change(&d.Spec)
	m.Deployment = &d
	return m
}

// apply applies by hand and wants it to work.
func (s *stage) apply(manifests ...spec.Manifest) []api.Applied {
	s.t.Helper()
	result, err := s.c.Apply(s.t.Context(), api.ApplyRequest{Manifests: manifests, By: "alice"})
	if err != nil {
		s.t.Fatalf("apply: %v", err)
	}
	return result.Items
}

func (s *stage) intend(intent api.Intent) {
	s.t.Helper()
	intent.By = "alice"
	if _, err := s.c.Intend(s.t.Context(), intent); err != nil {
		s.t.Fatalf("%s: %v", intent.Verb, err)
	}
}

// status is a Deployment's as List has it; nil when there is none.
func (s *stage) status(name string) *api.DeploymentStatus {
	s.t.Helper()
	list, err := s.c.List(s.t.Context(), api.Query{Kind: spec.KindDeployment, Name: name})
	if err != nil {
		s.t.Fatal(err)
	}
	if len(list.Items) == 0 {
		return nil
	}
	return list.Items[0].Deployment
}

// until waits for a status, for at most a quarter of an hour of the bubble's time.
func (s *stage) until(name, what string, holds func(*api.DeploymentStatus) bool) *api.DeploymentStatus {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 15*time.Minute)
	defer cancel()
	var found *api.DeploymentStatus
	enough := errors.New("enough")
	err := s.c.Watch(ctx, api.Query{Kind: spec.KindDeployment, Name: name}, func(status api.Status) error {
		found = status.Deployment
		if holds(status.Deployment) {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		s.t.Fatalf("%s: not %s within a quarter of an hour: %+v\nevents\n%s\nviolations %v", name, what, found, s.story(name), s.world.Violations())
	}
	return found
}

func (s *stage) settled(name string) *api.DeploymentStatus {
	s.t.Helper()
	return s.until(name, "settled", func(d *api.DeploymentStatus) bool { return d.Settled })
}

// story is the events of a Deployment.
func (s *stage) story(name string) string {
	var lines []string
	_ = s.c.Events(s.t.Context(), api.EventQuery{Name: name}, func(e api.Event) error {
		lines = append(lines, fmt.Sprintf("%s %s %s: %s", e.At.Format("04:05.0"), e.Type, e.Reason, e.Message))
		return nil
	})
	return strings.Join(lines, "\n")
}

func (s *stage) expectPhase(d *api.DeploymentStatus, phase string) {
	s.t.Helper()
	if d.Phase != phase {
		s.t.Fatalf("phase %s (%s), want %s", d.Phase, d.Reason, phase)
	}
}

// expectServing wants exactly these many instances, all of a revision, living and served.
func (s *stage) expectServing(name string, replicas int, hash string) {
	s.t.Helper()
	living := slices.DeleteFunc(s.world.Living(), func(one string) bool { return !strings.HasPrefix(one, name+"-") })
	serving := s.router.Serving(name)
	slices.Sort(serving)
	if len(living) != replicas || !slices.Equal(living, serving) {
		s.t.Fatalf("living %v, serving %v; want %d", living, serving, replicas)
	}
	for _, one := range living {
		if !strings.HasPrefix(one, name+"-"+hash+"-") {
			s.t.Fatalf("%s is not of revision %s", one, hash)
		}
	}
}

func condition(d *api.DeploymentStatus, kind string) api.Condition {
	for _, c := range d.Conditions {
		if c.Type == kind {
			return c
		}
	}
	return api.Condition{}
}

// addStranger runs a container by hand.
func (s *stage) addStranger(name, address string) {
	s.world.AddStranger(reconcile.Container{Name: name, ID: name, Address: netip.MustParseAddr(address)})
}

// later lets time pass, which only the bubble notices.
func (s *stage) later(d time.Duration) { <-time.After(d) }
