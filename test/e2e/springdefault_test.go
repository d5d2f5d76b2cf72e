package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// springDefault is a rollout in one wave of each mode of registration, with the caches that Spring has by itself; in make
// test-long of each strategy, too.
func springDefault(generation testbed.Spring, part int) bool {
	return springStory(generation, "default caches", part, func() {
		It("callers by the gateway lose nothing in one rollout of each mode", func(ctx SpecContext) {
			Expect(generation.Make(ctx)).To(Succeed())
			h := newHouse(ctx, "")
			// Ten apps that start at once leave the gateway no time: its connections to nginx rest for longer than usual.
			h.write("edge", testbed.NginxYAML("edge", patient, h.nginx...))
			t := newTown(ctx, h, "main", generation, 2, byDefault)
			// One for each mode.
			apps := []testbed.App{t.service("orders", oneWave), managedBy("main", t.service("stock", oneWave)), proxiedBy("main", t.service("offers", oneWave))}
			if long() {
				apps = append(apps, t.service("prices", blueGreen))
			}
			called := apps
			if long() {
				ledger := t.service("ledger", recreate)
				ledger.Replicas = 1
				apps = append(apps, ledger)
			}
			for _, app := range apps {
				t.write(app.Name, app.YAML())
			}
			t.include(ctx)
			t.rolls(ctx, apps...)
			t.open(ctx, called...)
			t.found(ctx, called...)
			watch := t.watch(ctx, apps...)
			report := under(ctx, t.callers(60, called...), func(*load.Generator) {
				for n := range apps {
					newer(&apps[n])
				}
				t.tells(ctx, "a rollout with default caches", apps...)
			})
			expectAnswered(report, 5000)
			AddReportEntry("default caches", report.String())
			watch.expectDark()
			watch.expectSteady(called...)
		}, SpecTimeout(15*time.Minute))
	})
}
