package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

var _ = Describe("Eureka: what is decided otherwise under way", Ordered, ContinueOnFailure, func() {
	var h *house
	var registry *testbed.Registry
	orders := selfRegistering("orders", "{rollingUpdate: {maxSurge: 2}}")
	orders.Routes = "-"
	prices := managed("prices")
	const enough = SpecTimeout(3 * time.Minute)

	BeforeAll(func(ctx SpecContext) {
		h = newHouse(ctx, "")
		h.write("main", testbed.EurekaYAML())
		h.apply(ctx, orders)
		h.apply(ctx, prices)
		h.rolled(ctx, orders)
		h.rolled(ctx, prices)
		var err error
		registry, err = h.bed.OwnRegistry(ctx)
		Expect(err).NotTo(HaveOccurred())
		visible(ctx, registry, orders, prices)
	}, NodeTimeout(2*time.Minute))

	callers := func() []load.Job { return consumers(150, []string{registry.URL}, orders, prices) }

	It("goes back to those that were taken out of service already, and loses nothing", func(ctx SpecContext) {
		dark := h.watchDarkness(ctx, orders, prices)
		report := under(ctx, callers(), func(*load.Generator) {
			wasOrders, wasPrices := orders, prices
			old := eurekaIDs(h.await(ctx, orders, "rolled", testbed.Rolled(orders)))
			h.apply(ctx, next(&orders))
			h.apply(ctx, next(&prices))
			Eventually(leases(ctx, registry, "orders", old)).WithPolling(50 * time.Millisecond).Should(HaveEach(HaveField("Status", "OUT_OF_SERVICE")))
			orders, prices = wasOrders, wasPrices
			h.apply(ctx, orders)
			h.apply(ctx, prices)
			h.rolled(ctx, orders)
			h.rolled(ctx, prices)
			Eventually(leases(ctx, registry, "orders", old)).Should(HaveEach(HaveField("Status", "UP")), "the old ones serve again")
		})
		expectNothingLost(report)
		dark.expectNone()
	}, enough)

	It("changes who registers, to and fro, and loses nothing", func(ctx SpecContext) {
		dark := h.watchDarkness(ctx, orders, prices)
		report := under(ctx, callers(), func(*load.Generator) {
			for range 2 {
				orders.Eureka, prices.Eureka = prices.Eureka, orders.Eureka
				h.apply(ctx, orders)
				h.apply(ctx, prices)
				for _, app := range []testbed.App{orders, prices} {
					h.await(ctx, app, "rolled", func(d api.DeploymentStatus) bool { return testbed.Rolled(app)(d) && d.Phase == "Converged" })
				}
				visible(ctx, registry, orders, prices)
			}
		})
		expectNothingLost(report)
		dark.expectNone()
	}, enough)

	It("rejects a release that never gets ready, which nobody has called", func(ctx SpecContext) {
		dark := h.watchDarkness(ctx, orders, prices)
		bad := orders
		bad.Version = 9
		bad.Env = map[string]string{"FAIL_READY": "true", "EUREKA_HEARTBEAT": "1s"}
		bad.Spec = []string{"drainTimeoutSeconds: 3", "progressDeadlineSeconds: 5"}
		report := under(ctx, callers(), func(*load.Generator) {
			h.apply(ctx, bad)
			Expect(h.cli(ctx, 5, "rollout", "status", "deployment/orders")).To(ContainSubstring("FAIL_READY"))
			h.apply(ctx, orders)
			h.rolled(ctx, orders)
			visible(ctx, registry, orders, prices)
		})
		expectNothingLost(report)
		Expect(report.VersionNames()).NotTo(ContainElement("9"))
		dark.expectNone()
	}, enough)

	It("takes a service out of Eureka and back in: its instances serve until nobody knows them", func(ctx SpecContext) {
		report := under(ctx, consumers(150, []string{registry.URL}, prices), func(*load.Generator) {
			with := orders
			old := eurekaIDs(h.await(ctx, orders, "rolled", testbed.Rolled(orders)))
			orders.Eureka = ""
			h.roll(ctx, orders)
			Eventually(leases(ctx, registry, "orders", old)).Should(HaveEach(HaveField("Status", "")))
			orders = with
			h.roll(ctx, orders)
			visible(ctx, registry, orders, prices)
		})
		expectNothingLost(report)
	}, enough)
})
