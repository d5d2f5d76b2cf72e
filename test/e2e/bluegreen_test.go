package e2e

import (
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

var _ = Describe("blue/green", Ordered, func() {
	var h *house
	app := orders(2)
	app.Strategy = "{type: BlueGreen, blueGreen: {autoPromote: false, scaleDownDelaySeconds: 1}}"

	BeforeAll(func(ctx SpecContext) {
		h = newHouse(ctx, "")
		h.apply(ctx, app)
		h.include(ctx)
		h.rolled(ctx, app)
	}, NodeTimeout(2*time.Minute))

	It("waits dark for its promotion, then switches at once and loses nothing", func(ctx SpecContext) {
		closed, jobs := 0, h.mixed(320, app)
		report := under(ctx, jobs, func(generator *load.Generator) {
			for range rounds() {
				begin := time.Now()
				app.Version++
				if app.Version > 9 {
					app.Version = 1
				}
				h.apply(ctx, app)
				h.cli(ctx, 4, "rollout", "status", "deployment/"+app.Name)
				dark := generator.Lap()
				expectNothingLost(dark)
				Expect(dark.VersionNames()).NotTo(ContainElement(version(app)), "green is dark before it is promoted")
				h.cli(ctx, 0, "promote", app.Name)
				h.rolled(ctx, app)
				lap := generator.Lap()
				expectNothingLost(lap)
				Expect(lap.VersionNames()).To(ContainElement(version(app)))
				expectRate(jobs, load.Total("both", dark, lap), time.Since(begin))
				closed += lap.ClosedByApp
			}
		})
		Expect(closed).To(BeNumerically(">", 0), "websockets are closed by the service")
		Expect(report.Failed()).To(BeZero(), "%s", report)
	}, SpecTimeout(10*time.Minute))

	It("goes back by abort before the promotion, and by undo after it", func(ctx SpecContext) {
		good := app
		report := under(ctx, h.mixed(300, app), func(*load.Generator) {
			app.Version = 7
			h.apply(ctx, app)
			h.cli(ctx, 4, "rollout", "status", "deployment/"+app.Name)
			h.cli(ctx, 0, "abort", app.Name)
			h.await(ctx, app, "back", onlyRuns(good))
			app.Version = 8
			h.apply(ctx, app)
			h.cli(ctx, 4, "rollout", "status", "deployment/"+app.Name)
			h.cli(ctx, 0, "promote", app.Name)
			h.rolled(ctx, app)
			h.cli(ctx, 0, "rollout", "undo", "deployment/"+app.Name)
			h.cli(ctx, 4, "rollout", "status", "deployment/"+app.Name)
			h.cli(ctx, 0, "promote", app.Name)
			h.await(ctx, app, "undone", onlyRuns(good))
		})
		expectNothingLost(report)
	}, SpecTimeout(4*time.Minute))
})

func version(app testbed.App) string { return string(rune('0' + app.Version)) }

// onlyRuns says that nothing but app's image runs, all of it available.
func onlyRuns(app testbed.App) func(api.DeploymentStatus) bool {
	return func(d api.DeploymentStatus) bool {
		return d.Settled && d.AvailableReplicas == app.Replicas &&
			!slices.ContainsFunc(d.Instances, func(i api.Instance) bool { return i.Image != app.Image() })
	}
}
