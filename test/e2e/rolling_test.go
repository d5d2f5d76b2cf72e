package e2e

import (
	"os"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// orders is the service of most stories.
func orders(replicas int) testbed.App {
	return testbed.App{Name: "orders", Version: 1, Replicas: replicas, Spec: []string{"drainTimeoutSeconds: 3"}, Env: map[string]string{"START_DELAY": "500ms"}}
}

// rounds is how many consecutive rollouts a cell of the table gets; SEGUE_E2E_ROUNDS says it otherwise.
func rounds() int {
	if n, err := strconv.Atoi(os.Getenv("SEGUE_E2E_ROUNDS")); err == nil {
		return n
	}
	if long() {
		return 10
	}
	return 2
}

var _ = Describe("a rolling update", Ordered, func() {
	var h *house
	app := orders(2)

	BeforeAll(func(ctx SpecContext) {
		h = newHouse(ctx, "")
		h.apply(ctx, app)
		h.include(ctx)
		h.rolled(ctx, app)
	}, NodeTimeout(2*time.Minute))

	It("loses no request of any client, one rollout after the other", Label(everyEngine), func(ctx SpecContext) {
		var took time.Duration
		jobs := h.mixed(320, app)
		report := under(ctx, jobs, func(*load.Generator) {
			begin := time.Now()
			for range rounds() {
				app.Version++
				if app.Version > 9 {
					app.Version = 1
				}
				AddReportEntry("rollout time", h.roll(ctx, app).Round(100*time.Millisecond).String())
			}
			took = time.Since(begin)
		})
		expectNothingLost(report)
		expectRate(jobs, report, took)
		Expect(report.ClosedByApp).To(BeNumerically(">", 0), "websockets are closed by the service")
		Expect(len(report.VersionNames())).To(BeNumerically(">", 1))
	}, SpecTimeout(10*time.Minute))

	// Between two requests the callers rest for a second, of the two that the new nginx lets them. An old worker knows
	// the one old instance and nobody else.
	It("stops nobody to whom a resting connection may bring a request, be there no time to drain at all", func(ctx SpecContext) {
		at := h.targets(app)
		report := under(ctx, []load.Job{
			{Name: "old", Target: at[0], Client: load.Careful, Rate: 30, Connections: 30},
			{Name: "new", Target: at[1], Client: load.Careful, Rate: 60, Connections: 60},
		}, func(*load.Generator) {
			quick := app
			quick.Replicas, quick.Spec = 1, []string{"drainTimeoutSeconds: 0"}
			for range rounds() {
				quick.Version = 9 - quick.Version
				h.roll(ctx, quick)
			}
			app.Version = quick.Version
			h.roll(ctx, app)
		})
		expectNothingLost(report)
	}, SpecTimeout(5*time.Minute))

	It("leaves only the new instances", func(ctx SpecContext) {
		status := h.await(ctx, app, "settled", testbed.Settled(app))
		Expect(status.Instances).To(HaveLen(app.Replicas))
		left, err := h.bed.Leftovers(ctx)
		Expect(err).NotTo(HaveOccurred())
		for _, instance := range status.Instances {
			Expect(left).To(ContainSubstring(instance.Name + " running"))
		}
	}, SpecTimeout(3*time.Minute))

	It("scales up and down in mid-rollout", func(ctx SpecContext) {
		report := under(ctx, h.mixed(300, app), func(*load.Generator) {
			app.Version = 1
			h.apply(ctx, app)
			testbed.Pause(ctx, 2*time.Second)
			app.Replicas = 3
			h.roll(ctx, app)
			app.Replicas = 2
			h.roll(ctx, app)
		})
		expectNothingLost(report)
	}, SpecTimeout(4*time.Minute))
})
