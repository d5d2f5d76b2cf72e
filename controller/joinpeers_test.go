package controller_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// refill is how long after its return a server of the tests lacks an entry.
const refill = 20 * time.Second

// serverPair is a Eureka object whose two servers come and go with the instances of Deployments of their hosts' names.
type serverPair struct {
	s *stage

	mu sync.Mutex
	up map[string]time.Time
}

func (r *serverPair) Run(ctx context.Context, _ func(string)) error { <-ctx.Done(); return ctx.Err() }
func (r *serverPair) Watch([]string)                                {}
func (r *serverPair) Seed(context.Context, reconcile.LeaseOrder) error {
	return nil
}
func (r *serverPair) Open(context.Context, reconcile.LeaseOrder) error   { return nil }
func (r *serverPair) Close(context.Context, reconcile.LeaseOrder) error  { return nil }
func (r *serverPair) Remove(context.Context, reconcile.LeaseOrder) error { return nil }

// follow notes which servers answer, until the test ends.
func (r *serverPair) follow(ctx context.Context, hosts ...string) {
	for ctx.Err() == nil {
		living := r.s.world.Living()
		r.mu.Lock()
		for _, host := range hosts {
			switch runs := slices.ContainsFunc(living, func(name string) bool { return strings.HasPrefix(name, host+"-") }); {
			case !runs:
				delete(r.up, host)
			case r.up[host].IsZero():
				r.up[host] = time.Now().Add(5 * time.Second)
			}
		}
		r.mu.Unlock()
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// whole: consumers find everything on it.
func (r *serverPair) whole(host string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, runs := r.up[host]
	return runs && !time.Now().Before(at.Add(refill))
}

func (r *serverPair) View(_ context.Context, _ time.Time) (reconcile.EurekaView, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	view := reconcile.EurekaView{Began: time.Now()}
	for _, host := range []string{"eureka-1", "eureka-2"} {
		server := reconcile.EurekaServer{URL: "http://" + host + ":8761/eureka", Reason: "refuses connections"}
		if at, runs := r.up[host]; runs && !time.Now().Before(at) {
			server.State, server.Reason, server.RestartedAt, server.Leases = reconcile.ServerUp, "", at, map[string]reconcile.Lease{}
			if time.Now().Before(at.Add(refill)) {
				server.Lacks, server.LacksOne = 1, "ORDERS/orders-1"
			}
		}
		view.Servers = append(view.Servers, server)
	}
	return view, nil
}

func eurekaServer(name, image string) spec.Manifest {
	return changed(service(name, image, 1), func(d *spec.DeploymentSpec) {
		d.Routes, d.Strategy = nil, spec.Strategy{Type: spec.Recreate}
		d.Template.Ports = []spec.Port{{ContainerPort: 8761}}
	})
}

func TestEurekaServersAreReplacedOneAtATime(t *testing.T) {
	play(t, func(s *stage) {
		pair := &serverPair{s: s, up: map[string]time.Time{}}
		s.options = func(o *controller.Options) {
			o.NewRegistry = func(spec.Eureka) (controller.Registry, error) { return pair, nil }
		}
		s.begin()
		ctx, cancel := context.WithCancel(s.t.Context())
		var following sync.WaitGroup
		following.Go(func() { pair.follow(ctx, "eureka-1", "eureka-2") })
		registry := eureka("main")
		registry.Eureka.Spec.Servers = []string{"http://eureka-1:8761/eureka", "http://eureka-2:8761/eureka"}
		s.apply(registry, eurekaServer("eureka-1", "eureka:1"), eurekaServer("eureka-2", "eureka:1"))
		s.settled("eureka-1")
		s.settled("eureka-2")
		s.later(time.Minute)
		away := 0
		following.Go(func() {
			for ctx.Err() == nil {
				if !pair.whole("eureka-1") && !pair.whole("eureka-2") {
					away++
				}
				select {
				case <-ctx.Done():
				case <-time.After(200 * time.Millisecond):
				}
			}
		})
		s.apply(eurekaServer("eureka-2", "eureka:2"), eurekaServer("eureka-1", "eureka:2"))
		var held *api.Wait
		for _, name := range []string{"eureka-1", "eureka-2"} {
			s.until(name, "converged", func(d *api.DeploymentStatus) bool {
				for _, w := range d.WaitingFor {
					if w.Gate == "registry" {
						held = &w
					}
				}
				return d.Settled && d.Phase == "Converged" && len(d.Instances) == 1 && d.Revision == 2
			})
		}
		cancel()
		following.Wait()
		if away > 0 {
			t.Errorf("for %d looks no server was whole\n%s\n%s", away, s.story("eureka-1"), s.story("eureka-2"))
		}
		if held == nil || held.Reason == "" {
			t.Errorf("nobody was told that a server waits for its peer: %+v", held)
		}
	})
}

func TestTheLossOfTheOnlyEurekaServerIsPlanned(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		registry := eureka("main")
		registry.Eureka.Spec.Servers = []string{"http://eureka-1:8761/eureka"}
		s.apply(registry, eurekaServer("eureka-1", "eureka:1"))
		s.settled("eureka-1")
		result, err := s.c.Plan(s.t.Context(), api.ApplyRequest{Manifests: []spec.Manifest{eurekaServer("eureka-1", "eureka:2")}})
		if err != nil {
			t.Fatal(err)
		}
		if notes := strings.Join(result.Items[0].Notes, "\n"); !strings.Contains(notes, "eureka/main has no other server") {
			t.Errorf("notes\n%s", notes)
		}
		s.apply(eurekaServer("eureka-1", "eureka:2"))
		if d := s.settled("eureka-1"); d.Revision != 2 {
			t.Errorf("it waited for nobody: %+v", d)
		}
	})
}
