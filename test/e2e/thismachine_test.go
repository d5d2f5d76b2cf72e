package e2e

import (
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// What 002-set-service-url.md of docs/migrate promises, and segue beside a distribution's nginx.
var _ = Describe("the nginx of this machine", Ordered, Label(byRoot), func() {
	var h *house
	var nginx *hostNginx
	web := testbed.App{
		Name: "webservice", Version: 2, Replicas: 1, Routes: "{http: {variable: service_url}}",
		Strategy: "{type: BlueGreen, blueGreen: {scaleDownDelaySeconds: 1, slots: {" +
			`real1: {hostPort: 8081, env: {SPRING_PROFILES_ACTIVE: "real,real1"}}, real2: {hostPort: 8082, env: {SPRING_PROFILES_ACTIVE: "real,real2"}}}}}`,
		Spec: []string{"drainTimeoutSeconds: 2", `adopt: [{address: "127.0.0.1:8081"}]`},
	}
	shop := fast("shop", 2)
	var original *exec.Cmd

	// jobs are the callers of web: over HTTP/1.1, and over HTTP/2 with bodies that they cannot send again.
	jobs := func() []load.Job {
		target := load.Target{Address: userAddress, Service: web.Name}
		secure := load.Target{Address: http2Address, Service: web.Name, TLS: &tls.Config{InsecureSkipVerify: true}}
		return append(lightOn("web", target, 150),
			load.Job{Name: "web: HTTP/2 GET", Target: secure, Client: load.HTTP2, Request: load.Get, Rate: 50},
			load.Job{Name: "web: HTTP/2 POST once", Target: secure, Client: load.HTTP2, Request: load.PostOnce, Rate: 100})
	}

	BeforeAll(func(ctx SpecContext) {
		h = newEmptyHouse(ctx)
		original = process(web.Name, 1, 8081)
		nginx = newHostNginx(ctx, h.bed, map[string]string{
			"user.conf": userServer("include /etc/nginx/conf.d/service-url.inc;"), "service-url.inc": localURL(8081),
		})
		h.bed.Binary = nginx.binary(h.bed)
		h.control()
		h.write("edge", "apiVersion: segue.dev/v1\nkind: Nginx\nmetadata: {name: edge}\nspec: {servers: [{host: {}}], httpPort: 18080, "+brisk+"}\n")
		Expect(h.segue.Start(ctx)).To(Succeed())
	}, NodeTimeout(time.Minute))

	It("measures what the original's own scripts lose in two releases", func(ctx SpecContext) {
		report := under(ctx, jobs(), func(*load.Generator) {
			for n, port := range []int{8082, 8081} {
				// stop.sh has ended what was on the idle port; start.sh, health.sh, switch.sh.
				next := process(web.Name, 2-n, port)
				testbed.Pause(ctx, 2*time.Second)
				nginx.write("service-url.inc", localURL(port))
				nginx.run(ctx, "-s", "reload")
				testbed.Pause(ctx, time.Second)
				Expect(original.Process.Signal(syscall.SIGTERM)).To(Succeed()) // the next release's stop.sh
				Expect(original.Wait()).To(Succeed())
				original = next
			}
		})
		AddReportEntry("the scripts' two releases", report.String())
		Expect(report.VersionNames()).To(Equal([]string{"1", "2"}))
	}, SpecTimeout(time.Minute))

	It("hands over from a bare process on 8081 behind set $service_url, at no cost beyond the user's own reload", func(ctx SpecContext) {
		report := under(ctx, jobs(), func(generator *load.Generator) {
			h.write(web.Name, web.YAML())
			h.await(ctx, web, "waiting for the user", func(d api.DeploymentStatus) bool {
				return condition(d.Conditions, api.ConditionWaitingForInclude) == "True"
			})
			Eventually(func() (string, error) {
				out, _, err := h.segue.CLI(ctx, "describe", "nginx/edge")
				return out, err
			}).Should(And(
				ContainSubstring("include /etc/nginx/segue/current/http.conf;  below  include /etc/nginx/conf.d/*.conf;  at /etc/nginx/nginx.conf:"),
				ContainSubstring("include /etc/nginx/segue/current/webservice.inc;  instead of  set $service_url http://127.0.0.1:8081;  at /etc/nginx/conf.d/service-url.inc:1")))
			Eventually(nginx.segueFile("current", "webservice.inc")).Should(BeAnExistingFile())
			expectNothingLost(generator.Lap())

			nginx.write("a-segue.conf", "include /etc/nginx/segue/current/http.conf;\n")
			nginx.write("service-url.inc", "include /etc/nginx/segue/current/webservice.inc;\n")
			nginx.run(ctx, "-t")
			nginx.run(ctx, "-s", "reload")
			testbed.Pause(ctx, 500*time.Millisecond)
			expectOwnReload(generator.Lap())

			h.rolled(ctx, web)
		})
		expectNothingLost(report)
		Expect(report.VersionNames()).To(ContainElement("2"))
		Eventually(func() (string, error) {
			out, _, err := h.segue.CLI(ctx, "events")
			return out, err
		}).Should(ContainSubstring("webservice-adopted-1, 127.0.0.1:8081, is idle; stop it yourself"))
		Expect(original.Process.Signal(syscall.SIGTERM)).To(Succeed())
		Expect(original.Wait()).To(Succeed())
	}, SpecTimeout(2*time.Minute))

	It("switches between two slots by a flag, without a reload and without losing anything over HTTP/2 either", func(ctx SpecContext) {
		h.await(ctx, web, "settled", testbed.Settled(web))
		report := under(ctx, jobs(), func(generator *load.Generator) {
			// The adopted address had one of the two places that nginx knows; the next instance in it takes a reload, which
			// on an old nginx costs clients that use a connection again without a look at it.
			web.Version = 3
			h.roll(ctx, web)
			expectOwnReload(generator.Lap())
			workers := nginx.workers()
			slots := []string{slotOf(ctx, web)}
			for web.Version = 4; web.Version < 6; web.Version++ {
				h.roll(ctx, web)
				slots = append(slots, slotOf(ctx, web))
			}
			web.Version--
			Expect(nginx.workers()).To(Equal(workers), "the workers of before the last switches")
			Expect(slots).To(Or(Equal([]string{real1, real2, real1}), Equal([]string{real2, real1, real2})), "profiles and ports take turns")
		})
		expectNothingLost(report)
		Expect(report.VersionNames()).To(HaveExactElements("3", "4", "5"))
	}, SpecTimeout(2*time.Minute))

	It("serves segue's own server blocks beside it", func(ctx SpecContext) {
		h.roll(ctx, shop)
		target := load.Target{Address: ownAddress, Host: shop.Host(), Service: shop.Name}
		report := under(ctx, lightOn("shop", target, 200), func(*load.Generator) {
			shop.Version = 2
			h.roll(ctx, shop)
		})
		expectNothingLost(report)
		Expect(report.VersionNames()).To(HaveExactElements("1", "2"))
	}, SpecTimeout(2*time.Minute))

	It("is not left lame when segue is killed in mid-reload", func(ctx SpecContext) {
		target := load.Target{Address: ownAddress, Host: shop.Host(), Service: shop.Name}
		report := under(ctx, lightOn("shop", target, 200), func(*load.Generator) {
			shop.Version = 3
			h.write("shop", shop.YAML())
			flag := nginx.segueFile("flags", "lame")
			Eventually(func() error { _, err := os.Stat(flag); return err }).WithPolling(5 * time.Millisecond).Should(Succeed())
			Expect(h.segue.Kill()).To(Succeed())
			_, err := os.Lstat(flag)
			Expect(err).NotTo(HaveOccurred(), "it died with the flag raised")
			_, err = os.Stat(flag)
			Expect(err).To(MatchError(os.ErrNotExist), "a flag does not outlive who raised it")
			Expect(h.segue.Start(ctx)).To(Succeed())
			h.roll(ctx, shop)
		})
		expectNothingLost(report)
	}, SpecTimeout(2*time.Minute))
})

// localURL is the line that the original's scripts change.
func localURL(port int) string { return fmt.Sprintf("set $service_url http://127.0.0.1:%d;\n", port) }

// The two places of the original, by profile and port of this machine.
const real1, real2 = "real,real1 at 8081", "real,real2 at 8082"

// slotOf is the profile and the port of the one instance of an app that runs.
func slotOf(ctx context.Context, app testbed.App) string {
	GinkgoHelper()
	name := docker(ctx, "ps", "--filter", "name=^"+app.Name+"-", "--filter", "ancestor="+app.Image(), "--format", "{{.Names}}")
	_, after, _ := strings.Cut(docker(ctx, "inspect", "-f", "{{json .Config.Env}}", name), `"SPRING_PROFILES_ACTIVE=`)
	profile, _, _ := strings.Cut(after, `"`)
	return profile + " at " + docker(ctx, "inspect", "-f", `{{(index (index .HostConfig.PortBindings "8080/tcp") 0).HostPort}}`, name)
}
