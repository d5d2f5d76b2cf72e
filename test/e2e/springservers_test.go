package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// springServers is what happens to one of two Eureka servers during a rollout.
func springServers(generation testbed.Spring) bool {
	return springStory(generation, "a Eureka server goes", 1, func() {
		var t *town
		var orders, prices testbed.App
		const enough = SpecTimeout(10 * time.Minute)

		BeforeAll(func(ctx SpecContext) {
			t = newQuickTown(ctx, generation)
			orders, prices = t.service("orders", oneWave), t.service("prices", blueGreen)
			t.settle(ctx, orders, prices)
		}, NodeTimeout(10*time.Minute))

		It("callers by the gateway lose nothing while it restarts in the middle of a drain, and comes back saying UP", func(ctx SpecContext) {
			old := instancesOf(t.status(ctx, orders))
			watch := t.watch(ctx, orders)
			report := under(ctx, t.callers(60, orders, prices), func(*load.Generator) {
				t.apply(ctx, newer(&orders))
				Eventually(func() (bool, error) {
					for _, instance := range old {
						lease, err := t.servers[0].Lease(ctx, orders.Name, instance.EurekaID)
						if err != nil || lease.Status == "OUT_OF_SERVICE" {
							return err == nil, err
						}
					}
					return false, nil
				}).WithTimeout(4 * time.Minute).WithPolling(50 * time.Millisecond).Should(BeTrue())
				Expect(t.servers[1].Stop(ctx)).To(Succeed())
				Expect(t.servers[1].Start(ctx)).To(Succeed())
				t.rolls(ctx, orders)
			})
			expectAnswered(report, 500)
			watch.expectDark()
		}, enough)

		It("callers by the gateway lose nothing in a rollout that it is down for", func(ctx SpecContext) {
			watch := t.watch(ctx, orders, prices)
			report := under(ctx, t.callers(60, orders, prices), func(*load.Generator) {
				Expect(t.servers[1].Stop(ctx)).To(Succeed())
				t.tells(ctx, "a rollout without one of the servers", newer(&orders), newer(&prices))
				Expect(t.servers[1].Start(ctx)).To(Succeed())
				for _, app := range []testbed.App{orders, prices} {
					Eventually(t.live(ctx, t.servers[1], app)).WithTimeout(2 * time.Minute).Should(HaveEach("UP"))
				}
			})
			expectAnswered(report, 500)
			watch.expectDark()
		}, enough)
	})
}
