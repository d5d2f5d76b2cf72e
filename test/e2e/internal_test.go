package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// internal is an app that others on the Docker networks call by its name.
func internal(name, strategy, network string) testbed.App {
	app := testbed.App{
		Name: name, Version: 1, Replicas: 2, Strategy: strategy, Routes: "{http: {internal: true}}",
		Spec: []string{"drainTimeoutSeconds: 3"}, Env: map[string]string{"START_DELAY": "300ms", "READY_DELAY": "700ms"},
	}
	if network != "" {
		app.Template = []string{"networks: [" + network + "]"}
	}
	return app
}

// callFrom calls http://NAME/ from a container on a network, one call after the other, until it is stopped; then it gives
// how many were answered and what was said of the others.
func (h *house) callFrom(ctx context.Context, network, name string) func() (answered int, others []string) {
	GinkgoHelper()
	container := h.bed.Name + "-caller-" + network + "-" + name
	script := "while [ ! -e /enough ]; do busybox wget -q -T 5 -O /dev/null http://" + name + "/whoami && echo ok || echo failed; done"
	docker(ctx, "run", "-d", "--name", container, "--label", "segue.dev/testbed="+h.bed.Name, "--network", network, "--entrypoint", "sh", testbed.NewNginx, "-c", script)
	return func() (answered int, others []string) {
		GinkgoHelper()
		docker(ctx, "exec", container, "busybox", "touch", "/enough")
		docker(ctx, "wait", container)
		for line := range strings.SplitSeq(docker(ctx, "logs", container), "\n") {
			if line == "ok" {
				answered++
			} else if line != "" {
				others = append(others, line)
			}
		}
		docker(ctx, "rm", container)
		return answered, others
	}
}

// holder is where a name leads on the network segue.
func (h *house) holder(ctx context.Context, app testbed.App) string {
	GinkgoHelper()
	var ip string
	Eventually(func() (string, error) {
		var err error
		ip, err = testbed.Docker(ctx, "inspect", "-f", "{{(index .NetworkSettings.Networks \"segue\").IPAddress}}", "segue-internal-"+app.Name)
		return ip, err
	}).WithTimeout(30 * time.Second).ShouldNot(BeEmpty())
	return net.JoinHostPort(ip, "80")
}

var _ = Describe("http://NAME on the Docker networks", Ordered, ContinueOnFailure, func() {
	var h *house
	orders, payments := internal("orders", "{rollingUpdate: {maxSurge: 1}}", ""), internal("payments", "{type: BlueGreen, blueGreen: {scaleDownDelaySeconds: 1}}", "segue-e2e")
	const enough = SpecTimeout(2 * time.Minute)

	BeforeAll(func(ctx SpecContext) {
		h = newHouse(ctx, "")
		h.apply(ctx, orders)
		h.apply(ctx, payments)
		h.include(ctx)
		h.rolled(ctx, orders)
		h.rolled(ctx, payments)
	}, NodeTimeout(2*time.Minute))

	// callers keep connections, or do not, and call by the holder's address: this process has none of Docker's names.
	callers := func(ctx context.Context, apps ...testbed.App) []load.Job {
		var jobs []load.Job
		for _, app := range apps {
			for _, job := range load.Mixed(load.Target{Address: h.holder(ctx, app), Host: app.Name, Service: app.Name}, 150) {
				job.Name = fmt.Sprintf("%s by name: %s %s", app.Name, job.Client, job.Request)
				jobs = append(jobs, job)
			}
		}
		return jobs
	}

	It("leads to the service in rollouts of both kinds, with segue killed on the way, and loses no request", func(ctx SpecContext) {
		seed := uint64(GinkgoRandomSeed())
		random := rand.New(rand.NewPCG(seed, seed))
		jobs := callers(ctx, orders, payments)
		byName := []func() (int, []string){h.callFrom(ctx, "segue", "orders"), h.callFrom(ctx, "segue-e2e", "payments")}
		report := under(ctx, jobs, func(*load.Generator) {
			for range rounds() {
				h.apply(ctx, next(&orders))
				h.apply(ctx, next(&payments))
				testbed.Pause(ctx, time.Duration(random.IntN(2000))*time.Millisecond)
				Expect(h.segue.Kill()).To(Succeed())
				Expect(h.segue.Start(ctx)).To(Succeed())
				h.rolled(ctx, orders)
				h.rolled(ctx, payments)
			}
		})
		expectNothingLost(report)
		for _, end := range byName {
			answered, others := end()
			Expect(others).To(BeEmpty())
			Expect(answered).To(BeNumerically(">", 100))
			AddReportEntry("calls by name from a container", answered)
		}
	}, SpecTimeout(12*time.Minute))

	It("leads to the other server while one is down", func(ctx SpecContext) {
		jobs := []load.Job{{Name: "orders by name", Client: load.OneShot, Request: load.Get, Rate: 100, Target: load.Target{Address: h.holder(ctx, orders), Host: "orders", Service: "orders"}}}
		docker(ctx, "stop", "-t", "1", h.nginx[0].Name)
		report := under(ctx, jobs, func(*load.Generator) { h.roll(ctx, next(&orders)) })
		expectNothingLost(report)
		docker(ctx, "start", h.nginx[0].Name)
		h.roll(ctx, next(&orders))
	}, enough)

	It("leads nowhere when the route is gone", func(ctx SpecContext) {
		payments.Routes, payments.Version = "", payments.Version%9+1
		h.apply(ctx, payments)
		h.rolled(ctx, payments)
		Eventually(func() string {
			out, _ := testbed.Docker(ctx, "ps", "-a", "--filter", "name=segue-internal-", "--format", "{{.Names}}")
			return out
		}).WithTimeout(40 * time.Second).Should(Equal("segue-internal-orders"))
	}, enough)
})
