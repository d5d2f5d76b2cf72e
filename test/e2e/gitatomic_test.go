package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/source/git/gittest"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

var _ = Describe("an atomic repository over http", Ordered, func() {
	var h *house
	var repo *gittest.Bare
	orders, stock := repositoryApps()

	It("sends all of a failed commit back together, and leaves what was changed by hand where that is asked for", func(ctx SpecContext) {
		repo = gittest.NewBare(GinkgoT(), "shop")
		server := serveGit(repo)
		token := GinkgoT().TempDir() + "/token"
		Expect(writeFile(token, "t0ken\n")).To(Succeed())
		repo.Files["orders.yaml"], repo.Files["stock.yaml"] = orders.YAML(), stock.YAML()
		repo.Push("Begin")
		h = newHouse(ctx, "", "--git", server, "--git-token-file", token, "--git-interval", "500ms", "--atomic", "--drift", "report")
		h.await(ctx, orders, "known", testbed.Known)
		h.include(ctx)
		h.await(ctx, orders, "settled", testbed.Settled(orders))
		h.await(ctx, stock, "settled", testbed.Settled(stock))
		report := under(ctx, h.mixed(200, orders, stock), func(*load.Generator) {
			next := stock
			next.Version = 2
			repo.Files["orders.yaml"], repo.Files["stock.yaml"] = sick(orders, 2).YAML(), next.YAML()
			repo.Push("Both, one sick")
			h.await(ctx, stock, "updated", func(d api.DeploymentStatus) bool { return d.Image == next.Image() })
			h.await(ctx, stock, "back", func(d api.DeploymentStatus) bool { return d.Settled && d.Image == stock.Image() })
			h.await(ctx, orders, "back", func(d api.DeploymentStatus) bool { return d.Settled && d.Image == orders.Image() })
		})
		expectNothingLost(report)
		Expect(h.cli(ctx, 0, "get", "sources")).To(MatchRegexp(`False +[0-9a-f]{7} +Ann .* WentBack: commit [0-9a-f]{7} "Both, one sick" went back as a whole`))
		orders.Version, stock.Version = 3, 3
		repo.Files["orders.yaml"], repo.Files["stock.yaml"] = orders.YAML(), stock.YAML()
		repo.Push("Both, well")
		h.await(ctx, orders, "updated", testbed.Settled(orders))
		status := h.await(ctx, stock, "updated", testbed.Settled(stock))
		name := ready(status)
		_, err := testbed.Docker(ctx, "stop", "-t", "1", name)
		Expect(err).NotTo(HaveOccurred())
		h.await(ctx, stock, "reported", func(d api.DeploymentStatus) bool {
			for _, c := range d.Conditions {
				if c.Type == api.ConditionDrift {
					return c.Reason == "Reported"
				}
			}
			return false
		})
		testbed.Pause(ctx, 3*time.Second)
		left, err := h.bed.Leftovers(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(left).NotTo(MatchRegexp(`stock-\S+ running`))
	}, SpecTimeout(2*time.Minute))
})
