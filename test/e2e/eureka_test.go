package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// selfRegistering is an app that is a Eureka client, as a Spring Cloud service is: it says UP before it is ready.
func selfRegistering(name string, strategy string) testbed.App {
	return testbed.App{
		Name: name, Version: 1, Replicas: 2, Strategy: strategy, Eureka: "{}", Spec: []string{"drainTimeoutSeconds: 3"},
		Env: map[string]string{"START_DELAY": "300ms", "READY_DELAY": "700ms", "EUREKA_HEARTBEAT": "2s"},
	}
}

// managed is an app that knows nothing of Eureka: segue registers it. Nobody calls it but by Eureka.
func managed(name string) testbed.App {
	return testbed.App{
		Name: name, Version: 1, Replicas: 2, Strategy: "{rollingUpdate: {maxSurge: 2}}", Eureka: "{mode: Managed}", Routes: "-",
		Spec: []string{"drainTimeoutSeconds: 3"}, Env: map[string]string{"START_DELAY": "300ms", "READY_DELAY": "700ms"},
	}
}

// consumers are a Spring Cloud app that calls each of these apps by Eureka, rate requests a second each. It fetches each
// second, and its load balancer caches for a second. servers are what it knows, in its order.
func consumers(rate float64, servers []string, apps ...testbed.App) []load.Job {
	var jobs []load.Job
	for _, app := range apps {
		target := load.Target{Service: app.Name, Host: app.Name, Discovery: &load.Discovery{
			Server: servers[0], Others: servers[1:], VIP: app.Name, Fetch: time.Second, Balancer: time.Second,
		}}
		for _, job := range []load.Job{
			{Client: load.Careful, Request: load.Get, Rate: rate * 0.4},
			{Client: load.Naive, Request: load.Post, Rate: rate * 0.4},
			{Client: load.OneShot, Request: load.Get, Rate: rate * 0.19},
			{Client: load.Careful, Request: load.Slow, Rate: rate * 0.01},
		} {
			job.Name = fmt.Sprintf("%s, by eureka %s: %s %s", app.Name, servers[0], job.Client, job.Request)
			job.Target = target
			jobs = append(jobs, job)
		}
	}
	return jobs
}

// darkness watches what the instances themselves count, and what segue says that it waits for.
type darkness struct {
	mu    sync.Mutex
	seen  map[string]stats
	waits map[string]bool
}

// stats is what the sample service says at /stats.
type stats struct {
	Instance     string
	Version      string
	Requests     int
	DarkRequests int
}

// watchDarkness looks at every instance of the apps several times a second until ctx ends.
func (h *house) watchDarkness(ctx context.Context, apps ...testbed.App) *darkness {
	d := &darkness{seen: map[string]stats{}, waits: map[string]bool{}}
	ctx, enough := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		for testbed.Pause(ctx, 300*time.Millisecond) {
			for _, app := range apps {
				d.look(ctx, h.segue, app)
			}
		}
	})
	DeferCleanup(func() {
		enough()
		watching.Wait()
	})
	return d
}

func (d *darkness) look(ctx context.Context, segue *testbed.Controller, app testbed.App) {
	list, err := segue.Client.List(ctx, api.Query{Kind: "Deployment", Name: app.Name})
	if err != nil {
		return // it was killed
	}
	for _, item := range list.Items {
		d.mu.Lock()
		for _, wait := range item.Deployment.WaitingFor {
			d.waits[wait.Gate+": "+wait.Reason] = true
		}
		d.mu.Unlock()
		for _, instance := range item.Deployment.Instances {
			if instance.ExitCode != nil {
				continue
			}
			if one, err := statsOf(ctx, instance.Address); err == nil {
				d.mu.Lock()
				d.seen[instance.Name] = one
				d.mu.Unlock()
			}
		}
	}
}

// waited are all the waits that were told, as GATE: REASON.
func (d *darkness) waited() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(maps.Keys(d.waits))
}

// expectNone fails where an instance was asked before it was ready, and where none was seen.
func (d *darkness) expectNone() {
	GinkgoHelper()
	d.mu.Lock()
	defer d.mu.Unlock()
	Expect(d.seen).NotTo(BeEmpty())
	for name, one := range d.seen {
		Expect(one.DarkRequests).To(BeZero(), "requests that reached %s while it was dark", name)
	}
}

func statsOf(ctx context.Context, address string) (stats, error) {
	ctx, done := context.WithTimeout(ctx, time.Second)
	defer done()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(address, "8080")+"/stats", nil)
	if err != nil {
		return stats{}, err
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return stats{}, err
	}
	defer response.Body.Close()
	var one stats
	return one, json.NewDecoder(response.Body).Decode(&one)
}

// eurekaIDs are the ids of an app's instances that run, sorted.
func eurekaIDs(d api.DeploymentStatus) []string {
	var ids []string
	for _, instance := range d.Instances {
		if instance.ExitCode == nil {
			ids = append(ids, instance.EurekaID)
		}
	}
	slices.Sort(ids)
	return ids
}

// leases reads the live entries of ids.
func leases(ctx context.Context, registry *testbed.Registry, app string, ids []string) func() ([]testbed.Lease, error) {
	return func() ([]testbed.Lease, error) {
		var all []testbed.Lease
		for _, id := range ids {
			lease, err := registry.Lease(ctx, app, id)
			if err != nil {
				return nil, err
			}
			all = append(all, lease)
		}
		return all, nil
	}
}

// next is another version of an app.
func next(app *testbed.App) testbed.App {
	app.Version = app.Version%9 + 1
	return *app
}

// visible waits until a consumer of the registry would find all replicas of the apps, and nobody else under their names.
func visible(ctx context.Context, registry *testbed.Registry, apps ...testbed.App) {
	GinkgoHelper()
	want := map[string]int{}
	for _, app := range apps {
		want[app.EurekaName()] = app.Replicas
	}
	Eventually(func() (map[string]int, error) {
		all, err := registry.Leases(ctx)
		found := map[string]int{}
		for _, lease := range all {
			if _, asked := want[lease.App]; asked && lease.Status == "UP" {
				found[lease.App]++
			}
		}
		return found, err
	}).Should(Equal(want), "UP at "+registry.Name)
}
