package e2e

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

var _ = Describe("what people change by hand beside a repository", Ordered, func() {
	var h *gitHouse
	orders, _ := repositoryApps()
	const enough = SpecTimeout(90 * time.Second)

	BeforeAll(func(ctx SpecContext) {
		h = newGitHouse(ctx, []testbed.App{orders}, "--git-interval", "500ms")
	}, NodeTimeout(2*time.Minute))

	docker := func(ctx context.Context, args ...string) string {
		GinkgoHelper()
		out, err := testbed.Docker(ctx, args...)
		Expect(err).NotTo(HaveOccurred())
		return out
	}
	// told waits for a diff among the warnings of an object.
	told := func(ctx context.Context, object, diff string) {
		GinkgoHelper()
		Eventually(func() string { return h.cli(ctx, 0, "events", "--for", object, "--types", "Warning") }).
			WithContext(ctx).Should(MatchRegexp(`Drift .*` + diff + `.*; it is put right`))
	}

	It("containers: one that was stopped and one that was removed are told with a diff, and replaced", func(ctx SpecContext) {
		status := h.await(ctx, orders, "settled", testbed.Settled(orders))
		for _, verb := range [][]string{{"stop", "-t", "1"}, {"rm", "-f"}} {
			name := ready(status)
			docker(ctx, append(verb, name)...)
			told(ctx, "deployment/orders", "container "+name+`: -running \+`)
			status = h.await(ctx, orders, "healed", func(d api.DeploymentStatus) bool {
				return testbed.Settled(orders)(d) && !isReady(d, name)
			})
		}
	}, enough)

	It("a file of nginx: it is told with a diff, rewritten and reloaded, and nobody notices", func(ctx SpecContext) {
		server := h.nginx[1].Name
		report := under(ctx, h.light(100, orders), func(*load.Generator) {
			docker(ctx, "exec", server, "sh", "-c", "echo '# by hand' >> /etc/nginx/segue/current/http.conf && nginx -s reload")
			told(ctx, "nginx/edge", `\+# by hand`)
			Eventually(func() string { return docker(ctx, "exec", server, "cat", "/etc/nginx/segue/current/http.conf") }).
				WithContext(ctx).ShouldNot(ContainSubstring("by hand"))
		})
		expectNothingLost(report)
	}, enough)

	It("a status in Eureka: it is told with a diff, and UP again", func(ctx SpecContext) {
		h.repo.Files["prod/main.yaml"] = testbed.ShortCaches
		orders.Version, orders.Eureka, orders.Env["EUREKA_HEARTBEAT"] = 2, "{}", "2s"
		h.push("Register it", orders)
		h.rolled(ctx, orders)
		registry, err := h.bed.OwnRegistry(ctx)
		Expect(err).NotTo(HaveOccurred())
		visible(ctx, registry, orders)
		h.await(ctx, orders, "settled", testbed.Settled(orders))
		all, err := registry.Leases(ctx)
		Expect(err).NotTo(HaveOccurred())
		out := all[0]
		Expect(registry.SetStatus(ctx, out.App, out.InstanceID, "OUT_OF_SERVICE")).To(Succeed())
		told(ctx, "deployment/orders", `lease orders-\S+ at \S+: -UP \+OUT_OF_SERVICE`)
		Eventually(func() (string, error) {
			now, err := registry.Lease(ctx, out.App, out.InstanceID)
			return now.Status, err
		}).WithContext(ctx).Should(Equal("UP"))
		Eventually(func() string { return h.cli(ctx, 0, "events", "--for", "deployment/orders") }).WithContext(ctx).Should(MatchRegexp(`(?s)OUT_OF_SERVICE.*DriftHealed`))
	}, enough)
})
