package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// springFront is a gateway that is itself rolled out, and segue's own registry under Spring's clients.
func springFront(generation testbed.Spring) bool {
	return springStory(generation, "the gateway is rolled out, too", 1, func() {
		It("callers by nginx lose nothing, with segue's own registry behind it", func(ctx SpecContext) {
			Expect(generation.Make(ctx)).To(Succeed())
			t := &town{house: newHouse(ctx, ""), name: "main", generation: generation}
			t.write("main", testbed.EurekaYAML())
			var err error
			Eventually(func() error {
				_, err = t.bed.OwnRegistry(ctx)
				return err
			}).WithTimeout(time.Minute).Should(Succeed())
			orders := t.service("orders", byOne)
			delete(orders.Env, "EUREKA") // segue tells it
			gateway := generation.Gateway("gateway", "http://"+testbed.RegistryContainer+":8761/eureka", orders)
			gateway.Replicas, gateway.Strategy, gateway.Spec = 2, byOne, []string{"drainTimeoutSeconds: 3"}
			for key, value := range testbed.ShortConsumer {
				gateway.Env[key] = value
			}
			t.rolls(ctx, orders)
			t.apply(ctx, gateway)
			t.include(ctx)
			t.rolls(ctx, gateway)
			jobs := callersThrough("old nginx", t.nginx[0].Address, 60, orders)
			jobs = append(jobs, callersThrough("new nginx", t.nginx[1].Address, 60, orders)...)
			report := under(ctx, jobs, func(*load.Generator) {
				t.tells(ctx, "a gateway's rollout behind nginx", newer(&gateway))
				t.tells(ctx, "a rollout with segue's own registry", newer(&orders))
			})
			expectAnswered(report, 1000)
			Expect(report.VersionNames()).To(Equal([]string{"1", "2"}))
		}, SpecTimeout(10*time.Minute))
	})
}
