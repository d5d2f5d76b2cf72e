package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

var _ = Describe("kill -9 of segue in the middle of a stop", Ordered, func() {
	var h *house
	var engine *socketProxy
	rolling, blueGreen := fast("orders", 1), fast("payments", 1)
	blueGreen.Strategy = "{type: BlueGreen, blueGreen: {scaleDownDelaySeconds: 1}}"

	BeforeAll(func(ctx SpecContext) {
		engine = newSocketProxy()
		h = newBriskHouse(ctx, "")
		h.run(ctx, rolling, blueGreen)
	}, NodeTimeout(2*time.Minute))

	for i, name := range []string{"a rolling update", "blue/green"} {
		app := []*testbed.App{&rolling, &blueGreen}[i]
		It("between the rename and the signal, in "+name+", loses nothing and ends well", func(ctx SpecContext) {
			report := under(ctx, h.light(300, *app), func(*load.Generator) {
				signals := engine.HoldSignals()
				h.apply(ctx, next(app))
				Eventually(signals).WithTimeout(time.Minute).Should(Receive())
				Expect(h.segue.Kill()).To(Succeed())
				engine.LetSignals()
				testbed.Pause(ctx, 3*time.Second)
				Expect(h.bed.Leftovers(ctx)).To(MatchRegexp(app.Name+`-\S+\.retired running`), "it has its new name, and was told nothing")
				Expect(h.segue.Start(ctx)).To(Succeed())
				h.rolled(ctx, *app)
			})
			expectNothingLost(report)
			Eventually(func() (string, error) { return h.bed.Leftovers(ctx) }).ShouldNot(ContainSubstring(".retired"))
		}, SpecTimeout(2*time.Minute))
	}
})
