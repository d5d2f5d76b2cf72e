package e2e

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// givesUp is how long after an instance's death the gateway has forgotten it and ended its last dial there, which it tries
// for 30 s.
const givesUp = 40 * time.Second

// springKills is what kill -9 does, of an instance and of segue.
func springKills(generation testbed.Spring) bool {
	return springStory(generation, "kill -9", 1, func() {
		var t *town
		var orders, stock testbed.App
		const enough = SpecTimeout(10 * time.Minute)

		BeforeAll(func(ctx SpecContext) {
			t = newQuickTown(ctx, generation)
			orders, stock = t.service("orders", oneWave), managedBy("quick", t.service("stock", oneWave))
			t.settle(ctx, orders, stock)
		}, NodeTimeout(10*time.Minute))

		It("of segue, time and again in a rollout, is noticed by no caller of the gateway", func(ctx SpecContext) {
			const kills = 7
			random := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 1))
			watch := t.watch(ctx, orders, stock)
			report := under(ctx, t.callers(60, orders, stock), func(*load.Generator) {
				t.write(orders.Name, newer(&orders).YAML())
				t.write(stock.Name, newer(&stock).YAML())
				for range kills {
					testbed.Pause(ctx, time.Duration(1000+random.IntN(4000))*time.Millisecond)
					Expect(t.segue.Kill()).To(Succeed())
					Expect(t.segue.Start(ctx)).To(Succeed())
				}
				t.rolls(ctx, orders, stock)
			})
			expectAnswered(report, 500)
			watch.expectDark()
			watch.expectSteady(orders, stock)
		}, enough)

		It("of an instance costs what their caches still send there: its lease is gone in seconds, though the servers preserve themselves", func(ctx SpecContext) {
			for _, server := range t.servers {
				Eventually(expiresLeases).WithArguments(ctx, server).WithTimeout(3*time.Minute).WithPolling(time.Second).Should(Equal("false"), "with so few clients a server keeps the dead")
			}
			victim := instancesOf(t.status(ctx, orders))[0]
			report := under(ctx, t.callers(60, orders), func(generator *load.Generator) {
				_, err := testbed.Docker(ctx, "kill", victim.Name)
				Expect(err).NotTo(HaveOccurred())
				killed := time.Now()
				for _, server := range t.servers {
					Eventually(func() (string, error) {
						lease, err := server.Lease(ctx, orders.Name, victim.EurekaID)
						return lease.Status, err
					}).WithTimeout(20 * time.Second).WithPolling(50 * time.Millisecond).Should(BeEmpty())
				}
				AddReportEntry("lease of an instance that was killed gone after", time.Since(killed).Round(10*time.Millisecond).String())
				t.rolls(ctx, orders)
				testbed.Pause(ctx, givesUp-time.Since(killed))
				AddReportEntry("lost by a kill", generator.Lap().FailureText())
				testbed.Pause(ctx, 3*time.Second)
				expectAnswered(generator.Lap(), 50)
			})
			AddReportEntry("a kill", report.String(), ReportEntryVisibilityFailureOrVerbose)
		}, enough)
	})
}

// expiresLeases is what a server's page says of itself: false while it preserves itself.
func expiresLeases(ctx context.Context, server *testbed.Registry) (string, error) {
	page, _, err := springText(ctx, strings.TrimSuffix(server.URL, "eureka"))
	if err != nil {
		return "", err
	}
	_, after, _ := strings.Cut(page, "Lease expiration enabled")
	for _, word := range []string{"true", "false"} {
		if at := strings.Index(after, word); at >= 0 && at < 60 {
			return word, nil
		}
	}
	return "nothing", nil
}
