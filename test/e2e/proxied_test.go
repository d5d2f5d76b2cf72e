package e2e

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// proxied is an app that callers find by Eureka and reach through nginx, and in no other way. It would register itself
// if nobody told it not to.
func proxied(name, strategy string) testbed.App {
	return testbed.App{
		Name: name, Version: 1, Replicas: 2, Strategy: strategy, Eureka: "{mode: Proxied}", Routes: "-",
		Spec: []string{"drainTimeoutSeconds: 3", "progressDeadlineSeconds: 6"}, Env: map[string]string{"START_DELAY": "300ms", "READY_DELAY": "700ms"},
	}
}

// doors is a house with a registry of segue's own.
type doors struct {
	*house
	registry *testbed.Registry
}

// newDoors builds one in which the apps serve.
func newDoors(ctx context.Context, apps ...testbed.App) *doors {
	GinkgoHelper()
	t := &doors{house: newHouse(ctx, "")}
	t.write("edge", testbed.NginxYAML("edge", patient, t.nginx...))
	t.write("main", testbed.EurekaYAML())
	for _, app := range apps {
		t.apply(ctx, app)
	}
	t.include(ctx)
	for _, app := range apps {
		t.rolled(ctx, app)
	}
	var err error
	t.registry, err = t.bed.OwnRegistry(ctx)
	Expect(err).NotTo(HaveOccurred())
	for _, app := range apps {
		t.found(ctx, app, 2)
	}
	return t
}

// found waits until callers find exactly these many under the app's name.
func (t *doors) found(ctx context.Context, app testbed.App, n int) []testbed.Lease {
	GinkgoHelper()
	var up []testbed.Lease
	Eventually(func() (int, error) {
		all, err := t.registry.Leases(ctx)
		up = nil
		for _, lease := range all {
			if lease.App == app.EurekaName() && lease.Status == "UP" {
				up = append(up, lease)
			}
		}
		return len(up), err
	}).WithTimeout(30*time.Second).Should(Equal(n), "UP of "+app.Name)
	return up
}

// callers look before they use a connection again, as Spring's do: each has one for every address, and takes turns, so
// that one rests for as long as the other takes, two seconds where the answers take as long. The house is patient for that.
func (t *doors) callers(apps ...testbed.App) []load.Job {
	jobs := consumers(200, []string{t.registry.URL}, apps...)
	for i := range jobs {
		if jobs[i].Client == load.Naive {
			jobs[i].Client = load.Careful
		}
	}
	return jobs
}

