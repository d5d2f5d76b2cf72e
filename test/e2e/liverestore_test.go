package e2e

import (
	"context"
	"os/exec"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
)

var _ = Describe("an engine with live-restore", Ordered, func() {
	It("restarts in mid-rollout: the containers live on, nobody notices, and the rollout goes on", func(ctx SpecContext) {
		if _, ours := engineRestart(ctx); !ours {
			AddReportEntry("not told", "the engine belongs to somebody else")
			return
		}
		h := newBriskHouse(ctx, "")
		app := orders(3)
		h.run(ctx, app)
		engine := func(ctx context.Context, command ...string) {
			GinkgoHelper()
			out, err := engineCommand(ctx, command...).CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), "%s", out)
		}
		engine(ctx, "live", "on")
		DeferCleanup(func(ctx context.Context) { engine(ctx, "live", "off") })
		began := func(name string) string {
			return docker(ctx, "inspect", "-f", "{{.State.StartedAt}} {{.State.Pid}}", name)
		}
		before := map[string]string{}
		for _, server := range h.nginx {
			before[server.Name] = began(server.Name)
		}
		report := under(ctx, h.light(200, app), func(*load.Generator) {
			for _, app.Version = range []int{2, 3} {
				h.apply(ctx, app)
				h.await(ctx, app, "in mid-rollout", func(d api.DeploymentStatus) bool { return d.UpdatedReplicas > 0 })
				engine(ctx, "restart")
				h.rolled(ctx, app)
			}
			for name, then := range before {
				Expect(began(name)).To(Equal(then), "%s was restarted", name)
			}
		})
		expectNothingLost(report)
		Expect(report.VersionNames()).To(HaveExactElements("1", "2", "3"))
		status := h.await(ctx, app, "whole", whole(app))
		Expect(status.Rejected).To(BeNil())
		for _, instance := range status.Instances {
			Expect(instance.Restarts).To(BeZero())
		}
	}, SpecTimeout(2*time.Minute))
})

// engineCommand is one of the script that runs the engine of this process.
func engineCommand(ctx context.Context, args ...string) *exec.Cmd {
	restart, _ := engineRestart(ctx)
	return exec.CommandContext(ctx, restart.Path, args...)
}
