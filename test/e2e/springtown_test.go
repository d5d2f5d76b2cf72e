package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// dwell is how long a service's instances must be ready before they count as ready.
const dwell = 2 * time.Second

// town is a house with real Eureka servers, and a real gateway before real services. A house may hold several.
type town struct {
	*house
	// name is the Eureka object's.
	name       string
	generation testbed.Spring
	servers    []*testbed.Registry
	gateway    testbed.SpringGateway
}

// newTown builds one. Short caches live for a second each, and segue is told of 4 s, so that a gateway which has to wait
// for the processor has not promised too much; else they are Spring's defaults.
func newTown(ctx context.Context, h *house, name string, generation testbed.Spring, servers int, short bool, services ...string) *town {
	GinkgoHelper()
	t := &town{house: h, name: name, generation: generation}
	server, consumer := map[string]string{}, map[string]string{}
	caches := "{}"
	if short {
		server, consumer, caches = testbed.ShortEureka, testbed.ShortConsumer, "{responseSeconds: 1, fetchSeconds: 4, loadBalancerSeconds: 4}"
	}
	var err error
	t.servers, err = generation.Eureka(ctx, t.bed, name, servers, server)
	Expect(err).NotTo(HaveOccurred())
	t.write(name, t.manifest(caches))
	var apps []testbed.App
	for _, name := range services {
		apps = append(apps, testbed.App{Name: name})
	}
	t.gateway, err = generation.StartGateway(ctx, t.bed, generation.Gateway("gateway-"+name, t.urls(), apps...), consumer)
	Expect(err).NotTo(HaveOccurred())
	return t
}

func (t *town) manifest(caches string) string {
	return "apiVersion: segue.dev/v1\nkind: Eureka\nmetadata: {name: " + t.name + "}\nspec: {servers: [" +
		strings.Join(strings.Split(t.urls(), ","), ", ") + "], caches: " + caches + "}\n"
}

// urls are the servers', as Spring wants them: by their containers' names. Of a name segue knows whether it runs; an
// address that nobody has any more does not answer, which is not to refuse.
func (t *town) urls() string {
	var urls []string
	for _, server := range t.servers {
		urls = append(urls, "http://"+server.Name+":8761/eureka")
	}
	return strings.Join(urls, ",")
}

// service is one that says UP a second before it is ready, wants to be warmed up, and takes its time.
func (t *town) service(name, strategy string) testbed.App {
	app := t.generation.Service(name, t.urls())
	app.Strategy, app.Eureka = strategy, "{registry: "+t.name+"}"
	app.Env["READY_DELAY"] = "1000"
	app.Spec = []string{fmt.Sprintf("minReadySeconds: %d", int(dwell.Seconds())), "drainTimeoutSeconds: 3"}
	app.Template = []string{`warmup: [{method: POST, path: /warmup, headers: {Content-Type: application/json}, body: '{"sample": 1}', expect: {status: "200"}}]`}
	return app
}

// took is how long a rollout took: all of it, and from the first new instance that was ready to the end, which is what
// Eureka costs.
type took struct {
	whole, after time.Duration
}

func (k took) String() string {
	return fmt.Sprintf("%s, of which %s since the first was ready", k.whole.Round(100*time.Millisecond), k.after.Round(100*time.Millisecond))
}

// rolls applies apps and waits for the ends of their rollouts.
func (h *house) rolls(ctx context.Context, apps ...testbed.App) []took {
	GinkgoHelper()
	begun := time.Now()
	ready, times := make([]time.Time, len(apps)), make([]took, len(apps))
	for _, app := range apps {
		h.write(app.Name, app.YAML())
	}
	Eventually(func() error {
		var missing error
		for n, app := range apps {
			status, err := h.segue.Status(ctx, app.Name)
			if err != nil {
				missing = err
				continue
			}
			for _, instance := range status.Instances {
				if ready[n].IsZero() && instance.Ready && instance.Image == app.Image() {
					ready[n] = time.Now()
				}
			}
			switch {
			case times[n].whole != 0:
			case testbed.Rolled(app)(status):
				times[n] = took{time.Since(begun), time.Since(ready[n])}
			default:
				missing = fmt.Errorf("%s is %s, and waits for %+v", app.Name, status.Phase, status.WaitingFor)
			}
		}
		return missing
	}).WithTimeout(8 * time.Minute).WithPolling(100 * time.Millisecond).Should(Succeed())
	return times
}

// tells rolls apps out and reports how long that took.
func (h *house) tells(ctx context.Context, what string, apps ...testbed.App) {
	GinkgoHelper()
	for n, times := range h.rolls(ctx, apps...) {
		AddReportEntry(what, apps[n].Name+" "+apps[n].Strategy+" "+apps[n].Eureka+": "+times.String())
	}
}

// found waits until the gateway answers for the app: its consumers' caches have it.
func (t *town) found(ctx context.Context, app testbed.App) {
	GinkgoHelper()
	Eventually(func() error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+t.gateway.Address+"/", nil)
		if err != nil {
			return err
		}
		request.Host = app.Host()
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("the gateway answers %s", response.Status)
		}
		return nil
	}).WithTimeout(3 * time.Minute).Should(Succeed())
}

// callers call the apps through the gateway, rate requests a second each. Nobody tries again: neither they nor it.
func (t *town) callers(rate float64, apps ...testbed.App) []load.Job {
	return callersThrough("gateway", t.gateway.Address, rate, apps...)
}

