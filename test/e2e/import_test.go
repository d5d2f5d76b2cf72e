package e2e

import (
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

var _ = Describe("what segue import prints of a running container", Ordered, func() {
	const original, address = "segue-e2e-imported", "10.84.0.201"
	var h *house
	app := fast("imported", 1)
	app.Version, app.Routes = 2, "{http: {hostnames: [imported.test]}}"

	BeforeAll(func(ctx SpecContext) {
		h = newBriskHouse(ctx, handWritten(address+":8080"))
		docker(ctx, "run", "-d", "--name", original, "--label", "segue.dev/testbed="+h.bed.Name, "--label", "team=web", "--restart", "unless-stopped",
			"--network", h.bed.Name, "--ip", address, "--expose", "8080", "--memory", "256m", "--cap-add", "NET_ADMIN", "--stop-timeout", "20",
			"-e", "SERVICE=imported", "-e", "DB_PASSWORD=hunter2", testbed.Sample(1))
		Eventually(answersOK).WithArguments(ctx, h.nginx[0].Address, app.Host()).WithTimeout(20 * time.Second).Should(Succeed())
	}, NodeTimeout(2*time.Minute))

	It("takes it over as it is, once a route, a probe and the next image are written into it", func(ctx SpecContext) {
		text := h.cli(ctx, 0, "import", original)
		AddReportEntry("segue import", text, ReportEntryVisibilityFailureOrVerbose)
		Expect(text).To(SatisfyAll(
			MatchRegexp("# - cap_add (CAP_)?NET_ADMIN is not taken over"), ContainSubstring("# - restart: unless-stopped is left out"),
			ContainSubstring("# - SECRETS: DB_PASSWORD"), ContainSubstring("# - no routes yet"),
			ContainSubstring("image: "+testbed.Sample(1)), ContainSubstring("memory: 256Mi"), ContainSubstring("team: web"),
			ContainSubstring("- "+h.bed.Name), ContainSubstring("container: "+original), ContainSubstring("terminationGracePeriodSeconds: 20"),
		))
		Expect(os.WriteFile(h.bed.Path("as-it-is.yaml"), []byte(text), 0o644)).To(Succeed())
		Expect(h.cli(ctx, 0, "plan", "-f", h.bed.Path("as-it-is.yaml"))).To(ContainSubstring(original))

		app.Name = original // as the container is called
		text = strings.Replace(text, "image: "+testbed.Sample(1), "image: "+app.Image()+"\n    imagePullPolicy: Never\n    readinessProbe: {httpGet: {path: /health}, periodSeconds: 1}", 1)
		text = strings.Replace(text, "\nspec:\n", "\nspec:\n  drainTimeoutSeconds: 2\n  routes: "+app.Routes+"\n", 1)
		jobs := callersThrough("old nginx", h.nginx[0].Address, 60, testbed.App{Name: "imported"})
		report := under(ctx, jobs, func(generator *load.Generator) {
			h.write(original, text)
			waiting := h.await(ctx, app, "waiting for the user", func(d api.DeploymentStatus) bool {
				return condition(d.Conditions, api.ConditionWaitingForInclude) == "True"
			})
			Expect(waiting.Instances).To(HaveLen(1))
			expectAnswered(generator.Lap(), 10)
			for _, server := range h.nginx {
				Eventually(os.ReadFile).WithArguments(filepath.Join(server.ConfDir, "current", "servers.conf")).WithTimeout(30*time.Second).
					Should(ContainSubstring("imported.test"), "segue has written the route for who includes its files")
				Expect(server.Write("user.conf", "")).To(Succeed())
				Expect(server.Include(ctx)).To(Succeed())
			}
			testbed.Pause(ctx, time.Second)
			expectOwnReload(generator.Lap())
			h.rolled(ctx, app)
		})
		expectAnswered(report, 100)
		Expect(report.VersionNames()).To(ContainElement("2"))
		Expect(docker(ctx, "inspect", "-f", "{{.State.Status}}", original)).To(Equal("exited"), "it is stopped and kept")
		instance := instancesOf(h.await(ctx, app, "settled", testbed.Settled(app)))[0]
		Expect(docker(ctx, "inspect", "-f", "{{.HostConfig.Memory}} {{index .Config.Labels \"team\"}} {{.Config.Env}}", instance.Name)).
			To(SatisfyAll(HavePrefix("268435456 web "), ContainSubstring("DB_PASSWORD=hunter2")))
	}, SpecTimeout(110*time.Second))
})
