package e2e

import (
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

var _ = Describe("Eureka: consumers on other machines", Ordered, func() {
	var h *house
	var registry *testbed.Registry
	orders := selfRegistering("orders", "{rollingUpdate: {maxSurge: 2}}")
	prices := managed("prices")

	BeforeAll(func(ctx SpecContext) {
		h = newHouse(ctx, "", "--advertise-address", testbed.HostAddress, "--host-ports", "31000-31049")
		var err error
		registry, err = h.bed.Registry(ctx, "eureka")
		Expect(err).NotTo(HaveOccurred())
		orders.Routes, orders.Env["EUREKA"] = "-", registry.URL
		h.write("main", strings.Replace(testbed.EurekaYAML(registry.URL), "spec: {", "spec: {reach: Host, ", 1))
		h.apply(ctx, orders)
		h.apply(ctx, prices)
		h.rolled(ctx, orders)
		h.rolled(ctx, prices)
		visible(ctx, registry, orders, prices)
	}, NodeTimeout(2*time.Minute))

	It("reach instances at ports of this machine, dark until they are ready, and lose nothing in rollouts", func(ctx SpecContext) {
		// A stranger on the port that would be next.
		docker(ctx, "run", "-d", "--name", "segue-e2e-stranger", "--label", "segue.dev/testbed="+h.bed.Name, "-p", testbed.HostAddress+":31004:8080", testbed.Sample(1))
		dark := h.watchDarkness(ctx, orders, prices)
		report := under(ctx, consumers(100, []string{registry.URL}, orders, prices), func(*load.Generator) {
			h.apply(ctx, next(&orders))
			h.apply(ctx, next(&prices))
			h.rolled(ctx, orders)
			h.rolled(ctx, prices)
			visible(ctx, registry, orders, prices)
		})
		expectNothingLost(report)
		dark.expectNone()
		Expect(report.VersionNames()).To(Equal([]string{"1", "2"}))
		ports := map[int]bool{}
		for _, app := range []testbed.App{orders, prices} {
			for _, id := range eurekaIDs(h.await(ctx, app, "settled", testbed.Rolled(app))) {
				lease, err := registry.Lease(ctx, app.Name, id)
				Expect(err).NotTo(HaveOccurred())
				Expect(lease.HostName).To(Equal(testbed.HostAddress))
				name := id[strings.LastIndex(id, ":")+1:]
				published := docker(ctx, "port", name, "8080/tcp")
				port, err := strconv.Atoi(published[strings.LastIndex(published, ":")+1:])
				Expect(err).NotTo(HaveOccurred())
				Expect(port).To(And(BeNumerically(">=", 31000), BeNumerically("<=", 31049), Not(Equal(31004))))
				Expect(ports).NotTo(HaveKey(port))
				ports[port] = true
			}
		}
		Expect(ports).To(HaveLen(4))
	}, SpecTimeout(2*time.Minute))
})
