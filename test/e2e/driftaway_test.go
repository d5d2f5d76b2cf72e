package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/testbed"
)

var _ = Describe("what people change while segue does not run", Ordered, func() {
	orders, _ := repositoryApps()
	orders.Replicas = 3

	It("is told at its start with a diff, and put right", func(ctx SpecContext) {
		h := newHouse(ctx, "")
		h.apply(ctx, orders)
		h.include(ctx)
		h.rolled(ctx, orders)
		status := h.await(ctx, orders, "settled", testbed.Settled(orders))
		stopped, removed := readyOnes(status)[0], readyOnes(status)[1]
		Expect(h.segue.Stop()).To(Succeed())
		for _, args := range [][]string{
			{"stop", "-t", "2", stopped}, {"rm", "-f", removed},
			{"exec", h.nginx[1].Name, "sh", "-c", "echo '# by hand' >> /etc/nginx/segue/current/http.conf"},
		} {
			_, err := testbed.Docker(ctx, args...)
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(h.segue.Start(ctx)).To(Succeed())
		h.await(ctx, orders, "healed", func(d api.DeploymentStatus) bool {
			return testbed.Settled(orders)(d) && !isReady(d, stopped) && !isReady(d, removed)
		})
		Eventually(func() string { return h.cli(ctx, 0, "events", "-A", "--types", "Warning") }).WithContext(ctx).WithTimeout(30 * time.Second).Should(And(
			MatchRegexp(`container `+stopped+`: -running \+exited \(.*\); it is put right, as it was found after segue had not run`),
			ContainSubstring("container "+removed+": -running +removed; it is put right, as it was found after segue had not run"),
			ContainSubstring("+# by hand"),
		))
		Eventually(func() string { return h.cli(ctx, 0, "events", "-A") }).WithContext(ctx).WithTimeout(30 * time.Second).Should(ContainSubstring("DriftHealed"))
	}, SpecTimeout(90*time.Second))
})
