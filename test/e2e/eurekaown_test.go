package e2e

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

var _ = Describe("Eureka: callers by segue's own registry", Ordered, ContinueOnFailure, func() {
	var h *house
	var registry *testbed.Registry
	orders := selfRegistering("orders", "{rollingUpdate: {maxSurge: 1}}")
	orders.Routes = "-"
	payments := selfRegistering("payments", "{type: BlueGreen, blueGreen: {autoPromote: false, scaleDownDelaySeconds: 1}}")
	prices := managed("prices")
	const enough = SpecTimeout(3 * time.Minute)

	BeforeAll(func(ctx SpecContext) {
		h = newHouse(ctx, "")
		h.write("main", testbed.EurekaYAML())
		for _, app := range []testbed.App{orders, payments, prices} {
			h.apply(ctx, app)
		}
		h.include(ctx)
		for _, app := range []testbed.App{orders, payments, prices} {
			h.rolled(ctx, app)
		}
		var err error
		registry, err = h.bed.OwnRegistry(ctx)
		Expect(err).NotTo(HaveOccurred())
		visible(ctx, registry, orders, payments, prices)
	}, NodeTimeout(2*time.Minute))

	// callers come by Eureka and by both nginx servers.
	callers := func(apps ...testbed.App) []load.Job {
		jobs := consumers(120, []string{registry.URL}, apps...)
		for _, app := range apps {
			if app.Routes != "-" {
				jobs = append(jobs, h.mixed(60, app)...)
			}
		}
		return jobs
	}

	It("lose nothing in a blue/green switch, and green is dark until it is promoted", func(ctx SpecContext) {
		dark := h.watchDarkness(ctx, payments)
		report := under(ctx, callers(payments), func(generator *load.Generator) {
			h.apply(ctx, next(&payments))
			h.cli(ctx, 4, "rollout", "status", "deployment/payments")
			Expect(h.cli(ctx, 0, "get", "instances", "-o", "wide")).To(ContainSubstring("OUT_OF_SERVICE 1/1"))
			Expect(h.cli(ctx, 0, "describe", "eureka", "main")).To(SatisfyAll(ContainSubstring("2 OUT_OF_SERVICE"), ContainSubstring("6 UP")))
			Expect(generator.Lap().VersionNames()).To(Equal([]string{"1"}))
			h.cli(ctx, 0, "promote", "payments")
			h.rolled(ctx, payments)
			switching := generator.Lap()
			AddReportEntry("load of the switch", switching.String(), ReportEntryVisibilityFailureOrVerbose)
			expectNothingLost(switching)
		})
		Expect(report.Failed()).To(BeZero(), "%s", report)
		Expect(report.VersionNames()).To(Equal([]string{version(payments)}))
		dark.expectNone()
	}, enough)

	It("find a deployment no more soon after it was deleted", func(ctx SpecContext) {
		ids := eurekaIDs(h.await(ctx, payments, "rolled", testbed.Rolled(payments)))
		Expect(ids).To(HaveLen(2))
		Expect(os.Remove(filepath.Join(h.segue.Manifests, "payments.yaml"))).To(Succeed())
		Eventually(func() (string, error) {
			out, _, err := h.segue.CLI(ctx, "delete", "deployment", "payments", "--wait=false")
			return out, err
		}).Should(ContainSubstring("deleted"))
		Eventually(leases(ctx, registry, payments.Name, ids)).Should(HaveEach(HaveField("Status", "")))
		for _, id := range []string{h.bed.Name + ":orders:orders-gone-1", h.bed.Name + ":nobody:nobody-gone-1", "stranger:orders:orders-gone-1"} {
			Expect(registry.Register(ctx, "leftover", id, "10.83.0.1")).To(Succeed())
		}
	}, enough)

	It("lose nothing in a rolling update, and no instance is asked before it is ready", func(ctx SpecContext) {
		dark := h.watchDarkness(ctx, orders, prices)
		var said string
		var code int
		var err error
		described := make(chan string, 1)
		report := under(ctx, callers(orders, prices), func(*load.Generator) {
			h.apply(ctx, next(&orders))
			h.apply(ctx, next(&prices))
			go func() { described <- h.describedWhile(ctx, prices, "SHUT  propagation") }()
			said, code, err = h.segue.CLI(ctx, "rollout", "status", "deployment/prices", "--timeout", "30s")
			h.rolled(ctx, orders)
			h.rolled(ctx, prices)
		})
		expectNothingLost(report)
		Expect(report.VersionNames()).To(Equal([]string{"1", "2"}))
		dark.expectNone()
		Expect(err).NotTo(HaveOccurred())
		Expect(code).To(BeZero(), "it is done before the stopped containers are removed: %s", said)
		const why = "forget it within 2 s (fetch + load balancer)"
		Expect(said).To(SatisfyAll(ContainSubstring("(propagation: prices-"), ContainSubstring(why)))
		Expect(<-described).To(ContainSubstring(why))
		Expect(dark.waited()).To(ContainElements(
			HavePrefix("visible: "), ContainSubstring(why)))
	}, enough)

	It("lose nothing when it is scaled up and down", func(ctx SpecContext) {
		dark := h.watchDarkness(ctx, orders, prices)
		report := under(ctx, callers(orders, prices), func(*load.Generator) {
			for _, replicas := range []int{3, 2} {
				orders.Replicas, prices.Replicas = replicas, replicas
				h.apply(ctx, orders)
				h.apply(ctx, prices)
				h.rolled(ctx, orders)
				h.rolled(ctx, prices)
			}
		})
		expectNothingLost(report)
		dark.expectNone()
	}, enough)

	It("lose instances that are killed for as long as their caches say, and those are replaced", func(ctx SpecContext) {
		dark := h.watchDarkness(ctx, orders, prices)
		report := under(ctx, callers(orders, prices), func(generator *load.Generator) {
			victims := map[string]string{}
			for _, app := range []testbed.App{orders, prices} {
				victims[app.Name] = eurekaIDs(h.await(ctx, app, "rolled", testbed.Rolled(app)))[0]
			}
			expectNothingLost(generator.Lap())
			killed := time.Now()
			for _, id := range victims {
				_, err := testbed.Docker(ctx, "kill", id[strings.LastIndex(id, ":")+1:])
				Expect(err).NotTo(HaveOccurred())
			}
			for app, id := range victims {
				Eventually(leases(ctx, registry, app, []string{id})).WithTimeout(5 * time.Second).Should(HaveEach(HaveField("Status", "")))
			}
			AddReportEntry("leases of the killed gone after", time.Since(killed).Round(10*time.Millisecond).String())
			h.rolled(ctx, orders)
			h.rolled(ctx, prices)
			visible(ctx, registry, orders, prices)
			testbed.Pause(ctx, 4*time.Second) // what their caches hold
			lost := generator.Lap()
			AddReportEntry("lost by the kill", lost.FailureText())
			Expect(lost.Failed(load.Refused, load.DialTimeout, load.DialOther, load.Reset, load.EOF, load.Truncated, load.Timeout)).To(BeZero(), "%s", lost)
			testbed.Pause(ctx, time.Second)
		})
		expectNothingLost(report)
		dark.expectNone()
	}, enough)

	It("find nothing that was left", func(ctx SpecContext) {
		Eventually(func() ([]string, error) {
			all, err := registry.Leases(ctx)
			var left []string
			for _, lease := range all {
				if strings.Contains(lease.InstanceID, "gone") {
					left = append(left, lease.InstanceID)
				}
			}
			return left, err
		}).WithTimeout(time.Minute).Should(ConsistOf("stranger:orders:orders-gone-1"), "leases without a container")
		Eventually(func() (int, error) {
			list, err := h.segue.Client.List(ctx, api.Query{Kind: "Deployment", Name: "payments"})
			return len(list.Items), err
		}).WithTimeout(time.Minute).Should(BeZero(), "what was deleted")
		Expect(h.bed.Leftovers(ctx)).NotTo(ContainSubstring("payments"))
	}, enough)

	It("do not notice that segue is killed and comes back: it adopts the leases, and the registry goes on", func(ctx SpecContext) {
		status := h.await(ctx, prices, "settled", testbed.Rolled(prices))
		seen := leases(ctx, registry, prices.Name, eurekaIDs(status))
		before, err := seen()
		Expect(err).NotTo(HaveOccurred())
		started, err := testbed.Docker(ctx, "inspect", "-f", "{{.Id}} {{.State.StartedAt}}", testbed.RegistryContainer)
		Expect(err).NotTo(HaveOccurred())
		report := under(ctx, callers(prices), func(*load.Generator) {
			Expect(h.segue.Kill()).To(Succeed())
			Consistently(seen).WithTimeout(2 * time.Second).Should(Equal(before))
			Expect(h.segue.Start(ctx)).To(Succeed())
			h.rolled(ctx, prices)
			Consistently(seen).WithTimeout(3 * time.Second).Should(Equal(before))
		})
		expectNothingLost(report)
		Expect(testbed.Docker(ctx, "inspect", "-f", "{{.Id}} {{.State.StartedAt}}", testbed.RegistryContainer)).To(Equal(started))
	}, enough)

	It("do not notice that the registry is killed in mid-drain, nor that another takes its place: it goes on with what it had", func(ctx SpecContext) {
		dark := h.watchDarkness(ctx, orders, prices)
		steady := leases(ctx, registry, prices.Name, eurekaIDs(h.await(ctx, prices, "settled", testbed.Rolled(prices))))
		before, err := steady()
		Expect(err).NotTo(HaveOccurred())
		report := under(ctx, callers(orders, prices), func(*load.Generator) {
			old := eurekaIDs(h.await(ctx, orders, "settled", testbed.Rolled(orders)))
			h.apply(ctx, next(&orders))
			Eventually(leases(ctx, registry, orders.Name, old)).WithPolling(20 * time.Millisecond).Should(ContainElement(HaveField("Status", "OUT_OF_SERVICE")))
			docker(ctx, "kill", testbed.RegistryContainer)
			Eventually(steady).WithPolling(10*time.Millisecond).Should(Equal(before), "in the first moment that it answers, from the same time on")
			h.rolled(ctx, orders)
			docker(ctx, "rm", "-f", testbed.RegistryContainer)
			Eventually(steady).WithTimeout(20*time.Second).WithPolling(10*time.Millisecond).Should(Equal(before), "at the same address")
			visible(ctx, registry, orders, prices)
		})
		expectNothingLost(report)
		dark.expectNone()
	}, enough)

	It("do not notice that segue is killed again and again in a rolling update", func(ctx SpecContext) {
		dark := h.watchDarkness(ctx, orders, prices)
		rollouts := 1
		if long() {
			rollouts = 10
		}
		seed := uint64(GinkgoRandomSeed())
		random := rand.New(rand.NewPCG(seed, seed))
		report := under(ctx, callers(orders, prices), func(*load.Generator) {
			for range rollouts {
				h.apply(ctx, next(&orders))
				h.apply(ctx, next(&prices))
				for range 7 {
					testbed.Pause(ctx, time.Duration(200+random.IntN(1800))*time.Millisecond)
					Expect(h.segue.Kill()).To(Succeed())
					Expect(h.segue.Start(ctx)).To(Succeed())
				}
				h.rolled(ctx, orders)
				h.rolled(ctx, prices)
			}
		})
		expectNothingLost(report)
		dark.expectNone()
	}, SpecTimeout(15*time.Minute))
})

// describedWhile is what describe says of an app in the first moment that it has some text; "" when ctx ends before.
func (h *house) describedWhile(ctx context.Context, app testbed.App, text string) string {
	for testbed.Pause(ctx, 50*time.Millisecond) {
		if out, _, err := h.segue.CLI(ctx, "describe", "deployment", app.Name); err == nil && strings.Contains(out, text) {
			return out
		}
	}
	return ""
}
