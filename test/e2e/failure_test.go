package e2e

import (
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

var _ = Describe("a bad release", Ordered, ContinueOnFailure, func() {
	var h *house
	const enough = SpecTimeout(3 * time.Minute)
	good := orders(2)
	good.Spec = append(good.Spec, "progressDeadlineSeconds: 6")

	BeforeAll(func(ctx SpecContext) {
		h = newHouse(ctx, "")
		h.apply(ctx, good)
		h.include(ctx)
		h.rolled(ctx, good)
	}, NodeTimeout(2*time.Minute))

	DescribeTable("is rolled back by itself, says why, and costs nobody a request", func(ctx SpecContext, bad func(*testbed.App), why ...string) {
		app := good
		app.Version = 2
		bad(&app)
		before, err := h.bed.Leftovers(ctx)
		Expect(err).NotTo(HaveOccurred())
		report := under(ctx, h.mixed(300, app), func(*load.Generator) {
			h.apply(ctx, app)
			out := h.cli(ctx, 5, "rollout", "status", "deployment/"+app.Name)
			for _, part := range why {
				Expect(out).To(ContainSubstring(part))
			}
			status := h.await(ctx, good, "rolled back", func(d api.DeploymentStatus) bool {
				return d.Rejected != nil && onlyRuns(good)(d)
			})
			Expect(status.Rejected.Reason).NotTo(BeEmpty())
			h.apply(ctx, good)
			h.rolled(ctx, good)
		})
		expectNothingLost(report)
		Expect(report.VersionNames()).To(Equal([]string{"1"}))
		Eventually(func() ([]string, error) {
			after, err := h.bed.Leftovers(ctx)
			return sorted(after), err
		}).Should(Equal(sorted(before)), "what is left behind")
	},
		Entry("never gets ready", enough, func(a *testbed.App) { a.Env = map[string]string{"FAIL_READY": "true"} }, "503", "FAIL_READY"),
		Entry("crashes at start", enough, func(a *testbed.App) { a.Env = map[string]string{"CRASH_AT_START": "true"} }, "cannot open /etc/app/license.key"),
		Entry("gets ready and then dies", enough, func(a *testbed.App) {
			a.Env = map[string]string{"DIE_AFTER_READY": "100ms"}
			a.Spec = append(slices.Clone(a.Spec), "minReadySeconds: 2")
		}, "the pool is empty"),
		Entry("has no image", enough, func(a *testbed.App) { a.Version = 404 }, "segue-testbed/sample:404"),
		Entry("answers 200 with the wrong body", enough, func(a *testbed.App) { a.Env = map[string]string{"WRONG_BODY": "true"} }, "DOWN"),
	)

	It("is not the release's fault when a shared dependency blinks for 10 s", func(ctx SpecContext) {
		dependency := h.bed.Name + "-dependency"
		_, err := testbed.Docker(ctx, "run", "-d", "--name", dependency, "--label", "segue.dev/testbed="+h.bed.Name, "--network", "segue", testbed.Sample(1))
		Expect(err).NotTo(HaveOccurred())
		app := good
		app.Spec = slices.Clone(orders(2).Spec)
		app.Env = map[string]string{"DEPENDENCY": "http://" + dependency + ":8080/health"}
		h.roll(ctx, app)
		before := h.await(ctx, app, "settled", testbed.Settled(app))
		report := under(ctx, h.mixed(300, app), func(*load.Generator) {
			_, err := testbed.Docker(ctx, "pause", dependency)
			Expect(err).NotTo(HaveOccurred())
			blink := time.Now()
			h.await(ctx, app, "not ready", func(d api.DeploymentStatus) bool { return d.ReadyReplicas == 0 })
			testbed.Pause(ctx, 10*time.Second-time.Since(blink))
			_, err = testbed.Docker(ctx, "unpause", dependency)
			Expect(err).NotTo(HaveOccurred())
			h.rolled(ctx, app)
		})
		expectNothingLost(report)
		after := h.await(ctx, app, "settled", testbed.Settled(app))
		Expect(names(after)).To(Equal(names(before)), "nobody was stopped")
		_, err = testbed.Docker(ctx, "rm", "-f", dependency)
		Expect(err).NotTo(HaveOccurred())
	}, SpecTimeout(3*time.Minute))
})

func names(d api.DeploymentStatus) []string {
	var names []string
	for _, instance := range d.Instances {
		names = append(names, instance.Name)
	}
	slices.Sort(names)
	return names
}

func sorted(lines string) []string {
	split := strings.Split(lines, "\n")
	slices.Sort(split)
	return split
}
