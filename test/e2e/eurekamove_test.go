package e2e

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

var _ = Describe("Eureka: a move to another registry", Ordered, func() {
	var h *house
	var left, right *testbed.Registry
	orders := selfRegistering("orders", "{rollingUpdate: {maxSurge: 2}}")
	prices := managed("prices")

	// at says where an app registers: by its object's name, and, where it is a client itself, by the server's URL.
	at := func(app testbed.App, object string, server *testbed.Registry) testbed.App {
		app.Eureka = "{registry: " + object + "}"
		if app.Routes == "-" {
			app.Eureka = "{registry: " + object + ", mode: Managed}"
		} else {
			app.Env = map[string]string{"START_DELAY": "300ms", "READY_DELAY": "700ms", "EUREKA_HEARTBEAT": "2s", "EUREKA": server.URL}
		}
		return app
	}

	It("takes apps that register themselves, and those that segue registers, over without a lost request", func(ctx SpecContext) {
		h = newBriskHouse(ctx, "")
		var err error
		left, err = h.bed.Registry(ctx, "left")
		Expect(err).NotTo(HaveOccurred())
		right, err = h.bed.Registry(ctx, "right")
		Expect(err).NotTo(HaveOccurred())
		h.write("main", testbed.EurekaYAML(left.URL))
		h.write("other", strings.Replace(testbed.EurekaYAML(right.URL), "name: main", "name: other", 1))
		h.run(ctx, at(orders, "main", left), at(prices, "main", left))
		visible(ctx, left, orders, prices)
		dark := h.watchDarkness(ctx, orders, prices)
		report := under(ctx, h.mixed(100, orders), func(*load.Generator) {
			// Callers by the old server are there until the move begins, those by the new one as soon as it lists both.
			before := under(ctx, consumers(80, []string{left.URL}, orders, prices), func(*load.Generator) {})
			expectNothingLost(before)
			h.apply(ctx, at(orders, "other", right))
			h.apply(ctx, at(prices, "other", right))
			visible(ctx, right, orders, prices)
			after := under(ctx, consumers(80, []string{right.URL}, orders, prices), func(*load.Generator) {
				h.rolled(ctx, orders)
				h.rolled(ctx, prices)
			})
			expectNothingLost(after)
		})
		expectNothingLost(report)
		dark.expectNone()
		Eventually(func() ([]testbed.Lease, error) { return left.Leases(ctx) }).WithTimeout(time.Minute).Should(BeEmpty(), "nothing is left at the old server")
		visible(ctx, right, orders, prices)
	}, SpecTimeout(110*time.Second))
})
