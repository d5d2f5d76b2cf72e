package e2e

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/source/git/gittest"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// Two services of one repository, as quick to start as the others' and with a short deadline, so that a bad commit is
// seen to fail soon.
func repositoryApps() (orders, stock testbed.App) {
	spec := []string{"drainTimeoutSeconds: 2", "progressDeadlineSeconds: 6"}
	orders = testbed.App{Name: "orders", Version: 1, Replicas: 2, Spec: spec, Env: map[string]string{"START_DELAY": "200ms"}}
	stock = testbed.App{Name: "stock", Version: 1, Replicas: 1, Spec: spec}
	return orders, stock
}

// sick makes a version that never gets ready.
func sick(app testbed.App, version int) testbed.App {
	app.Version, app.Readiness = version, "/nowhere"
	return app
}

var _ = Describe("a repository is the truth", Ordered, func() {
	var h *house
	var repo *gittest.Bare
	var hooks string
	orders, stock := repositoryApps()
	const enough = SpecTimeout(90 * time.Second)

	BeforeAll(func(ctx SpecContext) {
		repo = gittest.NewBare(GinkgoT(), "shop")
		secret := GinkgoT().TempDir() + "/hook-secret"
		Expect(writeFile(secret, "s3cret\n")).To(Succeed())
		hooks = "127.0.0.1:9181"
		repo.Files["prod/orders.yaml"], repo.Files["prod/stock.yaml"] = orders.YAML(), stock.YAML()
		repo.Push("Begin")
		h = newHouse(ctx, "", "--git", repo.Dir, "--path", "prod", "--git-interval", "500ms", "--prune",
			"--webhook-listen", hooks, "--webhook-secret-file", secret)
		h.await(ctx, orders, "known", testbed.Known)
		h.include(ctx)
		h.rolled(ctx, orders)
		h.rolled(ctx, stock)
	}, NodeTimeout(2*time.Minute))

	// push commits what the services are now.
	push := func(message string, apps ...testbed.App) {
		GinkgoHelper()
		for _, app := range apps {
			repo.Files["prod/"+app.Name+".yaml"] = app.YAML()
		}
		repo.Push(message)
	}
	source := func(ctx context.Context) *api.SourceStatus {
		GinkgoHelper()
		list, err := h.segue.Client.List(ctx, api.Query{Kind: api.KindSource, Name: "git:shop"})
		Expect(err).NotTo(HaveOccurred())
		Expect(list.Items).To(HaveLen(1))
		return list.Items[0].Source
	}
	becomes := func(ctx context.Context, reason, message string) {
		GinkgoHelper()
		Eventually(func(g Gomega) {
			s := source(ctx)
			g.Expect(s.Conditions[0].Reason).To(Equal(reason), "%+v", s)
			g.Expect(s.Conditions[0].Message).To(ContainSubstring(message))
		}).WithContext(ctx).WithTimeout(40 * time.Second).Should(Succeed())
	}

	It("rolls out what is pushed, under load, and says who did it", func(ctx SpecContext) {
		report := under(ctx, h.mixed(200, orders, stock), func(*load.Generator) {
			for range 2 {
				orders.Version++
				push(fmt.Sprintf("Release orders %d", orders.Version), orders)
				h.rolled(ctx, orders)
			}
		})
		expectNothingLost(report)
		becomes(ctx, api.ReasonApplied, `"Release orders 3" holds`)
		Expect(h.cli(ctx, 0, "get", "sources")).To(MatchRegexp(`git:shop +True +[0-9a-f]{7} +Ann +\S+ +2/2 +Applied`))
		Expect(h.cli(ctx, 0, "rollout", "history", "orders")).To(MatchRegexp(`3 +accepted +\S+ +Ann +\S+ +commit [0-9a-f]{7} "Release orders 3"`))
		Expect(h.cli(ctx, 0, "describe", "source/shop")).To(MatchRegexp(`deployment/orders +[0-9a-f]{7} +Applied`))
		Expect(h.cli(ctx, 2, "set", "image", "deployment/orders", "x:1")).To(ContainSubstring("segue suspend git:shop"))
	}, enough)

	It("refuses a bad commit as a whole, with file and line, and the last good one stays", func(ctx SpecContext) {
		before := h.await(ctx, orders, "settled", testbed.Settled(orders))
		next := orders
		next.Version = 9
		repo.Files["prod/bad.yaml"] = "apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: bad}\nspec:\n  replica: 1\n  template: {image: x}\n"
		push("Break it", next)
		becomes(ctx, api.ReasonRefused, `prod/bad.yaml:5:3  spec.replica: unknown field; did you mean "replicas"?`)
		becomes(ctx, api.ReasonRefused, `"Release orders 3" holds`)
		Expect(h.cli(ctx, 1, "reconcile", "shop")).To(ContainSubstring("prod/bad.yaml:5:3"))
		now := h.await(ctx, orders, "as it was", testbed.Settled(orders))
		Expect(now.Revision).To(Equal(before.Revision))
		delete(repo.Files, "prod/bad.yaml")
		push("Mend it", orders)
		becomes(ctx, api.ReasonApplied, `"Mend it" holds`)
	}, enough)

	It("rolls back what fails, remembers it, and follows a revert and the next commit, under load", func(ctx SpecContext) {
		report := under(ctx, h.mixed(200, orders, stock), func(*load.Generator) {
			push("Release a sick one", sick(orders, 4))
			h.await(ctx, orders, "rolled back", func(d api.DeploymentStatus) bool { return d.Settled && d.Phase == "RolledBack" })
			starts := strings.Count(h.cli(ctx, 0, "events", "--for", "deployment/orders"), "Started")
			stock.Version++
			push("Release stock", stock)
			h.rolled(ctx, stock)
			Expect(h.cli(ctx, 0, "reconcile", "shop")).To(ContainSubstring("unchanged"))
			testbed.Pause(ctx, 2*time.Second)
			Expect(strings.Count(h.cli(ctx, 0, "events", "--for", "deployment/orders"), "Started")).To(Equal(starts), "what failed is tried again")
			becomes(ctx, api.ReasonFailed, "deployment/orders: Failed")
			push("Revert it", orders)
			h.rolled(ctx, orders)
			becomes(ctx, api.ReasonApplied, `"Revert it" holds`)
			orders.Version = 5
			push("Release a good one", orders)
			h.rolled(ctx, orders)
		})
		expectNothingLost(report)
	}, enough)

	It("changes nothing when the branch is rewritten, deleted, or half written, and when the repository is away", func(ctx SpecContext) {
		before := h.await(ctx, orders, "settled", testbed.Settled(orders))
		good := repo.Tip("main")
		forced := orders
		forced.Version = 6
		report := under(ctx, h.mixed(200, orders, stock), func(*load.Generator) {
			repo.Files["prod/orders.yaml"] = forced.YAML()
			repo.Push("Forced", repo.Commit("Another root"))
			becomes(ctx, api.ReasonRewritten, "segue reconcile shop --accept-rewrite")
			repo.Point("other", good)
			repo.Drop("main")
			becomes(ctx, api.ReasonMissing, "push it again")
			repo.Files["prod/orders.yaml"] = orders.YAML()
			half := repo.Commit("Half written", good)
			found := repo.Lose(half)
			repo.Point("main", half)
			becomes(ctx, api.ReasonUnreadable, "an object of the commit is missing")
			found()
			becomes(ctx, api.ReasonApplied, `"Half written" holds`)
			away := repo.Dir + ".away"
			Expect(rename(repo.Dir, away)).To(Succeed())
			becomes(ctx, api.ReasonUnreadable, "there is no Git repository")
			Expect(h.segue.Kill()).To(Succeed())
			Expect(h.segue.Start(ctx)).To(Succeed())
			becomes(ctx, api.ReasonUnreadable, `"Half written" holds`)
			testbed.Pause(ctx, time.Second)
			Expect(rename(away, repo.Dir)).To(Succeed())
			becomes(ctx, api.ReasonApplied, `"Half written" holds`)
		})
		expectNothingLost(report)
		now := h.await(ctx, orders, "as it was", testbed.Settled(orders))
		Expect(now.Revision).To(Equal(before.Revision))
	}, enough)

	It("finishes a commit in the middle of which it was killed", func(ctx SpecContext) {
		report := under(ctx, h.mixed(200, orders, stock), func(*load.Generator) {
			orders.Version, stock.Version = 7, 7
			push("Release both", orders, stock)
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
		becomes(ctx, api.ReasonApplied, `"Release both" holds`)
	}, enough)

	It("is read at once for a webhook that proves its secret, and for no other", func(ctx SpecContext) {
		post := func(token string) int {
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+hooks+"/hooks/shop", strings.NewReader("{}"))
			Expect(err).NotTo(HaveOccurred())
			request.Header.Set("X-Gitlab-Token", token)
			answer, err := http.DefaultClient.Do(request)
			Expect(err).NotTo(HaveOccurred())
			Expect(answer.Body.Close()).To(Succeed())
			return answer.StatusCode
		}
		Expect(post("wrong")).To(Equal(http.StatusUnauthorized))
		Expect(post("s3cret")).To(Equal(http.StatusAccepted))
	}, enough)

	It("leaves a suspended source's objects to people, and takes them back", func(ctx SpecContext) {
		h.cli(ctx, 0, "suspend", "shop")
		push("While suspended", stock)
		Expect(h.cli(ctx, 0, "reconcile", "shop")).To(ContainSubstring("suspended"))
		h.cli(ctx, 0, "scale", "deployment/stock", "--replicas", "2", "--wait")
		becomes(ctx, api.ReasonSuspended, "suspended by")
		h.cli(ctx, 0, "resume", "shop")
		h.rolled(ctx, stock)
		becomes(ctx, api.ReasonApplied, `"While suspended" holds`)
	}, enough)

	It("tells what was changed by hand, and puts it right", func(ctx SpecContext) {
		status := h.await(ctx, orders, "settled", testbed.Settled(orders))
		drifted := func(kind, name, words string) {
			GinkgoHelper()
			Eventually(func() string { return h.cli(ctx, 0, "events", "--for", kind+"/"+name, "--types", "Warning") }).
				WithContext(ctx).WithTimeout(30 * time.Second).Should(ContainSubstring(words))
		}
		for _, verb := range [][]string{{"stop", "-t", "1"}, {"rm", "-f"}} {
			name := ready(status)
			_, err := testbed.Docker(ctx, append(verb, name)...)
			Expect(err).NotTo(HaveOccurred())
			drifted("deployment", "orders", "container "+name+": -running")
			status = h.await(ctx, orders, "healed", func(d api.DeploymentStatus) bool {
				return testbed.Settled(orders)(d) && !isReady(d, name)
			})
		}
		report := under(ctx, h.mixed(100, orders), func(*load.Generator) {
			server := h.nginx[1]
			_, err := testbed.Docker(ctx, "exec", server.Name, "sh", "-c", "echo '# by hand' >> /etc/nginx/segue/current/http.conf && nginx -s reload")
			Expect(err).NotTo(HaveOccurred())
			drifted("nginx", "edge", "+# by hand")
			Eventually(func() string {
				text, err := testbed.Docker(ctx, "exec", server.Name, "cat", "/etc/nginx/segue/current/http.conf")
				Expect(err).NotTo(HaveOccurred())
				return text
			}).WithContext(ctx).WithTimeout(30 * time.Second).ShouldNot(ContainSubstring("by hand"))
		})
		expectNothingLost(report)
	}, enough)

	It("prunes what left the repository, and not more than half at once", func(ctx SpecContext) {
		third := stock
		third.Name = "prices"
		push("Add prices", third)
		h.rolled(ctx, third)
		delete(repo.Files, "prod/prices.yaml")
		delete(repo.Files, "prod/stock.yaml")
		push("Remove two of three")
		becomes(ctx, api.ReasonApplied, `"Remove two of three" holds`)
		Expect(h.cli(ctx, 0, "events", "-A", "--types", "Warning")).To(ContainSubstring("2 of its 3 objects are gone at once; --prune-all allows that"))
		Expect(h.cli(ctx, 0, "get", "deployments")).To(ContainSubstring("prices"))
		push("Bring them back", stock, third)
		becomes(ctx, api.ReasonApplied, `"Bring them back" holds`)
		delete(repo.Files, "prod/prices.yaml")
		push("Remove prices")
		Eventually(func() string { return h.cli(ctx, 0, "get", "deployments") }).
			WithContext(ctx).WithTimeout(40 * time.Second).ShouldNot(ContainSubstring("prices"))
	}, enough)
})

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

// isReady says whether an instance of that name is ready.
func isReady(d api.DeploymentStatus, name string) bool {
	return slices.ContainsFunc(d.Instances, func(i api.Instance) bool { return i.Name == name && i.Ready })
}

// ready is one instance that is.
func ready(d api.DeploymentStatus) string {
	GinkgoHelper()
	for _, i := range d.Instances {
		if i.Ready {
			return i.Name
		}
	}
	Fail("no instance is ready")
	return ""
}
