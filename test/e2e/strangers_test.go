package e2e

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// What others break costs only the requests that were inside it; segue mends it, and nobody is answered by the wrong
// service.
var _ = Describe("what others do", Ordered, ContinueOnFailure, func() {
	var h *house
	app := orders(2)

	BeforeAll(func(ctx SpecContext) {
		h = newHouse(ctx, "")
		h.run(ctx, app)
	}, NodeTimeout(2*time.Minute))

	It("to one nginx, which is gone for a whole rollout, keeps the other whole, and it serves the new when it is back", func(ctx SpecContext) {
		report := under(ctx, load.Mixed(h.targets(app)[1], 150), func(*load.Generator) {
			Expect(h.nginx[0].Remove(ctx)).To(Succeed())
			app.Version = 2
			h.roll(ctx, app)
			Expect(h.nginx[0].Create(ctx)).To(Succeed())
			Eventually(func() (string, error) { return serves(ctx, h, 0, app) }).Should(Equal(version(app)))
		})
		expectNothingLost(report)
	}, SpecTimeout(3*time.Minute))

	It("to the manifests breaks nothing: a broken file is told, the good ones count", func(ctx SpecContext) {
		report := under(ctx, h.mixed(300, app), func(*load.Generator) {
			Expect(h.segue.Write("broken.yaml", "kind: Deploymnt\n")).To(Succeed())
			app.Version = 5
			h.roll(ctx, app)
			Expect(h.segue.Write("broken.yaml", "")).To(Succeed())
		})
		expectNothingLost(report)
	}, SpecTimeout(3*time.Minute))

	It("as a second controller is refused, with the holder's name", func(ctx SpecContext) {
		// Another socket, so that it does not simply ask the first one.
		out, code, err := h.segue.CLI(ctx, "run", "--manifests", h.segue.Manifests, "--socket", h.bed.Path("other"), "--once")
		Expect(err).NotTo(HaveOccurred())
		Expect(code).To(Equal(6), out)
		Expect(out).To(ContainSubstring("segue run"))
	}, SpecTimeout(time.Minute))
})

// serves is the version that one nginx answers with.
func serves(ctx SpecContext, h *house, server int, app testbed.App) (string, error) {
	job := load.Job{Target: h.targets(app)[server], Client: load.OneShot, Request: load.Get, Rate: 100, Count: 1}
	generator, err := load.New(load.Options{Jobs: []load.Job{job}, Allowed: testbed.Nets, Limit: 5 * time.Second})
	if err != nil {
		return "", err
	}
	report := generator.Run(ctx)
	if len(report.VersionNames()) != 1 {
		return "", fmt.Errorf("%s", report)
	}
	return report.VersionNames()[0], nil
}