var _ = Describe("Eureka: nginx in place of the instances", Ordered, ContinueOnFailure, func() {
	var t *doors
	orders, payments := proxied("orders", "{rollingUpdate: {maxSurge: 1}}"), proxied("payments", "{type: BlueGreen, blueGreen: {scaleDownDelaySeconds: 1}}")
	const enough = SpecTimeout(2 * time.Minute)

	BeforeAll(func(ctx SpecContext) { t = newDoors(ctx, orders, payments) }, NodeTimeout(2*time.Minute))

	It("is registered once per server, at a port of its own, and no instance is", func(ctx SpecContext) {
		for _, app := range []testbed.App{orders, payments} {
			for _, lease := range t.found(ctx, app, 2) {
				Expect(lease.InstanceID).To(HavePrefix(t.bed.Name + ":" + app.Name + ":nginx:edge:"))
			}
		}
		Eventually(func() string { return t.cli(ctx, 0, "get", "instances", "-o", "wide") }).Should(ContainSubstring("nginx UP 2/2"))
		Expect(t.cli(ctx, 0, "describe", "deployment", "orders")).To(SatisfyAll(ContainSubstring("mode Proxied"), ContainSubstring("UP 1/1")))
	}, enough)

	It("lets a rolling update and a blue/green switch pass without a change in Eureka, and nobody loses a request", func(ctx SpecContext) {
		before := append(t.found(ctx, orders, 2), t.found(ctx, payments, 2)...)
		dark := t.watchDarkness(ctx, orders, payments)
		report := under(ctx, t.callers(orders, payments), func(*load.Generator) {
			for range rounds() {
				for _, app := range []*testbed.App{&orders, &payments} {
					took := t.roll(ctx, next(app))
					AddReportEntry("rollout time of "+app.Name, took.Round(100*time.Millisecond).String())
				}
			}
		})
		expectNothingLost(report)
		dark.expectNone()
		Expect(append(t.found(ctx, orders, 2), t.found(ctx, payments, 2)...)).To(ConsistOf(before), "the same registrations since the same time")
		for _, wait := range dark.waited() {
			Expect(wait).NotTo(HavePrefix("propagation: "))
		}
	}, SpecTimeout(10*time.Minute))

	It("rolls a bad release back, and nobody loses a request", func(ctx SpecContext) {
		good := orders
		report := under(ctx, t.callers(orders), func(*load.Generator) {
			bad := next(&orders)
			bad.Env = map[string]string{"FAIL_READY": "true"}
			t.apply(ctx, bad)
			t.cli(ctx, 5, "rollout", "status", "deployment/orders")
			orders = good
			t.apply(ctx, orders)
			t.rolled(ctx, orders)
		})
		expectNothingLost(report)
		Expect(report.VersionNames()).To(Equal([]string{version(orders)}))
		t.found(ctx, orders, 2)
	}, enough)

	It("outlives kill -9 of segue at random moments of rollouts", func(ctx SpecContext) {
		seed := uint64(GinkgoRandomSeed())
		random := rand.New(rand.NewPCG(seed, seed))
		report := under(ctx, t.callers(orders, payments), func(*load.Generator) {
			t.apply(ctx, next(&orders))
			t.apply(ctx, next(&payments))
			for range 6 {
				testbed.Pause(ctx, time.Duration(random.IntN(1500))*time.Millisecond)
				Expect(t.segue.Kill()).To(Succeed())
				Expect(t.segue.Start(ctx)).To(Succeed())
			}
			t.rolled(ctx, orders)
			t.rolled(ctx, payments)
		})
		expectNothingLost(report)
		t.found(ctx, orders, 2)
		t.found(ctx, payments, 2)
	}, enough)

	It("stays behind its port until the last caller has forgotten a deleted deployment", func(ctx SpecContext) {
		lease := t.found(ctx, payments, 2)[0]
		Expect(os.Remove(filepath.Join(t.segue.Manifests, "payments.yaml"))).To(Succeed())
		Eventually(func() (string, error) {
			out, _, err := t.segue.CLI(ctx, "delete", "deployment", "payments", "--wait=false")
			return out, err
		}).Should(ContainSubstring("deleted"))
		t.found(ctx, payments, 0)
		for begin := time.Now(); time.Since(begin) < 1500*time.Millisecond; {
			Expect(answer(ctx, lease)).To(Equal(http.StatusOK))
			testbed.Pause(ctx, 20*time.Millisecond)
		}
		Eventually(func() int { return answer(ctx, lease) }).WithTimeout(20 * time.Second).Should(BeZero())
	}, enough)
})

// answer is the status with which a registered place answers; 0 where nobody does.
func answer(ctx context.Context, lease testbed.Lease) int {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+lease.Place()+"/whoami", nil)
	if err != nil {
		return 0
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body) // only the status counts
	return response.StatusCode
}

