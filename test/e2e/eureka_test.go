package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

var _ = Describe("a service behind Eureka", Ordered, ContinueOnFailure, func() {
	var h *house
	self, managed := orders(2), orders(2)
	self.Eureka, self.Strategy = "{}", "{type: RollingUpdate, rollingUpdate: {maxSurge: 100%}}"
	self.Env = map[string]string{"START_DELAY": "1s", "EUREKA_HEARTBEAT": "2s"}
	managed.Name, managed.Eureka = "payments", "{mode: Managed}"
	managed.Strategy = "{type: BlueGreen, blueGreen: {scaleDownDelaySeconds: 1}}"
	var discoveries []*load.Discovery

	BeforeAll(func(ctx SpecContext) {
		h = newHouse(ctx, "")
		h.write("main", testbed.ShortCaches)
		h.apply(ctx, self)
		h.apply(ctx, managed)
		h.include(ctx)
		h.rolled(ctx, self)
		h.rolled(ctx, managed)
		for _, app := range []testbed.App{self, managed} {
			discoveries = append(discoveries, &load.Discovery{Server: registry(ctx), VIP: app.Name, Fetch: 2 * time.Second, Balancer: 2 * time.Second})
		}
	}, NodeTimeout(2*time.Minute))

	// consumers are Spring's: they fetch, cache, and dial what they cached.
	consumers := func(app testbed.App, discovery *load.Discovery) []load.Job {
		target := load.Target{Service: app.Name, Discovery: discovery}
		return []load.Job{
			{Name: app.Name + " by Eureka: careful GET", Target: target, Client: load.Careful, Request: load.Get, Rate: 100},
			{Name: app.Name + " by Eureka: one-shot POST", Target: target, Client: load.OneShot, Request: load.Post, Rate: 50},
			{Name: app.Name + " by Eureka: slow GET", Target: target, Client: load.Careful, Request: load.Slow, Rate: 3},
		}
	}

	It("that registers itself loses no request of consumers or nginx in a rolling update, and starts dark", func(ctx SpecContext) {
		jobs := append(h.mixed(150, self), consumers(self, discoveries[0])...)
		report := under(ctx, jobs, func(*load.Generator) {
			for range rounds() {
				self.Version = self.Version%9 + 1
				h.roll(ctx, self)
			}
		})
		expectNothingLost(report)
	}, SpecTimeout(10*time.Minute))

	It("that segue registers loses no request of consumers or nginx in a blue/green switch", func(ctx SpecContext) {
		jobs := append(h.mixed(150, managed), consumers(managed, discoveries[1])...)
		report := under(ctx, jobs, func(*load.Generator) {
			for range rounds() {
				managed.Version = managed.Version%9 + 1
				h.roll(ctx, managed)
			}
		})
		expectNothingLost(report)
	}, SpecTimeout(10*time.Minute))

	It("goes on when the registry comes back empty in mid-rollout", func(ctx SpecContext) {
		report := under(ctx, h.mixed(150, self), func(*load.Generator) {
			self.Version = self.Version%9 + 1
			h.apply(ctx, self)
			testbed.Pause(ctx, time.Second)
			_, err := testbed.Docker(ctx, "restart", "-t", "1", testbed.RegistryContainer)
			Expect(err).NotTo(HaveOccurred())
			h.rolled(ctx, self)
		})
		expectNothingLost(report)
	}, SpecTimeout(4*time.Minute))
})

// registry is the base URL of segue's own registry.
func registry(ctx SpecContext) string {
	GinkgoHelper()
	address, err := testbed.Docker(ctx, "inspect", "-f", "{{.NetworkSettings.Networks.segue.IPAddress}}", testbed.RegistryContainer)
	Expect(err).NotTo(HaveOccurred())
	return "http://" + address + ":8761/eureka"
}
