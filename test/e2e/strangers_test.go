package e2e

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// What others break costs only the requests that were inside it; segue mends it, and nobody is answered by the wrong
// service.
var _ = Describe("what others do", Ordered, ContinueOnFailure, func() {
	var h *house
	one, two := orders(2), orders(2)
	two.Name = "payments"

	BeforeAll(func(ctx SpecContext) {
		h = newHouse(ctx, "")
		h.apply(ctx, one)
		h.apply(ctx, two)
		h.include(ctx)
		h.rolled(ctx, one)
		h.rolled(ctx, two)
	}, NodeTimeout(2*time.Minute))

	It("to containers by hand never leads a request to the wrong service", func(ctx SpecContext) {
		report := under(ctx, h.mixed(150, one, two), func(*load.Generator) {
			for _, verb := range [][]string{{"kill"}, {"rm", "-f"}, {"restart", "-t", "1"}, {"stop", "-t", "1"}} {
				for _, app := range []testbed.App{one, two} {
					status := h.await(ctx, app, "whole", testbed.Rolled(app))
					_, err := testbed.Docker(ctx, append(verb, running(status))...)
					Expect(err).NotTo(HaveOccurred())
				}
				testbed.Pause(ctx, time.Second)
				h.rolled(ctx, one)
				h.rolled(ctx, two)
			}
		})
		Expect(report.Failures[load.WrongService]).To(BeZero(), "%s", report)
		Expect(report.Failures[load.WrongBody]).To(BeZero(), "%s", report)
		Expect(report.Failed()).To(BeNumerically("<", report.Requests/100), "only what was inside: %s", report)
	}, SpecTimeout(6*time.Minute))

	It("to one nginx in mid-rollout keeps the other whole, and the rollout goes on", func(ctx SpecContext) {
		whole := load.Mixed(h.targets(one)[1], 150)
		report := under(ctx, whole, func(*load.Generator) {
			one.Version = 2
			h.apply(ctx, one)
			testbed.Pause(ctx, time.Second)
			Expect(h.nginx[0].Restart(ctx)).To(Succeed())
			h.rolled(ctx, one)
			Expect(h.nginx[0].Remove(ctx)).To(Succeed())
			func() {
				defer func() { Expect(h.nginx[0].Create(ctx)).To(Succeed()) }()
				one.Version = 3
				h.roll(ctx, one)
			}()
			Eventually(func() (string, error) { return serves(ctx, h, 0, one) }).Should(Equal(version(one)))
		})
		expectNothingLost(report)
	}, SpecTimeout(5*time.Minute))

	It("to nginx's configuration stops a change, names the file, and leaves everything as it was", func(ctx SpecContext) {
		report := under(ctx, h.mixed(300, one), func(*load.Generator) {
			Expect(h.nginx[1].Write("broken.conf", "server { listen 80 oops; }\n")).To(Succeed())
			one.Version = 4
			h.apply(ctx, one)
			Eventually(func() string { return nginxWords(ctx, h) }).Should(ContainSubstring("broken.conf"))
			Expect(h.nginx[1].Write("broken.conf", "")).To(Succeed())
			h.rolled(ctx, one)
		})
		expectNothingLost(report)
	}, SpecTimeout(4*time.Minute))

	It("to the manifests breaks nothing: a broken file is told, the good ones count", func(ctx SpecContext) {
		report := under(ctx, h.mixed(300, one), func(*load.Generator) {
			Expect(h.segue.Write("broken.yaml", "kind: Deploymnt\n")).To(Succeed())
			one.Version = 5
			h.roll(ctx, one)
			Expect(h.segue.Write("broken.yaml", "")).To(Succeed())
		})
		expectNothingLost(report)
	}, SpecTimeout(3*time.Minute))

	It("as a second controller is refused, with the holder's name", func(ctx SpecContext) {
		// Another socket, so that it does not simply ask the first one.
		out, code, err := h.segue.CLI(ctx, "run", "--manifests", h.segue.Manifests, "--socket", h.bed.Path("other"), "--once")
		Expect(err).NotTo(HaveOccurred())
		Expect(code).To(Equal(6), out)
		Expect(out).To(ContainSubstring("segue run"))
	}, SpecTimeout(time.Minute))
})

// running is an instance that runs.
func running(d api.DeploymentStatus) string {
	for _, instance := range d.Instances {
		if instance.Ready {
			return instance.Name
		}
	}
	Fail(fmt.Sprintf("nobody runs: %+v", d))
	return ""
}

// serves is the version that one nginx answers with.
func serves(ctx SpecContext, h *house, server int, app testbed.App) (string, error) {
	job := load.Job{Target: h.targets(app)[server], Client: load.OneShot, Request: load.Get, Rate: 100, Count: 1}
	generator, err := load.New(load.Options{Jobs: []load.Job{job}, Allowed: testbed.Nets, Limit: 5 * time.Second})
	if err != nil {
		return "", err
	}
	report := generator.Run(ctx)
	if len(report.VersionNames()) != 1 {
		return "", fmt.Errorf("%s", report)
	}
	return report.VersionNames()[0], nil
}

// nginxWords is all that segue says of the Nginx object.
func nginxWords(ctx SpecContext, h *house) string {
	list, err := h.segue.Client.List(ctx, api.Query{Kind: "Nginx"})
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%+v", list.Items[0].Nginx)
}
