package e2e

import (
	"context"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/source/git/gittest"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// Git pushes to a bare repository behind OpenSSH's sshd, and segue fetches from there.
var _ = Describe("a repository is the truth", Ordered, func() {
	var h *house
	var server *testbed.SSHServer
	var work *gitWork
	orders, stock := repositoryApps()
	const enough = SpecTimeout(90 * time.Second)

	// push commits what the services are now.
	push := func(ctx context.Context, message string, apps ...testbed.App) {
		GinkgoHelper()
		for _, app := range apps {
			work.put("prod/"+app.Name+".yaml", app.YAML())
		}
		work.push(ctx, "", message)
	}
	becomes := func(ctx context.Context, reason, message string) {
		GinkgoHelper()
		h.sourceBecomes(ctx, "git:shop", reason, message)
	}

	BeforeAll(func(ctx SpecContext) {
		var err error
		server, err = testbed.NewSSHServer(ctx, GinkgoT().TempDir())
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Stop)
		url := "ssh://" + server.User + "@" + server.Address + gittest.NewBare(GinkgoT(), "shop").Dir
		work = newGitWork(ctx, url, "GIT_SSH_COMMAND=ssh -F none -i "+server.Identity+" -o IdentitiesOnly=yes -o UserKnownHostsFile="+server.KnownHosts)
		push(ctx, "Begin", orders, stock)
		h = newBriskHouse(ctx, "", "--git", url, "--path", "prod", "--git-interval", "500ms", "--git-ssh-key", server.Identity, "--git-known-hosts", server.KnownHosts)
		h.await(ctx, orders, "known", testbed.Known)
		h.include(ctx)
		h.rolled(ctx, orders)
		h.rolled(ctx, stock)
	}, NodeTimeout(2*time.Minute))

	It("rolls out what is pushed, under load, and says who did it", func(ctx SpecContext) {
		report := under(ctx, h.light(200, orders, stock), func(*load.Generator) {
			orders.Version = 2
			push(ctx, "Release orders 2", orders)
			h.rolled(ctx, orders)
		})
		expectNothingLost(report)
		becomes(ctx, api.ReasonApplied, `"Release orders 2" holds`)
		Expect(h.cli(ctx, 0, "get", "sources")).To(MatchRegexp(`git:shop +True +[0-9a-f]{7} +Ann +\S+ +2/2 +Applied`))
		Expect(h.cli(ctx, 0, "rollout", "history", "orders")).To(MatchRegexp(`2 +accepted +\S+ +Ann +\S+ +commit [0-9a-f]{7} "Release orders 2"`))
		Expect(h.cli(ctx, 0, "describe", "source/shop")).To(MatchRegexp(`deployment/orders +[0-9a-f]{7} +Applied`))
		for _, args := range [][]string{{"set", "image", "deployment/orders", "x:1"}, {"scale", "deployment/orders", "--replicas", "3"}} {
			Expect(h.cli(ctx, 2, args...)).To(SatisfyAll(ContainSubstring("change it in prod/orders.yaml:1 of ssh://"), ContainSubstring("segue suspend git:shop")))
		}
	}, enough)

	It("refuses a bad commit as a whole, with file and line, and the last good one stays", func(ctx SpecContext) {
		before := h.await(ctx, orders, "settled", testbed.Settled(orders))
		next := orders
		next.Version = 9
		work.put("prod/bad.yaml", "apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: bad}\nspec:\n  replica: 1\n  template: {image: x}\n")
		push(ctx, "Break it", next)
		becomes(ctx, api.ReasonRefused, `prod/bad.yaml:5:3  spec.replica: unknown field; did you mean "replicas"?`)
		becomes(ctx, api.ReasonRefused, `"Release orders 2" holds`)
		Expect(h.cli(ctx, 1, "reconcile", "shop")).To(ContainSubstring("prod/bad.yaml:5:3"))
		now := h.await(ctx, orders, "as it was", testbed.Settled(orders))
		Expect(now.Revision).To(Equal(before.Revision))
		work.git(ctx, "rm", "--quiet", "prod/bad.yaml")
		push(ctx, "Mend it", orders)
		becomes(ctx, api.ReasonApplied, `"Mend it" holds`)
	}, enough)

	It("rolls back what fails, remembers it, and follows a revert and the next commit, under load", func(ctx SpecContext) {
		started := func() int {
			GinkgoHelper()
			return strings.Count(h.cli(ctx, 0, "events", "--for", "deployment/orders"), "Started")
		}
		report := under(ctx, h.light(200, orders, stock), func(*load.Generator) {
			push(ctx, "Release a sick one", sick(orders, 4))
			h.await(ctx, orders, "rolled back", func(d api.DeploymentStatus) bool { return d.Settled && d.Phase == "RolledBack" })
			before := started()
			stock.Version++
			push(ctx, "Release stock", stock)
			h.rolled(ctx, stock)
			Expect(h.cli(ctx, 0, "reconcile", "shop")).To(ContainSubstring("unchanged"))
			testbed.Pause(ctx, 2*time.Second)
			becomes(ctx, api.ReasonFailed, "deployment/orders: Failed")
			work.git(ctx, "-c", "commit.gpgSign=false", "revert", "--no-edit", "HEAD~1")
			work.git(ctx, "push", "--quiet", "origin", "main")
			h.rolled(ctx, orders)
			becomes(ctx, api.ReasonApplied, `"Revert \"Release a sick one\"" holds`)
			Expect(started()).To(Equal(before), "what failed was tried again, or the revert started something")
			orders.Version = 5
			push(ctx, "Release a good one", orders)
			h.rolled(ctx, orders)
		})
		expectNothingLost(report)
	}, enough)

	It("leaves what is undone by hand pinned, visibly, until it changes it", func(ctx SpecContext) {
		h.cli(ctx, 0, "rollout", "undo", "orders", "--wait")
		Expect(h.cli(ctx, 0, "get", "deployments")).To(MatchRegexp(`orders .* Pinned by undo until its text changes, or segue retry`))
		Expect(h.cli(ctx, 0, "describe", "source/shop")).To(MatchRegexp(`deployment/orders +[0-9a-f]{7} +Pinned`))
		stock.Version++
		push(ctx, "Release stock once more", stock)
		h.rolled(ctx, stock)
		undone := h.await(ctx, orders, "settled", func(d api.DeploymentStatus) bool { return d.Settled })
		Expect(undone.Pinned).To(Equal("undo"))
		orders.Version = 6
		push(ctx, "Release orders 6", orders)
		h.rolled(ctx, orders)
		Expect(h.cli(ctx, 0, "get", "deployments")).NotTo(ContainSubstring("Pinned"))
	}, enough)

	It("changes nothing while its server is down, also where segue starts meanwhile, and goes on when it is back", func(ctx SpecContext) {
		report := under(ctx, h.light(200, orders, stock), func(*load.Generator) {
			Expect(server.Stop()).To(Succeed())
			becomes(ctx, api.ReasonUnreadable, "connection refused")
			Expect(h.segue.Kill()).To(Succeed())
			Expect(h.segue.Start(ctx)).To(Succeed())
			becomes(ctx, api.ReasonUnreadable, `"Release orders 6" holds`)
			Expect(server.Start(ctx)).To(Succeed())
			becomes(ctx, api.ReasonApplied, `"Release orders 6" holds`)
			orders.Version = 7
			push(ctx, "Release orders 7", orders)
			h.rolled(ctx, orders)
		})
		expectNothingLost(report)
	}, enough)
})
