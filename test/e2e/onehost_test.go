package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// adoptLine prints what a manifest says of a container that deploy.sh started: docs/migrate has it.
const adoptLine = `{{range $port, $_ := .HostConfig.PortBindings}}- {container: {{slice $.Name 1}}, port: {{$port.Port}}, ` +
	`eurekaId: "{{$.Config.Hostname}}:sample-service:{{$port.Port}}"}{{end}}`

// springOneHost starts from what a shell script keeps up on one host, a Eureka server, a gateway and a service, and takes
// it over. caches are those of the gateway and of the server.
func springOneHost(generation testbed.Spring, caches string, part int) bool {
	return springStory(generation, "three replicas on one host that a script released", part, func() {
		var t *town
		var original *testbed.OneHost
		service := testbed.App{Name: testbed.OneHostService, Version: 3, Replicas: 3, Repository: testbed.OneHostService}
		const enough = SpecTimeout(8 * time.Minute)
		callers := func() []load.Job { return callersThrough("gateway", original.Gateway, 100, service) }
		// release applies a manifest of docs/migrate as it is, but for the image and what change does, and waits for its end.
		release := func(ctx context.Context, file string, change func(string) string) {
			GinkgoHelper()
			t.write(service.Name, change(oneHostManifest(file, service)))
			_, err := t.segue.Await(ctx, service.Name, "rolled to "+service.Image(), 6*time.Minute, testbed.Rolled(service))
			Expect(err).NotTo(HaveOccurred())
		}
		asItIs := func(text string) string { return text }
		const prod, local = "001-one-host-behind-a-gateway.yaml", "001-one-host-behind-a-gateway-local.yaml"

		BeforeAll(func(ctx SpecContext) {
			Expect(generation.Make(ctx)).To(Succeed())
			DeferCleanup(func(ctx context.Context) {
				if original != nil {
					Expect(original.Forget(ctx)).To(Succeed())
				}
			}, NodeTimeout(time.Minute))
			t = &town{house: newEmptyHouse(ctx), name: "main", generation: generation}
			t.control()
			var server, consumer map[string]string
			if caches == briefly {
				server, consumer = testbed.ShortEureka, testbed.ShortConsumer
			}
			var err error
			original, err = generation.OneHost(ctx, t.bed, server, consumer)
			Expect(err).NotTo(HaveOccurred())
			t.servers = []*testbed.Registry{original.Eureka}
			Expect(original.Deploy(ctx, "prod", 1)).To(Succeed())
			for version := 3; version <= 5; version++ {
				Expect(original.Build(ctx, version)).To(Succeed())
			}
			Eventually(answersOK).WithArguments(ctx, original.Gateway, service.Host()).WithTimeout(3 * time.Minute).Should(Succeed())
		}, NodeTimeout(10*time.Minute))

		It("loses requests in the script's own release", func(ctx SpecContext) {
			report := under(ctx, callers(), func(*load.Generator) {
				Expect(original.Deploy(ctx, "prod", 2)).To(Succeed())
				Eventually(answersOK).WithArguments(ctx, original.Gateway, service.Host()).WithTimeout(3 * time.Minute).Should(Succeed())
				if caches == byDefault {
					testbed.Pause(ctx, 65*time.Second) // until the gateway has forgotten all that are gone
				}
				testbed.Pause(ctx, 5*time.Second)
			})
			AddReportEntry("the script's release", report.String())
			Expect(report.Failed()).To(BeNumerically(">", 0), "%s", report)
		}, enough)

		It("is taken over without losing one", func(ctx SpecContext) {
			Expect(t.segue.Start(ctx)).To(Succeed())
			watch := t.watch(ctx, service)
			report := under(ctx, callers(), func(generator *load.Generator) {
				docker(ctx, "network", "connect", "segue", testbed.OneHostEureka)
				docker(ctx, "network", "connect", "segue", testbed.OneHostGateway)
				t.write("main", t.manifest(caches))
				lines := docker(ctx, append([]string{"inspect", "-f", adoptLine}, original.Running...)...)
				release(ctx, prod, func(text string) string { return adopting(text, lines) })
			})
			expectAnswered(report, 1000)
			AddReportEntry("the take-over", report.String())
			Expect(report.VersionNames()).To(Equal([]string{"2", "3"}))
			watch.expectAsked()
			for _, name := range original.Running {
				Expect(docker(ctx, "inspect", "-f", "{{.State.Status}} {{.HostConfig.RestartPolicy.Name}}", name)).To(Equal("exited no"), "it is stopped and kept")
			}
		}, enough)

		if caches == byDefault {
			return // it takes minutes, and says nothing new
		}

		It("is scaled out, becomes the one of the other profile, and survives a bad release, all without losing one", func(ctx SpecContext) {
			watch := t.watch(ctx, service)
			report := under(ctx, callers(), func(*load.Generator) {
				service.Replicas = 4
				release(ctx, prod, func(text string) string { return strings.Replace(text, "replicas: 3", "replicas: 4", 1) })
				service.Version, service.Replicas = 4, 1
				release(ctx, local, asItIs)
				bad := service
				bad.Version = 5
				t.write(service.Name, strings.Replace(oneHostManifest(local, bad), "SPRING_PROFILE: local", `SPRING_PROFILE: local, SERVER_SHUTDOWN: "whenever"`, 1))
				status, err := t.segue.Await(ctx, service.Name, "rejected", 4*time.Minute, func(d api.DeploymentStatus) bool { return d.Rejected != nil && d.AvailableReplicas == service.Replicas })
				Expect(err).NotTo(HaveOccurred())
				Expect(status.Rejected.Reason).To(ContainSubstring("exited"))
			})
			expectAnswered(report, 1000)
			AddReportEntry("what followed", report.String())
			Expect(report.VersionNames()).To(Equal([]string{"3", "4"}))
			watch.expectAsked()
			log := t.cli(ctx, 0, "logs", "deployment/"+service.Name, "--previous")
			Expect(log).To(ContainSubstring("whenever"), "the log of what failed is kept")
			Eventually(t.bed.Leftovers).WithArguments(ctx).WithTimeout(2*time.Minute).Should(MatchRegexp(`^\S+ running$`), "one instance is left, which runs")
		}, enough)
	})
}

// oneHostManifest is the Deployment of a file in manifests/migrate with an app's image.
func oneHostManifest(file string, app testbed.App) string {
	GinkgoHelper()
	text, err := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(binary)), "manifests/migrate", file))
	Expect(err).NotTo(HaveOccurred())
	documents := strings.Split(string(text), "---\n")
	return imageLine.ReplaceAllString(documents[len(documents)-1], "image: "+app.Image())
}

var imageLine = regexp.MustCompile(`image: \S+`)

// adopting has a manifest adopt what lines say.
func adopting(text, lines string) string {
	GinkgoHelper()
	var kept []string
	for line := range strings.Lines(text) {
		if strings.Contains(line, "- {container:") {
			continue
		}
		kept = append(kept, line)
		if strings.TrimSpace(line) == "adopt:" {
			for one := range strings.Lines(lines) {
				kept = append(kept, fmt.Sprintf("  %s\n", strings.TrimSpace(one)))
			}
		}
	}
	return strings.Join(kept, "")
}