func callersThrough(by, address string, rate float64, apps ...testbed.App) []load.Job {
	var jobs []load.Job
	for _, app := range apps {
		target := load.Target{Address: address, Host: app.Host(), Service: app.Name}
		for _, job := range []load.Job{
			{Client: load.Careful, Request: load.Get, Rate: rate * 0.4},
			{Client: load.Careful, Request: load.Post, Rate: rate * 0.3},
			{Client: load.OneShot, Request: load.Get, Rate: rate * 0.15},
			{Client: load.OneShot, Request: load.Post, Rate: rate * 0.1},
			{Client: load.Careful, Request: load.Slow, Rate: rate * 0.04, Takes: time.Second},
			{Client: load.Careful, Request: load.Stream, Rate: rate * 0.01, Takes: time.Second},
		} {
			job.Name = fmt.Sprintf("%s, by the %s: %s %s", app.Name, by, job.Client, job.Request)
			job.Target = target
			// What is slow because the machine is busy is not lost.
			job.Timeout = job.Takes + 40*time.Second
			jobs = append(jobs, job)
		}
	}
	return jobs
}

// springStats is what the service counts of itself.
type springStats struct {
	Requests, DarkRequests, Warmups int
	FirstMillis, ReadyMillis        int64
}

// watchman looks at every instance of apps several times a second, and at what the servers say of it.
type watchman struct {
	town *town
	apps []testbed.App

	mu    sync.Mutex
	stats map[string]springStats
	// said are the statuses that each server had for each instance, in order.
	said  map[string][]string
	waits map[string]bool
}

func (t *town) watch(ctx context.Context, apps ...testbed.App) *watchman {
	w := &watchman{town: t, apps: apps, stats: map[string]springStats{}, said: map[string][]string{}, waits: map[string]bool{}}
	ctx, enough := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		for testbed.Pause(ctx, 300*time.Millisecond) {
			for _, app := range apps {
				w.look(ctx, app)
			}
		}
	})
	DeferCleanup(func() {
		enough()
		watching.Wait()
	})
	return w
}

func (w *watchman) look(ctx context.Context, app testbed.App) {
	list, err := w.town.segue.Client.List(ctx, api.Query{Kind: "Deployment", Name: app.Name})
	if err != nil {
		return // it was killed
	}
	for _, item := range list.Items {
		w.mu.Lock()
		for _, wait := range item.Deployment.WaitingFor {
			w.waits[wait.Gate+": "+wait.Reason] = true
		}
		w.mu.Unlock()
		for _, instance := range item.Deployment.Instances {
			w.lookAt(ctx, app, instance)
		}
	}
}

func (w *watchman) lookAt(ctx context.Context, app testbed.App, instance api.Instance) {
	for n, server := range w.town.servers {
		lease, err := server.Lease(ctx, app.Name, instance.EurekaID)
		if err != nil {
			continue // it is away
		}
		key, status := fmt.Sprintf("%s at %d", instance.Name, n+1), lease.Status
		if status == "" {
			status = "-"
		}
		w.mu.Lock()
		if said := w.said[key]; len(said) == 0 || said[len(said)-1] != status {
			w.said[key] = append(said, status)
		}
		w.mu.Unlock()
	}
	if instance.ExitCode != nil {
		return
	}
	if one, err := springStatsOf(ctx, instance.Address); err == nil {
		w.mu.Lock()
		w.stats[instance.Name] = one
		w.mu.Unlock()
	}
}

func springStatsOf(ctx context.Context, address string) (springStats, error) {
	var one springStats
	return one, springGet(ctx, "http://"+net.JoinHostPort(address, "8080")+"/stats", &one)
}

func springGet(ctx context.Context, url string, to any) error {
	text, code, err := springText(ctx, url)
	if err != nil {
		return err
	}
	if code != http.StatusOK {
		return fmt.Errorf("GET %s: %d", url, code)
	}
	return json.Unmarshal([]byte(text), to)
}

func springText(ctx context.Context, url string) (string, int, error) {
	ctx, done := context.WithTimeout(ctx, 2*time.Second)
	defer done()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", 0, err
	}
	request.Close = true
	request.Header.Set("Accept", "application/json, text/plain")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", 0, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return string(text), response.StatusCode, err
}

// expectDark fails where an instance was asked before it was ready, warm, and had been ready for as long as it must.
func (w *watchman) expectDark() {
	GinkgoHelper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, instance := range slices.Sorted(maps.Keys(w.said)) {
		AddReportEntry("a lease's statuses", instance+": "+strings.Join(w.said[instance], " "), ReportEntryVisibilityFailureOrVerbose)
	}
	asked := 0
	for name, one := range w.stats {
		Expect(one.DarkRequests).To(BeZero(), "requests that reached %s before it was ready: %+v", name, one)
		if one.FirstMillis == 0 {
			continue
		}
		asked++
		Expect(one.Warmups).To(BeNumerically(">", 0), "warm-ups of %s", name)
		Expect(one.FirstMillis-one.ReadyMillis).To(BeNumerically(">=", dwell.Milliseconds()), "ms from ready to the first request of %s", name)
	}
	Expect(asked).To(BeNumerically(">", 1), "instances that were asked: %v", w.stats)
}

// expectOrder fails where a server ever said UP of an instance that had not been dark there before.
func (w *watchman) expectOrder() {
	GinkgoHelper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for instance, said := range w.said {
		up := slices.Index(said, "UP")
		if up > 0 {
			Expect(said[:up]).To(ContainElement("OUT_OF_SERVICE"), "%s: %v", instance, said)
		}
	}
}

// expectAnswered fails with the whole report where anything was lost, or hardly anything was asked.
func expectAnswered(report load.Report, least int) {
	GinkgoHelper()
	Expect(report.Requests).To(BeNumerically(">", least), "requests: is there any load?\n%s", report)
	Expect(report.Failed()).To(BeZero(), "%s", report)
}
