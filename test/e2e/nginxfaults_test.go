package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

var _ = Describe("what happens to nginx", Ordered, func() {
	var h *house
	const enough = SpecTimeout(2 * time.Minute)
	orders := fast("orders", 1)
	// remaining is load on the server that nothing happens to.
	remaining := func(server int, rate float64) []load.Job {
		target := h.targets(orders)[server]
		return lightOn(servers[server]+" nginx", target, rate)
	}
	next := func() {
		orders.Version = orders.Version%9 + 1
	}
	current := func(server int) string {
		GinkgoHelper()
		generation, err := os.Readlink(filepath.Join(h.nginx[server].ConfDir, "current"))
		Expect(err).NotTo(HaveOccurred())
		return generation
	}
	answers := func(ctx context.Context, server int, version string) {
		GinkgoHelper()
		report := under(ctx, remaining(server, 100), func(*load.Generator) {})
		expectNothingLost(report)
		Expect(report.VersionNames()).To(HaveExactElements(version))
	}

	BeforeAll(func(ctx SpecContext) {
		h = newBriskHouse(ctx, "")
		h.run(ctx, orders)
	}, NodeTimeout(2*time.Minute))

	It("a restart in mid-rollout costs what it cuts itself, and the rollout ends well", func(ctx SpecContext) {
		report := under(ctx, remaining(1, 200), func(*load.Generator) {
			next()
			h.apply(ctx, orders)
			Expect(h.nginx[0].Restart(ctx)).To(Succeed())
			h.rolled(ctx, orders)
			answers(ctx, 0, version(orders))
		})
		expectNothingLost(report)
	}, enough)

	It("a container that is away for a whole rollout holds nothing up; its files are kept right, and made anew it is put back on segue's network", func(ctx SpecContext) {
		report := under(ctx, remaining(0, 200), func(*load.Generator) {
			Expect(h.nginx[1].Remove(ctx)).To(Succeed())
			next()
			h.roll(ctx, orders)
			status, err := h.segue.Status(ctx, orders.Name)
			Expect(err).NotTo(HaveOccurred())
			written, err := os.ReadFile(filepath.Join(h.nginx[1].ConfDir, "current", "http.conf"))
			Expect(err).NotTo(HaveOccurred())
			Expect(string(written)).To(ContainSubstring(status.Instances[0].Address+":"), "what the next container reads first")
			Expect(h.nginx[1].Create(ctx)).To(Succeed())
			Eventually(func() string {
				return docker(ctx, "inspect", "-f", "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}", h.nginx[1].Name)
			}).Should(ContainSubstring("segue "))
			h.await(ctx, orders, "whole", whole(orders))
			answers(ctx, 1, version(orders))
		})
		expectNothingLost(report)
	}, enough)

	It("one of two servers that is down during a rollout holds nothing up, and serves the new when it is back", func(ctx SpecContext) {
		report := under(ctx, remaining(1, 200), func(*load.Generator) {
			docker(ctx, "stop", "-t", "1", h.nginx[0].Name)
			next()
			h.roll(ctx, orders)
			Expect(h.cli(ctx, 0, "get", "nginx")).To(And(ContainSubstring("1/2"), ContainSubstring("segue-e2e-old: container is not running")))
			docker(ctx, "start", h.nginx[0].Name)
			h.await(ctx, orders, "whole", whole(orders))
			answers(ctx, 0, version(orders))
		})
		expectNothingLost(report)
	}, enough)

	It("somebody else's broken file stops a change, is named with its line, and leaves everything as it was until it is mended", func(ctx SpecContext) {
		server := h.nginx[0]
		Expect(server.Write("zz-foreign.conf", "server {\n\tlisten 8099;\n\tproxy_pas http://nowhere;\n}\n")).To(Succeed())
		served := []string{current(0), current(1)}
		before := orders
		report := under(ctx, h.light(200, orders), func(*load.Generator) {
			next()
			h.apply(ctx, orders)
			status := h.await(ctx, orders, "stopped", refused("/etc/nginx/conf.d/zz-foreign.conf:3"))
			Expect(status.Reason).To(ContainSubstring("proxy_pas"))
			Expect(h.cli(ctx, 0, "describe", "deployment/orders")).To(ContainSubstring("/etc/nginx/conf.d/zz-foreign.conf:3"))
			Expect([]string{current(0), current(1)}).To(Equal(served))
			Expect(status.Rejected).To(BeNil(), "it is not the revision's fault")
		})
		expectNothingLost(report)
		Expect(report.VersionNames()).To(HaveExactElements(version(before)))

		report = under(ctx, h.light(200, orders), func(*load.Generator) {
			Expect(os.Remove(filepath.Join(server.UserDir, "zz-foreign.conf"))).To(Succeed())
			h.rolled(ctx, orders)
		})
		expectNothingLost(report)
	}, enough)

	It("a port that somebody else holds stops a change, is named, and is no revision's fault", func(ctx SpecContext) {
		// It listens in the network of a server, where segue's next server block is to.
		holder := "segue-e2e-holder"
		docker(ctx, "run", "-d", "--name", holder, "--label", "segue.dev/testbed="+h.bed.Name, "--network", "container:"+h.nginx[1].Name,
			"-e", "SERVICE=holder", "-e", "PORT=8090", testbed.Sample(1))
		// The other server follows and listens there; this one goes on as it was.
		report := under(ctx, remaining(1, 200), func(*load.Generator) {
			h.write("edge", testbed.NginxYAML("edge", brisk+", httpPort: 8090", h.nginx...))
			next()
			h.apply(ctx, orders)
			status := h.await(ctx, orders, "stopped", refused("8090"))
			Expect(status.Rejected).To(BeNil())
			h.write("edge", testbed.NginxYAML("edge", brisk, h.nginx...))
			h.rolled(ctx, orders)
		})
		expectNothingLost(report)
		docker(ctx, "rm", "-f", holder)
	}, enough)
})

// refused says that nginx did not take a change, and that the reason has these words.
func refused(words string) func(api.DeploymentStatus) bool {
	return func(d api.DeploymentStatus) bool {
		return condition(d.Conditions, api.ConditionNginxSynced) == "False" && strings.Contains(d.Reason, words)
	}
}
