package e2e

import (
	"context"
	"fmt"
	"os"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

var _ = Describe("what its owner does to a deployment", Ordered, func() {
	var h *house
	var engine *socketProxy
	const enough = SpecTimeout(2 * time.Minute)
	app := fast("orders", 2)

	BeforeAll(func(ctx SpecContext) {
		engine = newSocketProxy()
		h = newBriskHouse(ctx, "")
		h.run(ctx, app)
	}, NodeTimeout(2*time.Minute))

	It("two edits in mid-rollout: the newest wins, what they overtook goes to zero, and nothing is lost", func(ctx SpecContext) {
		report := under(ctx, h.light(200, app), func(*load.Generator) {
			for _, app.Version = range []int{2, 3} {
				h.apply(ctx, app)
				h.await(ctx, app, "in mid-rollout", func(d api.DeploymentStatus) bool { return d.UpdatedReplicas > 0 })
			}
			app.Version = 4
			h.roll(ctx, app)
		})
		expectNothingLost(report)
		status := h.await(ctx, app, "whole", whole(app))
		for _, instance := range status.Instances {
			Expect(instance.Image).To(Equal(app.Image()))
		}
	}, enough)

	It("another strategy on a live service: nothing is lost on the way there and back", func(ctx SpecContext) {
		report := under(ctx, h.light(200, app), func(*load.Generator) {
			rolling := app.Strategy
			app.Version, app.Strategy = 5, "{type: BlueGreen, blueGreen: {scaleDownDelaySeconds: 1}}"
			h.roll(ctx, app)
			app.Version, app.Strategy = 6, rolling
			h.apply(ctx, app)
			h.await(ctx, app, "in mid-rollout", func(d api.DeploymentStatus) bool { return d.UpdatedReplicas > 0 })
			app.Strategy = "{type: BlueGreen, blueGreen: {scaleDownDelaySeconds: 1}}"
			h.roll(ctx, app)
			app.Strategy = rolling
			h.roll(ctx, app)
		})
		expectNothingLost(report)
	}, enough)

	It("Docker's event stream cut in mid-rollout costs nothing and holds nothing up", func(ctx SpecContext) {
		report := under(ctx, h.light(200, app), func(*load.Generator) {
			app.Version = 7
			h.apply(ctx, app)
			for range 3 {
				engine.Cut()
				testbed.Pause(ctx, 700*time.Millisecond)
			}
			h.rolled(ctx, app)
		})
		expectNothingLost(report)
	}, enough)

	It("Recreate: a 503 with Retry-After and nothing else, in the gap and nowhere else", func(ctx SpecContext) {
		h.await(ctx, app, "whole", whole(app))
		report := under(ctx, h.light(200, app), func(generator *load.Generator) {
			app.Version, app.Strategy = 8, "{type: Recreate}"
			h.roll(ctx, app)
			h.await(ctx, app, "whole", whole(app))
			gap := generator.Lap()
			Expect(gap.Failed(load.Unavailable)).To(BeZero(), "%s", gap)
			Expect(gap.Failures[load.Unavailable]).To(BeNumerically(">", 0), "%s", gap)
			AddReportEntry("Recreate's gap", gap.LongestGap.Round(10*time.Millisecond).String())
			Expect(gap.LongestGap).To(BeNumerically("<", 15*time.Second))
			Expect(h.cli(ctx, 0, "events", "--for", "deployment/"+app.Name)).To(MatchRegexp(`ServesAgain .*for [1-9][0-9.]*s nobody did`))
			testbed.Pause(ctx, time.Second)
		})
		expectNothingLost(report)
		Expect(report.VersionNames()).To(HaveExactElements("8"))
	}, enough)

	It("its deletion in mid-rollout: it is drained and gone, its neighbour does not notice, and its address answers 404", func(ctx SpecContext) {
		neighbour := fast("payments", 1)
		h.roll(ctx, neighbour)
		report := under(ctx, h.light(200, neighbour), func(*load.Generator) {
			app.Version, app.Strategy = 9, ""
			h.apply(ctx, app)
			h.await(ctx, app, "in mid-rollout", func(d api.DeploymentStatus) bool { return d.UpdatedReplicas > 0 })
			Expect(os.Remove(h.segue.Manifests + "/orders.yaml")).To(Succeed())
			Eventually(func() (string, error) { return h.owner(ctx, app) }).Should(BeEmpty())
			h.cli(ctx, 0, "delete", "deployment", "orders", "--timeout=1m")
			Eventually(func() (string, error) { return h.bed.Leftovers(ctx) }).ShouldNot(ContainSubstring("orders-"))
		})
		expectNothingLost(report)
		left := load.Target{Address: h.nginx[0].Address, Host: app.Host(), Service: app.Name}
		after := under(ctx, []load.Job{{Target: left, Client: load.OneShot, Request: load.Get, Rate: 20}}, func(*load.Generator) {})
		Expect(after.Failures["404"]).To(Equal(after.Requests), "%s", after)
	}, enough)
})

// owner is who an app's manifest is from; "" where it is nobody's.
func (h *house) owner(ctx context.Context, app testbed.App) (string, error) {
	list, err := h.segue.Client.List(ctx, api.Query{Kind: "Deployment", Name: app.Name})
	if err != nil {
		return "", err
	}
	if len(list.Items) != 1 {
		return "", fmt.Errorf("there are %d deployments %s", len(list.Items), app.Name)
	}
	return list.Items[0].Owner, nil
}
