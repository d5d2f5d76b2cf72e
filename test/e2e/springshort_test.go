package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// springShort are rollouts of each strategy behind consumers whose caches live for a second.
func springShort(generation testbed.Spring, part int) bool {
	return springStory(generation, "short caches", part, func() {
		var t *town
		var orders, prices, ledger testbed.App

		BeforeAll(func(ctx SpecContext) {
			t = newQuickTown(ctx, generation)
			orders, prices, ledger = t.service("orders", byOne), reportingHealth(t.service("prices", blueGreen)), t.service("ledger", recreate)
			ledger.Replicas = 1
			t.settle(ctx, orders, prices, ledger)
		}, NodeTimeout(10*time.Minute))

		It("callers by the gateway lose nothing in rolling updates and blue/green switches, and reach nobody who is not ready and warm", func(ctx SpecContext) {
			watch := t.watch(ctx, orders, prices, ledger)
			report := under(ctx, t.callers(60, orders, prices), func(*load.Generator) {
				for range springRounds() {
					t.tells(ctx, "a rollout", newer(&orders), newer(&prices), newer(&ledger))
					orders.Strategy = oneWave
				}
			})
			expectAnswered(report, 500)
			AddReportEntry("short caches", report.String())
			watch.expectDark()
			watch.expectOrder()
			watch.expectSteady(orders, prices)
			watch.expectAlone(ledger)
		}, SpecTimeout(20*time.Minute))

		if !long() || part > 1 {
			return
		}

		It("clients find what segue injects beside what the user wrote", func(ctx SpecContext) {
			users := t.service("users", byOne)
			users.Replicas = 1
			users.Env["SPRING_APPLICATION_JSON"] = `{"version": "of the user", "eureka": {"instance": {"metadata-map": {"team.name": "Blue"}}}}`
			users.Spec = append(users.Spec, "progressDeadlineSeconds: 300")
			t.rolls(ctx, users)
			instance := instancesOf(t.status(ctx, users))[0]
			for _, server := range t.servers {
				entry := t.entry(ctx, server, users, instance.EurekaID)
				Expect(entry.Instance.HostName).To(Equal(instance.Address))
				Expect(entry.Instance.IPAddr).To(Equal(instance.Address))
				Expect(entry.Instance.VIPAddress).To(Equal("users"))
				Expect(entry.Instance.Metadata).To(HaveKeyWithValue("team.name", "Blue"))
			}
			Expect(instance.EurekaID).To(HavePrefix(t.bed.Name + ":users:users-"))
			Expect(t.get(ctx, instance.Address, "/version")).To(Equal("of the user"))
			t.removes(ctx, users)
		}, SpecTimeout(10*time.Minute))
	})
}
