package e2e

import (
	"context"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

var _ = Describe("Eureka: several servers", Ordered, ContinueOnFailure, func() {
	var h *house
	var a, b *testbed.EurekaPeer
	orders := selfRegistering("orders", "{rollingUpdate: {maxSurge: 2}}")
	prices := managed("prices")
	const enough = SpecTimeout(3 * time.Minute)

	BeforeAll(func(ctx SpecContext) {
		h = newHouse(ctx, "")
		peers, err := h.bed.EurekaPeers(ctx, 2)
		DeferCleanup(func() {
			for _, peer := range peers {
				Expect(peer.Close()).To(Succeed())
			}
		})
		Expect(err).NotTo(HaveOccurred())
		a, b = peers[0], peers[1]
		orders.Env["EUREKA"] = b.URL + "," + a.URL
		h.write("main", testbed.EurekaYAML(a.URL, b.URL))
		h.apply(ctx, orders)
		h.apply(ctx, prices)
		h.include(ctx)
		h.rolled(ctx, orders)
		h.rolled(ctx, prices)
		for _, peer := range peers {
			visible(ctx, peer.Registry, orders, prices)
		}
	}, NodeTimeout(2*time.Minute))

	// callers know one server first, or the other, or come by nginx.
	callers := func() []load.Job {
		jobs := consumers(80, []string{a.URL, b.URL}, orders, prices)
		jobs = append(jobs, consumers(80, []string{b.URL, a.URL}, orders, prices)...)
		return append(jobs, h.mixed(40, orders)...)
	}
	// roll begins a rollout of both.
	roll := func(ctx context.Context) {
		GinkgoHelper()
		h.apply(ctx, next(&orders))
		h.apply(ctx, next(&prices))
	}
	rolled := func(ctx context.Context) {
		GinkgoHelper()
		h.rolled(ctx, orders)
		h.rolled(ctx, prices)
	}
	// whole waits until both servers show what runs, and nothing else.
	whole := func(ctx context.Context) {
		GinkgoHelper()
		for _, peer := range []*testbed.EurekaPeer{a, b} {
			visible(ctx, peer.Registry, orders, prices)
		}
	}

	It("one of which is down from before a rollout until after it: it goes on without it", func(ctx SpecContext) {
		dark := h.watchDarkness(ctx, orders, prices)
		report := under(ctx, callers(), func(*load.Generator) {
			Expect(b.Stop(ctx)).To(Succeed())
			roll(ctx)
			rolled(ctx)
			Expect(h.cli(ctx, 0, "get", "instances", "-o", "wide")).To(ContainSubstring("UP 1/2, down 1/2"))
			Expect(h.cli(ctx, 0, "describe", "eureka", "main")).To(SatisfyAll(ContainSubstring(b.URL), ContainSubstring("refuses connections since")))
			Expect(b.Start(ctx)).To(Succeed())
			whole(ctx)
		})
		expectNothingLost(report)
		dark.expectNone()
	}, enough)

	It("one of which answers 500 in a rollout: nothing is stopped until it answers, and it is named", func(ctx SpecContext) {
		dark := h.watchDarkness(ctx, orders, prices)
		report := under(ctx, callers(), func(*load.Generator) {
			roll(ctx)
			h.await(ctx, orders, "starting", func(d api.DeploymentStatus) bool { return d.LiveReplicas > d.Replicas })
			b.Fail(true)
			DeferCleanup(b.Fail, false)
			before := h.running(ctx)
			h.await(ctx, orders, "waiting for the server", namesCulprit(b.URL))
			h.await(ctx, prices, "waiting for the server", namesCulprit(b.URL))
			Expect(h.cli(ctx, 0, "describe", "deployment", "orders")).To(SatisfyAll(ContainSubstring("SHUT"), ContainSubstring(b.URL)))
			Consistently(func() []string { return h.running(ctx) }).WithTimeout(6 * time.Second).Should(ContainElements(before))
			b.Fail(false)
			rolled(ctx)
			whole(ctx)
		})
		expectNothingLost(report)
		dark.expectNone()
	}, enough)

	It("one of which comes back empty in mid-drain: what it says UP of the old ones is taken back before they stop", func(ctx SpecContext) {
		dark := h.watchDarkness(ctx, orders, prices)
		report := under(ctx, callers(), func(*load.Generator) {
			old := eurekaIDs(h.await(ctx, orders, "settled", testbed.Rolled(orders)))
			roll(ctx)
			seen := leases(ctx, a.Registry, orders.Name, old)
			Eventually(seen).WithPolling(50 * time.Millisecond).Should(HaveEach(HaveField("Status", "OUT_OF_SERVICE")))
			Expect(b.Stop(ctx)).To(Succeed())
			testbed.Pause(ctx, 1500*time.Millisecond) // its callers go to the other one
			Expect(b.Start(ctx)).To(Succeed())
			newcomers := under(ctx, consumersOnceListed(ctx, b, orders, prices), func(*load.Generator) { rolled(ctx) })
			expectNothingLost(newcomers)
			whole(ctx)
		})
		expectNothingLost(report)
		dark.expectNone()
	}, enough)

	It("all of which come back empty in mid-rollout: nobody who serves is stopped, and all are registered again", func(ctx SpecContext) {
		dark := h.watchDarkness(ctx, orders, prices)
		report := under(ctx, h.mixed(100, orders), func(*load.Generator) {
			roll(ctx)
			h.await(ctx, orders, "starting", func(d api.DeploymentStatus) bool { return d.LiveReplicas > d.Replicas })
			for _, peer := range []*testbed.EurekaPeer{a, b} {
				Expect(peer.Stop(ctx)).To(Succeed())
			}
			for _, peer := range []*testbed.EurekaPeer{a, b} {
				Expect(peer.Start(ctx)).To(Succeed())
			}
			rolled(ctx)
			whole(ctx)
		})
		expectNothingLost(report)
		dark.expectNone()
	}, enough)
})

// namesCulprit says that the deployment waits because of a server, and says so.
func namesCulprit(url string) func(api.DeploymentStatus) bool {
	return func(d api.DeploymentStatus) bool {
		return slices.ContainsFunc(d.Conditions, func(c api.Condition) bool {
			return c.Type == api.ConditionEurekaSynced && c.Status == "Unknown" && c.Reason == "ServerUnknown" && strings.HasPrefix(c.Message, url)
		})
	}
}

// running are the containers of segue's that run.
func (h *house) running(ctx context.Context) []string {
	GinkgoHelper()
	all, err := h.bed.Leftovers(ctx)
	Expect(err).NotTo(HaveOccurred())
	return slices.DeleteFunc(sorted(all), func(line string) bool { return !strings.HasSuffix(line, " running") })
}

// consumersOnceListed are apps that start now and know only this server; they come up when it lists both services.
func consumersOnceListed(ctx context.Context, server *testbed.EurekaPeer, apps ...testbed.App) []load.Job {
	GinkgoHelper()
	Eventually(func() (bool, error) {
		all, err := server.Leases(ctx)
		listed := map[string]bool{}
		for _, lease := range all {
			listed[lease.App] = listed[lease.App] || lease.Status == "UP"
		}
		for _, app := range apps {
			if !listed[app.EurekaName()] {
				return false, err
			}
		}
		return true, err
	}).WithPolling(50 * time.Millisecond).Should(BeTrue())
	jobs := consumers(60, []string{server.URL}, apps...)
	for i := range jobs {
		jobs[i].Name += ", newly started"
	}
	return jobs
}
