package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// webServer is the user's own server block on each machine; line says what $service_url is.
func webServer(line string) string {
	return fmt.Sprintf(`server {
	listen 80;
	%s
	location / {
		proxy_pass $service_url;
		proxy_http_version 1.1;
		proxy_set_header Connection "";
		proxy_set_header Host $host;
	}
}
`, line)
}

// url is the line that the original's script changes.
func url(port int) string {
	return fmt.Sprintf("set $service_url http://%s:%d;\n", testbed.HostGateway, port)
}

// process is a service as `nohup java -jar … &` leaves it. Who calls it ends it.
func process(service string, version, port int) *exec.Cmd {
	GinkgoHelper()
	p := exec.Command(filepath.Join(filepath.Dir(binary), "sample"))
	p.Env = append(os.Environ(), "SERVICE="+service, fmt.Sprintf("VERSION=%d", version), fmt.Sprintf("PORT=%d", port))
	p.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	Expect(p.Start()).To(Succeed())
	return p
}

var _ = Describe("two nginx on other machines, over ssh", Ordered, Label(byRoot), func() {
	var h *house
	var hosts []*testbed.Host
	var original *exec.Cmd
	app := testbed.App{
		Name: "teatime", Version: 2, Replicas: 1, Routes: "{http: {variable: service_url}}",
		Strategy: "{type: BlueGreen, blueGreen: {scaleDownDelaySeconds: 1, slots: {prod1: {hostPort: 8080}, prod2: {hostPort: 8081}}}}",
		Spec:     []string{"drainTimeoutSeconds: 2", fmt.Sprintf("adopt: [{address: %q}]", testbed.HostGateway+":8080")},
	}
	jobs := func(rate float64) []load.Job {
		var all []load.Job
		for _, host := range hosts {
			all = append(all, lightOn(host.Name, load.Target{Address: host.Address, Service: app.Name}, rate)...)
		}
		return all
	}
	describe := func(ctx context.Context) func() (string, error) {
		return func() (string, error) {
			out, _, err := h.segue.CLI(ctx, "describe", "nginx/edge")
			return out, err
		}
	}

	BeforeAll(func(ctx SpecContext) {
		h = newEmptyHouse(ctx)
		DeferCleanup(func(ctx context.Context) {
			if original != nil {
				_ = original.Process.Kill() // it may have ended
				_ = original.Wait()         // it may have been waited for
			}
			for _, host := range hosts {
				if CurrentSpecReport().Failed() {
					AddReportEntry(host.Name, host.Log())
				}
				Expect(host.Close()).To(Succeed())
			}
			Expect(testbed.CloseHosts(ctx)).To(Succeed())
		})
		var err error
		h.bed.Binary, err = h.bed.SSHBinary()
		Expect(err).NotTo(HaveOccurred())
		h.control("--advertise-address", testbed.HostGateway)
		original = process(app.Name, 1, 8080)
		hosts, err = h.bed.Hosts(ctx, []string{"web-1", "web-2"}, map[string]string{
			"user.conf": webServer("include /etc/nginx/conf.d/service-prod-url.inc;"), "service-prod-url.inc": url(8080),
		})
		Expect(err).NotTo(HaveOccurred())
	}, NodeTimeout(2*time.Minute))

	It("measures what the original's own release loses", func(ctx SpecContext) {
		report := under(ctx, jobs(200), func(generator *load.Generator) {
			generator.Lap()
			next := process(app.Name, 2, 8081)
			testbed.Pause(ctx, 2*time.Second)
			for _, host := range hosts {
				Expect(host.SSH(ctx, url(8081), "sudo", "tee", "/etc/nginx/conf.d/service-prod-url.inc")).To(Succeed())
				Expect(host.SSH(ctx, "", "sudo", "nginx", "-s", "reload")).To(Succeed())
			}
			Expect(original.Process.Kill()).To(Succeed())
			_ = original.Wait() // killed
			original = next
		})
		AddReportEntry("the original's release", report.String())
		// Its way back to 8080, for the story that follows.
		next := process(app.Name, 1, 8080)
		testbed.Pause(ctx, time.Second)
		for _, host := range hosts {
			Expect(host.Write("service-prod-url.inc", url(8080))).To(Succeed())
			Expect(host.Reload(ctx)).To(Succeed())
		}
		testbed.Pause(ctx, time.Second)
		Expect(original.Process.Kill()).To(Succeed())
		_ = original.Wait() // killed
		original = next
	}, SpecTimeout(time.Minute))

	It("takes over from a bare process, at no cost beyond the user's own reload", func(ctx SpecContext) {
		h.write("edge", fmt.Sprintf(`apiVersion: segue.dev/v1
kind: Nginx
metadata: {name: edge}
spec:
  servers:
  - ssh: {address: ubuntu@web-1, identityFile: %[1]s, sudo: true}
  - ssh: {address: root@web-2, identityFile: %[1]s}
  `+strings.ReplaceAll(brisk, ", ", "\n  ")+"\n", h.bed.Identity()))
		Expect(h.segue.Start(ctx)).To(Succeed())
		report := under(ctx, jobs(200), func(generator *load.Generator) {
			h.write(app.Name, app.YAML())
			Eventually(describe(ctx)).WithTimeout(time.Minute).Should(And(
				ContainSubstring("web-1: include /etc/nginx/segue/current/http.conf;  below  include /etc/nginx/conf.d/*.conf;  at /etc/nginx/nginx.conf:"),
				ContainSubstring("web-2: include /etc/nginx/segue/current/http.conf;  below  include /etc/nginx/conf.d/*.conf;  at /etc/nginx/nginx.conf:"),
				ContainSubstring("include /etc/nginx/segue/current/teatime.inc;  instead of  set $service_url http://"+testbed.HostGateway+":8080;  at /etc/nginx/conf.d/service-prod-url.inc:1")))
			for _, host := range hosts {
				Eventually(filepath.Join(host.Dir, "nginx/segue/current/teatime.inc")).Should(BeAnExistingFile())
			}
			expectNothingLost(generator.Lap())
			for _, host := range hosts {
				Expect(host.Write("a-segue.conf", "include /etc/nginx/segue/current/http.conf;\n")).To(Succeed())
				Expect(host.Write("service-prod-url.inc", "include /etc/nginx/segue/current/teatime.inc;\n")).To(Succeed())
				Expect(host.Reload(ctx)).To(Succeed())
			}
			testbed.Pause(ctx, 2*time.Second)
			expectOwnReload(generator.Lap())
			// An address does not count as live: the new instance alone says nothing of who serves.
			h.await(ctx, app, "settled", testbed.Settled(app))
			testbed.Pause(ctx, 3*time.Second) // no reload may follow
		})
		expectNothingLost(report)
		Expect(report.VersionNames()).To(ContainElement("2"))
		Expect(original.Process.Signal(syscall.SIGTERM)).To(Succeed())
		Expect(original.Wait()).To(Succeed())
	}, SpecTimeout(2*time.Minute))

	It("releases on both without losing a request", func(ctx SpecContext) {
		h.await(ctx, app, "settled", testbed.Settled(app))
		report := under(ctx, jobs(200), func(*load.Generator) {
			// The process that was adopted had one of the two places that nginx knows; the first of these takes it over.
			for app.Version = 3; app.Version < 7; app.Version++ {
				h.roll(ctx, app)
			}
			app.Version--
		})
		AddReportEntry("four releases", report.String())
		expectNothingLost(report)
		Expect(report.VersionNames()).To(ContainElements("3", "4", "5", "6"))
	}, SpecTimeout(3*time.Minute))

	It("stops nothing while one machine cannot be reached, says which, and goes on when it is back", func(ctx SpecContext) {
		h.await(ctx, app, "settled", testbed.Settled(app))
		before, err := h.bed.Leftovers(ctx)
		Expect(err).NotTo(HaveOccurred())
		left := lightOn("web-1", load.Target{Address: hosts[0].Address, Service: app.Name}, 200)
		report := under(ctx, left, func(*load.Generator) {
			Expect(hosts[1].Plug(ctx, false)).To(Succeed())
			Eventually(describe(ctx)).Should(And(
				MatchRegexp(`NginxSynced +Unknown .*web-2: .*ssh root@web-2: `)))
			app.Version = 7
			h.write(app.Name, app.YAML())
			status := h.await(ctx, app, "held up", func(d api.DeploymentStatus) bool {
				return condition(d.Conditions, api.ConditionNginxSynced) != "True"
			})
			Expect(status.Rejected).To(BeNil())
			testbed.Pause(ctx, 10*time.Second)
			now, err := h.bed.Leftovers(ctx)
			Expect(err).NotTo(HaveOccurred())
			for line := range strings.Lines(before) {
				Expect(now).To(ContainSubstring(strings.TrimSpace(line)), "what ran goes on to run")
			}
			Expect(hosts[1].Plug(ctx, true)).To(Succeed())
			h.rolled(ctx, app)
		})
		expectNothingLost(report)
		Expect(report.VersionNames()).To(ContainElement("7"))
	}, SpecTimeout(3*time.Minute))
})
