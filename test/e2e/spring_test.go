package e2e

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

const (
	oneWave   = "{rollingUpdate: {maxSurge: 100%, maxUnavailable: 0}}"
	blueGreen = "{type: BlueGreen, blueGreen: {scaleDownDelaySeconds: 1}}"
)

var _ = Describe("Spring Cloud", Ordered, ContinueOnFailure, Label("spring"), func() {
	var t *town
	var orders, prices testbed.App
	const enough = SpecTimeout(8 * time.Minute)

	BeforeAll(func(ctx SpecContext) {
		t = newTown(ctx, testbed.Boot4, 2, true, "orders", "prices")
		orders, prices = t.service("orders", oneWave), t.service("prices", blueGreen)
		t.apply(ctx, orders)
		t.apply(ctx, prices)
		t.rolls(ctx, orders)
		t.rolls(ctx, prices)
		t.found(ctx, orders)
		t.found(ctx, prices)
	}, NodeTimeout(6*time.Minute))

	It("loses no request in a rolling update and a blue/green switch, and asks nobody who is not ready", func(ctx SpecContext) {
		watch := t.watch(ctx, orders, prices)
		report := under(ctx, t.callers(60, orders, prices), func(*load.Generator) {
			t.apply(ctx, newer(&orders))
			t.apply(ctx, newer(&prices))
			after, whole := t.rolls(ctx, orders)
			AddReportEntry("short caches, rolling update", fmt.Sprintf("%s, %s from ready on", whole, after))
			after, whole = t.rolls(ctx, prices)
			AddReportEntry("short caches, blue/green", fmt.Sprintf("%s, %s from ready on", whole, after))
		})
		expectAnswered(report, 1000)
		Expect(report.VersionNames()).To(Equal([]string{"1", "2"}))
		watch.expectDark()
		watch.expectOrder()
	}, enough)
})

// newer is the next version of an app.
func newer(app *testbed.App) testbed.App {
	app.Version = app.Version%9 + 1
	return *app
}
