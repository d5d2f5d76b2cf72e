package e2e

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// handWritten is a user's nginx file in front of the one container at address.
func handWritten(address string) string {
	return fmt.Sprintf(`upstream orders_backend { server %s max_fails=0; keepalive 16; }
%s`, address, handWrittenServer)
}

const handWrittenServer = `server {
	listen 80;
	location / {
		proxy_pass http://orders_backend;
		proxy_http_version 1.1;
		proxy_set_header Connection "";
		proxy_set_header Host $host;
	}
}
`

var _ = Describe("taking over a container", Ordered, func() {
	const original, address = "segue-e2e-original", "10.84.0.200"
	var h *house
	app := fast("orders", 1)
	app.Version = 2
	app.Routes = "{http: {upstream: orders_backend}}"
	app.Spec = append(app.Spec, "adopt: [{container: "+original+"}]")
	// jobs leave out clients that keep connections to the old nginx: there a route to the user's own upstream does not
	// promise them anything.
	jobs := func() []load.Job { return h.light(200, app)[2:] }

	BeforeAll(func(ctx SpecContext) {
		h = newBriskHouse(ctx, handWritten(address+":8080"))
		docker(ctx, "run", "-d", "--name", original, "--label", "segue.dev/testbed="+h.bed.Name, "--restart", "unless-stopped",
			"--network", h.bed.Name, "--ip", address, "-e", "SERVICE=orders", testbed.Sample(1))
		Eventually(func() error {
			conn, err := net.Dial("tcp", address+":8080")
			if err == nil {
				err = conn.Close()
			}
			return err
		}).Should(Succeed())
	}, NodeTimeout(2*time.Minute))

	It("that runs behind a hand-written upstream costs nothing beyond the user's own reload", func(ctx SpecContext) {
		report := under(ctx, jobs(), func(generator *load.Generator) {
			h.apply(ctx, app)
			waiting := h.await(ctx, app, "waiting for the user", func(d api.DeploymentStatus) bool {
				return condition(d.Conditions, api.ConditionWaitingForInclude) == "True"
			})
			Expect(waiting.Instances).To(HaveLen(1), "nothing is started before the user has included the files")
			Eventually(func() string { return h.cli(ctx, 0, "describe", "nginx/edge") }).Should(And(
				ContainSubstring("include /etc/nginx/segue/current/http.conf;  below  include conf.d/*.conf;  at /etc/nginx/nginx.conf:"),
				ContainSubstring("and remove  upstream orders_backend { … }  at /etc/nginx/conf.d/user.conf:1")))
			expectNothingLost(generator.Lap())

			for _, server := range h.nginx {
				Eventually(filepath.Join(server.ConfDir, "current", "http.conf")).Should(BeAnExistingFile())
				Expect(server.Write("user.conf", "include /etc/nginx/segue/current/http.conf;\n"+handWrittenServer)).To(Succeed())
				Expect(server.Reload(ctx)).To(Succeed())
			}
			testbed.Pause(ctx, time.Second)
			expectOwnReload(generator.Lap())
			h.rolled(ctx, app)
		})
		expectNothingLost(report)
		Expect(report.VersionNames()).To(ContainElement("2"))
		Expect(docker(ctx, "inspect", "-f", "{{.State.Status}} {{.HostConfig.RestartPolicy.Name}}", original)).To(Equal("exited no"), "it is stopped and kept")
	}, SpecTimeout(2*time.Minute))

	It("is undone by starting the original again", func(ctx SpecContext) {
		report := under(ctx, jobs(), func(*load.Generator) {
			h.cli(ctx, 0, "rollout", "undo", "deployment/orders", "--to-revision=0", "--wait", "--timeout=1m")
		})
		expectNothingLost(report)
		Expect(report.VersionNames()).To(HaveExactElements("2", "1"))
		Expect(docker(ctx, "inspect", "-f", "{{.State.Status}}", original)).To(Equal("running"))
		left, err := h.bed.Leftovers(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(left).NotTo(ContainSubstring("running"), "of what segue started")
	}, SpecTimeout(2*time.Minute))
})

// condition is a condition's status, "" where there is none.
func condition(conditions []api.Condition, kind string) string {
	for _, c := range conditions {
		if c.Type == kind {
			return c.Status
		}
	}
	return ""
}

// expectOwnReload allows what a user's reload costs: connections that nginx ends just when they are used again.
func expectOwnReload(report load.Report) {
	GinkgoHelper()
	AddReportEntry("lost in the user's own reload", report.FailureText())
	Expect(report.Failed(load.EOF, load.Reset, load.GoAway)).To(BeZero(), "%s", report)
	for _, job := range report.Jobs {
		if strings.Contains(job.Name, "one-shot") {
			Expect(job.Failed()).To(BeZero(), "%s", report)
		}
	}
}