var _ = Describe("Eureka: one of two nginx in place of the instances", Ordered, ContinueOnFailure, func() {
	var t *doors
	orders := proxied("orders", "{rollingUpdate: {maxSurge: 2}}")
	const enough = SpecTimeout(2 * time.Minute)

	BeforeAll(func(ctx SpecContext) { t = newDoors(ctx, orders) }, NodeTimeout(2*time.Minute))

	for n, name := range servers {
		It("goes: its registration goes within seconds, and nothing is lost once callers know; it comes back: the "+name+" one", func(ctx SpecContext) {
			report := under(ctx, t.callers(orders), func(generator *load.Generator) {
				testbed.Pause(ctx, time.Second)
				expectNothingLost(generator.Lap())
				begin := time.Now()
				docker(ctx, "stop", "-t", "0", t.nginx[n].Name)
				t.found(ctx, orders, 1)
				AddReportEntry("out of Eureka after", time.Since(begin).Round(10*time.Millisecond).String())
				Expect(time.Since(begin)).To(BeNumerically("<", 8*time.Second))
				testbed.Pause(ctx, 6*time.Second) // a fetch, the load balancer's cache, and the end of the last attempt to dial
				generator.Lap()
				t.apply(ctx, next(&orders))
				t.await(ctx, orders, "rolled without it", testbed.Rolled(orders))
				docker(ctx, "start", t.nginx[n].Name)
				t.found(ctx, orders, 2)
				t.roll(ctx, next(&orders))
				since := generator.Lap()
				AddReportEntry("since callers know", since.String(), ReportEntryVisibilityFailureOrVerbose)
				expectNothingLost(since)
			})
			Expect(report.Requests).To(BeNumerically(">", 100))
		}, enough)
	}

	It("and both stop: the last stays registered, and callers are served as soon as one is back", func(ctx SpecContext) {
		for _, server := range t.nginx {
			docker(ctx, "stop", "-t", "0", server.Name)
			t.found(ctx, orders, 1)
		}
		Consistently(func() int { return len(t.found(ctx, orders, 1)) }).WithTimeout(3 * time.Second).Should(Equal(1))
		for _, server := range t.nginx {
			docker(ctx, "start", server.Name)
		}
		// The last one is registered before it listens again.
		for _, lease := range t.found(ctx, orders, 2) {
			Eventually(func() int { return answer(ctx, lease) }).WithTimeout(10 * time.Second).Should(Equal(http.StatusOK))
		}
		t.found(ctx, orders, 2)
		t.rolled(ctx, orders)
		expectNothingLost(under(ctx, t.callers(orders), func(*load.Generator) { testbed.Pause(ctx, time.Second) }))
	}, enough)
})

var _ = Describe("Eureka: an nginx in place of the instances", Ordered, func() {
	var t *doors
	orders := proxied("orders", "{rollingUpdate: {maxSurge: 2}}")

	BeforeAll(func(ctx SpecContext) { t = newDoors(ctx, orders) }, NodeTimeout(2*time.Minute))

	It("is made anew, as compose does, and is called where it was", func(ctx SpecContext) {
		places := func() (all []string) {
			for _, lease := range t.found(ctx, orders, 2) {
				all = append(all, lease.Place())
			}
			return all
		}
		before := places()
		report := under(ctx, t.callers(orders), func(generator *load.Generator) {
			for _, server := range t.nginx {
				Expect(server.Remove(ctx)).To(Succeed())
				t.found(ctx, orders, 1)
				Expect(server.Create(ctx)).To(Succeed())
				Expect(places()).To(ConsistOf(before))
			}
			testbed.Pause(ctx, 6*time.Second) // a fetch, the load balancer's cache, and the end of the last attempt to dial
			generator.Lap()
			t.roll(ctx, next(&orders))
			expectNothingLost(generator.Lap())
		})
		AddReportEntry("two containers made anew", report.FailureText())
	}, SpecTimeout(110*time.Second))
})

var _ = Describe("Eureka: a service that is moved", Ordered, ContinueOnFailure, func() {
	var t *doors
	rolling := selfRegistering("orders", "{rollingUpdate: {maxSurge: 2}}")
	blueGreen := selfRegistering("payments", "{type: BlueGreen, blueGreen: {scaleDownDelaySeconds: 1}}")
	rolling.Routes, blueGreen.Routes = "-", "-"
	const enough = SpecTimeout(2 * time.Minute)

	BeforeAll(func(ctx SpecContext) { t = newDoors(ctx, rolling, blueGreen) }, NodeTimeout(2*time.Minute))

	moves := []string{"Proxied", "Managed", "Proxied", "Self"}
	if long() {
		moves = append(moves, "Managed", "Self")
	}
	for _, to := range moves {
		It("to "+to+" loses no request", func(ctx SpecContext) {
			dark := t.watchDarkness(ctx, rolling, blueGreen)
			report := under(ctx, t.callers(rolling, blueGreen), func(*load.Generator) {
				for _, app := range []*testbed.App{&rolling, &blueGreen} {
					app.Eureka = "{mode: " + to + "}"
					t.apply(ctx, next(app))
				}
				for _, app := range []testbed.App{rolling, blueGreen} {
					t.rolled(ctx, app)
					t.await(ctx, app, "moved", func(d api.DeploymentStatus) bool { return d.Phase == "Converged" })
					t.found(ctx, app, 2)
				}
			})
			expectNothingLost(report)
			dark.expectNone()
		}, enough)
	}
})
