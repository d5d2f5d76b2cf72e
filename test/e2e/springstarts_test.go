package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// springStarts are the starts that no rollout is the reason of: a scale-up, and the replacement of what died. One of two
// services reports its health to Eureka by itself.
func springStarts(generation testbed.Spring) bool {
	return springStory(generation, "every start is dark", 1, func() {
		var t *town
		var orders, prices testbed.App
		const enough = SpecTimeout(10 * time.Minute)

		BeforeAll(func(ctx SpecContext) {
			t = newQuickTown(ctx, generation)
			orders, prices = t.service("orders", oneWave), reportingHealth(t.service("prices", oneWave))
			t.settle(ctx, orders, prices)
		}, NodeTimeout(10*time.Minute))

		It("callers by the gateway lose nothing when services are scaled up, and reach nobody who is not ready and warm", func(ctx SpecContext) {
			watch := t.watch(ctx, orders, prices)
			report := under(ctx, t.callers(60, orders, prices), func(*load.Generator) {
				orders.Replicas, prices.Replicas = 3, 3
				t.rolls(ctx, orders, prices)
				for _, app := range []testbed.App{orders, prices} {
					Eventually(watch.asked).WithArguments(app).WithTimeout(time.Minute).Should(Equal(3), "instances that were asked of "+app.Name)
				}
			})
			expectAnswered(report, 500)
			watch.expectDark()
			watch.expectOrder()
			watch.expectSteady(orders, prices)
		}, enough)

		It("callers by the gateway reach nobody who is not ready and warm when one that died is replaced", func(ctx SpecContext) {
			watch := t.watch(ctx, orders, prices)
			var dead []string
			under(ctx, t.callers(60, orders, prices), func(*load.Generator) {
				for _, app := range []testbed.App{orders, prices} {
					Eventually(watch.asked).WithArguments(app).WithTimeout(time.Minute).Should(Equal(3), "instances that were asked of "+app.Name)
					dead = append(dead, instancesOf(t.status(ctx, app))[0].Name)
					docker(ctx, "kill", dead[len(dead)-1])
				}
				for _, app := range []testbed.App{orders, prices} {
					Eventually(watch.asked).WithArguments(app).WithTimeout(3*time.Minute).Should(Equal(4), "with the one in the place of the dead")
				}
			})
			watch.expectDark()
			watch.expectOrder()
			for _, instance := range dead {
				watch.expectForgotten(instance)
			}
			watch.expectSteady(orders, prices)
		}, enough)
	})
}

// reportingHealth has an app tell Eureka by itself how it feels, too.
func reportingHealth(app testbed.App) testbed.App {
	app.Env["EUREKA_CLIENT_HEALTHCHECK_ENABLED"] = "true"
	app.Env["EUREKA_CLIENT_INSTANCEINFOREPLICATIONINTERVALSECONDS"] = "2"
	return app
}
