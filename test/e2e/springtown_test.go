package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

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
	// consumer is what a client's environment says of its caches.
	consumer map[string]string
	// gateway is its HOST:PORT.
	gateway string
}

// Caches, of the servers and of their clients, and what segue is told of them.
const (
	// briefly: they live for a second each, and segue is told of 4 s, so that a gateway which has to wait for the processor
	// has not promised too much.
	briefly = "{responseSeconds: 1, fetchSeconds: 4, loadBalancerSeconds: 4}"
	// byDefault: they are Spring's.
	byDefault = "{}"
)

// newTown builds a town of Eureka servers. Its gateway comes later.
func newTown(ctx context.Context, h *house, name string, generation testbed.Spring, servers int, caches string) *town {
	GinkgoHelper()
	t := &town{house: h, name: name, generation: generation}
	var server map[string]string
	if caches == briefly {
		server, t.consumer = testbed.ShortEureka, testbed.ShortConsumer
	}
	var err error
	t.servers, err = generation.Eureka(ctx, t.bed, name, servers, server)
	Expect(err).NotTo(HaveOccurred())
	t.write(name, t.manifest(caches))
	return t
}

// newQuickTown builds one in a house of its own: two servers, and caches that live for a second.
func newQuickTown(ctx context.Context, generation testbed.Spring) *town {
	GinkgoHelper()
	Expect(generation.Make(ctx)).To(Succeed())
	return newTown(ctx, newHouse(ctx, ""), "quick", generation, 2, briefly)
}

// settle starts services and the gateway side by side, and waits until each serves and is found.
func (t *town) settle(ctx context.Context, apps ...testbed.App) {
	GinkgoHelper()
	for _, app := range apps {
		t.write(app.Name, app.YAML())
	}
	t.open(ctx, apps...)
	t.rolls(ctx, apps...)
	t.found(ctx, apps...)
}

// open has segue run the gateway, behind both nginx: in locations of segue's own, whose clients lose nothing in a reload of
// an old nginx either. A gateway that comes after its services finds them at once; one that comes before, when its caches
// have ended.
func (t *town) open(ctx context.Context, apps ...testbed.App) {
	GinkgoHelper()
	gateway := t.generation.Gateway("gateway-"+t.name, t.urls(), apps...)
	maps.Copy(gateway.Env, t.consumer)
	t.apply(ctx, gateway)
	t.include(ctx)
	t.rolls(ctx, gateway)
	t.gateway = instancesOf(t.status(ctx, gateway))[0].Address + ":8080"
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
	app.Routes, app.Strategy, app.Eureka = "-", strategy, "{registry: "+t.name+"}"
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
				h.segue.Count(app.Name, status)
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

// found waits until the gateway answers for the apps, by itself and behind nginx: its caches have them.
func (t *town) found(ctx context.Context, apps ...testbed.App) {
	GinkgoHelper()
	addresses := []string{t.gateway}
	for _, server := range t.nginx {
		addresses = append(addresses, server.Address)
	}
	for _, app := range apps {
		for _, address := range addresses {
			Eventually(answersOK).WithArguments(ctx, address, app.Host()).WithTimeout(3 * time.Minute).Should(Succeed())
		}
	}
}

// answersOK asks for / of a host at an address.
func answersOK(ctx context.Context, address, host string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/", nil)
	if err != nil {
		return err
	}
	request.Host = host
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s for %s", address, response.Status, host)
	}
	return nil
}

// callers call the apps through the gateway, half of them through an nginx before it; rate requests a second each.
// Nobody tries again: neither they nor it.
func (t *town) callers(rate float64, apps ...testbed.App) []load.Job {
	jobs := callersThrough("gateway", t.gateway, rate/2, apps...)
	for n, server := range t.nginx {
		jobs = append(jobs, callersThrough(servers[n]+" nginx and the gateway", server.Address, rate/2/float64(len(t.nginx)), apps...)...)
	}
	return jobs
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

// expectAnswered fails with the whole report where anything was lost, or hardly anything was asked.
func expectAnswered(report load.Report, least int) {
	GinkgoHelper()
	AddReportEntry("answered", fmt.Sprintf("%d of %d", report.Good, report.Requests))
	Expect(report.Requests).To(BeNumerically(">", least), "requests: is there any load?\n%s", report)
	Expect(report.Failed()).To(BeZero(), "%s", report)
}
