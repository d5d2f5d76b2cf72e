package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

var _ = Describe("a repository in trouble", Ordered, func() {
	var h *gitHouse
	orders, stock := repositoryApps()
	const enough = SpecTimeout(90 * time.Second)

	BeforeAll(func(ctx SpecContext) {
		h = newGitHouse(ctx, []testbed.App{orders, stock}, "--git-interval", "500ms", "--prune", "--prune-all")
	}, NodeTimeout(2*time.Minute))

	It("changes nothing when its branch is rewritten, deleted or half written, its directory or itself is gone, or nothing is in it", func(ctx SpecContext) {
		before := h.await(ctx, orders, "settled", testbed.Settled(orders))
		good := h.repo.Tip("main")
		forced := orders
		forced.Version = 6
		beside := running(ctx, h.house)
		report := under(ctx, h.light(200, orders, stock), func(*load.Generator) {
			h.repo.Files["prod/orders.yaml"] = forced.YAML()
			h.repo.Push("Forced", h.repo.Commit("Another root"))
			h.becomes(ctx, api.ReasonRewritten, "segue reconcile shop --accept-rewrite")
			h.repo.Point("other", good)
			h.repo.Drop("main")
			h.becomes(ctx, api.ReasonMissing, "push it again")
			h.repo.Files["prod/orders.yaml"] = orders.YAML()
			half := h.repo.Commit("Half written", good)
			found := h.repo.Lose(half)
			h.repo.Point("main", half)
			h.becomes(ctx, api.ReasonUnreadable, "an object of the commit is missing")
			found()
			h.becomes(ctx, api.ReasonApplied, `"Half written" holds`)
			whole := h.repo.Files
			h.repo.Files = map[string]string{"local/orders.yaml": orders.YAML()}
			h.repo.Push("Move it")
			h.becomes(ctx, api.ReasonMissing, "has no directory prod (it has local)")
			h.repo.Files = map[string]string{"prod/README": "Empty.\n"}
			h.repo.Push("Empty it")
			h.becomes(ctx, api.ReasonEmpty, `holds no manifest below "/prod"`)
			h.repo.Files = whole
			h.repo.Push("Bring it back")
			h.becomes(ctx, api.ReasonApplied, `"Bring it back" holds`)
			away := h.repo.Dir + ".away"
			Expect(rename(h.repo.Dir, away)).To(Succeed())
			h.becomes(ctx, api.ReasonUnreadable, "there is no Git repository")
			Expect(h.segue.Kill()).To(Succeed())
			Expect(h.segue.Start(ctx)).To(Succeed())
			h.becomes(ctx, api.ReasonUnreadable, `"Bring it back" holds`)
			testbed.Pause(ctx, time.Second)
			Expect(rename(away, h.repo.Dir)).To(Succeed())
			h.becomes(ctx, api.ReasonApplied, `"Bring it back" holds`)
		})
		expectNothingLost(report)
		now := h.await(ctx, orders, "as it was", testbed.Settled(orders))
		Expect(now.Revision).To(Equal(before.Revision))
		Expect(running(ctx, h.house)).To(Equal(beside))
	}, enough)

	It("finishes a commit in the middle of which segue was killed", func(ctx SpecContext) {
		report := under(ctx, h.light(200, orders, stock), func(*load.Generator) {
			orders.Version, stock.Version = 7, 7
			h.push("Release both", orders, stock)
			h.await(ctx, orders, "on its way", func(d api.DeploymentStatus) bool { return d.Image == orders.Image() })
			for range 2 {
				Expect(h.segue.Kill()).To(Succeed())
				Expect(h.segue.Start(ctx)).To(Succeed())
				testbed.Pause(ctx, 700*time.Millisecond)
			}
			h.rolled(ctx, orders)
			h.rolled(ctx, stock)
		})
		expectNothingLost(report)
		h.becomes(ctx, api.ReasonApplied, `"Release both" holds`)
	}, enough)
})
