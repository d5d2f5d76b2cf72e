package e2e

import (
	"context"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// springMoves takes a service from each mode of registration to each other one, and then an nginx from under it.
func springMoves(generation testbed.Spring) bool {
	return springStory(generation, "a service is moved, and an nginx goes", 1, func() {
		var t *town
		var orders testbed.App
		const enough = SpecTimeout(10 * time.Minute)

		BeforeAll(func(ctx SpecContext) {
			t = newQuickTown(ctx, generation)
			orders = t.service("orders", oneWave)
			t.settle(ctx, orders)
		}, NodeTimeout(10*time.Minute))

		for _, to := range []string{"Proxied", "Managed", "Self", "Managed", "Proxied", "Self", "Proxied"} {
			It("callers by the gateway lose nothing when it moves to "+to, func(ctx SpecContext) {
				watch := t.watch(ctx, orders)
				report := under(ctx, t.callers(60, orders), func(*load.Generator) {
					orders.Eureka = "{registry: " + t.name + ", mode: " + to + "}"
					t.tells(ctx, "a move to "+to, newer(&orders))
					t.await(ctx, orders, "moved", func(d api.DeploymentStatus) bool { return testbed.Rolled(orders)(d) && d.Phase == "Converged" })
				})
				expectAnswered(report, 500)
				watch.expectAsked()
			}, enough)
		}

		It("callers by the gateway lose nothing once they know that one of two nginx in its place is down", func(ctx SpecContext) {
			report := under(ctx, callersThrough("gateway", t.gateway, 60, orders), func(generator *load.Generator) {
				docker(ctx, "stop", "-t", "0", t.nginx[0].Name)
				stopped := time.Now()
				t.registered(ctx, orders, 1)
				AddReportEntry("out of Eureka after", time.Since(stopped).Round(10*time.Millisecond).String())
				Expect(time.Since(stopped)).To(BeNumerically("<", 15*time.Second))
				testbed.Pause(ctx, givesUp-time.Since(stopped))
				AddReportEntry("lost when an nginx goes", generator.Lap().FailureText())
				t.tells(ctx, "a rollout without it", newer(&orders))
				docker(ctx, "start", t.nginx[0].Name)
				t.registered(ctx, orders, 2)
				t.tells(ctx, "a rollout with both again", newer(&orders))
			})
			expectAnswered(report, 500)
		}, enough)
	})
}

// registered waits until every server lists so many of an app as UP.
func (t *town) registered(ctx context.Context, app testbed.App, n int) {
	GinkgoHelper()
	for _, server := range t.servers {
		Eventually(func() (int, error) {
			all, err := server.Leases(ctx)
			up := 0
			for _, lease := range all {
				if strings.EqualFold(lease.App, app.EurekaName()) && lease.Status == "UP" {
					up++
				}
			}
			return up, err
		}).WithTimeout(time.Minute).WithPolling(100*time.Millisecond).Should(Equal(n), "UP of "+app.Name+" at "+server.Name)
	}
}
