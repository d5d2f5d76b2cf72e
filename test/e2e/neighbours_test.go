package e2e

import (
	"context"
	"fmt"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// newBriskHouse is a house whose callers think for less than a second, so that its servers need not wait longer.
func newBriskHouse(ctx context.Context, user string, flags ...string) *house {
	GinkgoHelper()
	h := newHouse(ctx, user, flags...)
	h.brisk()
	return h
}

// brisk is what a house becomes whose callers think for less than a second.
func (h *house) brisk() {
	GinkgoHelper()
	DeferCleanup(func(ctx context.Context) {
		if CurrentSpecReport().Failed() {
			out, _, err := h.segue.CLI(ctx, "describe", "nginx/edge")
			AddReportEntry("nginx", fmt.Sprint(out, err))
		}
	})
	h.write("edge", testbed.NginxYAML("edge", brisk, h.nginx...))
}

const brisk = "lameSeconds: 2, keepaliveMinTimeoutSeconds: 2"

// patient is an nginx whose callers' connections may rest for seconds.
const patient = "lameSeconds: 6, keepaliveMinTimeoutSeconds: 6"

// fast is an app whose answers come at once: it need not be given long to drain.
func fast(name string, replicas int) testbed.App {
	return testbed.App{Name: name, Version: 1, Replicas: replicas, Spec: []string{"drainTimeoutSeconds: 2"}}
}

// light is load without requests that take their time, rate a second for each app.
func (h *house) light(rate float64, apps ...testbed.App) []load.Job {
	var jobs []load.Job
	for _, app := range apps {
		for i, target := range h.targets(app) {
			jobs = append(jobs, lightOn(app.Name+", "+servers[i]+" nginx", target, rate/float64(len(h.nginx)))...)
		}
	}
	return jobs
}

func lightOn(name string, target load.Target, rate float64) []load.Job {
	return []load.Job{
		{Name: name + ": careful GET", Target: target, Client: load.Careful, Request: load.Get, Rate: rate * 0.4},
		{Name: name + ": naive POST", Target: target, Client: load.Naive, Request: load.Post, Rate: rate * 0.4},
		{Name: name + ": one-shot GET", Target: target, Client: load.OneShot, Request: load.Get, Rate: rate * 0.2},
	}
}

// run takes a list of apps to their first revision.
func (h *house) run(ctx context.Context, apps ...testbed.App) {
	GinkgoHelper()
	for _, app := range apps {
		h.apply(ctx, app)
	}
	h.include(ctx)
	for _, app := range apps {
		h.rolled(ctx, app)
	}
}

// serving are the names of an app's instances that both servers send to.
func (h *house) serving(ctx context.Context, app testbed.App) []string {
	GinkgoHelper()
	status, err := h.segue.Status(ctx, app.Name)
	Expect(err).NotTo(HaveOccurred())
	found := servingIn(status)
	Expect(found).NotTo(BeEmpty())
	return found
}

func servingIn(d api.DeploymentStatus) []string {
	var names []string
	for _, instance := range d.Instances {
		if instance.Nginx == "2/2" {
			names = append(names, instance.Name)
		}
	}
	slices.Sort(names)
	return names
}

func docker(ctx context.Context, args ...string) string {
	GinkgoHelper()
	out, err := testbed.Docker(ctx, args...)
	Expect(err).NotTo(HaveOccurred())
	return out
}

// whole says that an app is settled and that both servers send to all of it. The last container that died is kept for
// its log.
func whole(app testbed.App) func(api.DeploymentStatus) bool {
	settled := testbed.Settled(app)
	return func(d api.DeploymentStatus) bool { return len(servingIn(d)) == app.Replicas && settled(d) }
}

var _ = Describe("two deployments on the same two servers", Ordered, func() {
	var h *house
	orders, payments := fast("orders", 2), fast("payments", 2)
	apps := []testbed.App{orders, payments}

	BeforeAll(func(ctx SpecContext) {
		h = newBriskHouse(ctx, "")
		h.run(ctx, apps...)
	}, NodeTimeout(2*time.Minute))

	// disturb plays what others do to the containers, and expects that the right service answers whatever it costs, and
	// that nothing is lost any more once they are whole again and what was begun before has ended, within ends.
	disturb := func(ctx context.Context, ends time.Duration, others func()) {
		GinkgoHelper()
		report := under(ctx, h.light(200, apps...), func(generator *load.Generator) {
			others()
			for _, app := range apps {
				h.await(ctx, app, "whole again", whole(app))
			}
			testbed.Pause(ctx, ends)
			disturbed := generator.Lap()
			AddReportEntry("lost to others", disturbed.FailureText())
			Expect(disturbed.Failures[load.WrongService]).To(BeZero(), "%s", disturbed)
			Expect(disturbed.Failures[load.WrongBody]).To(BeZero(), "%s", disturbed)
			testbed.Pause(ctx, time.Second)
		})
		expectNothingLost(report)
	}

	DescribeTable("never answer for each other, and are whole again, when a container", func(ctx SpecContext, others func(context.Context, string, string)) {
		disturb(ctx, 0, func() {
			others(ctx, h.serving(ctx, orders)[0], h.serving(ctx, payments)[0])
		})
	},
		Entry("of each is killed", SpecTimeout(2*time.Minute), func(ctx context.Context, one, other string) {
			docker(ctx, "kill", one, other)
		}),
		Entry("of each is removed", SpecTimeout(2*time.Minute), func(ctx context.Context, one, other string) {
			docker(ctx, "rm", "-f", one, other)
		}),
		Entry("of each is stopped, and both are started in the other order", SpecTimeout(2*time.Minute), func(ctx context.Context, one, other string) {
			docker(ctx, "stop", "-t", "1", one, other)
			docker(ctx, "start", other)
			docker(ctx, "start", one)
		}),
		Entry("dies and a stranger comes to the network at once", SpecTimeout(2*time.Minute), func(ctx context.Context, one, _ string) {
			docker(ctx, "kill", one)
			stranger := "segue-e2e-stranger"
			docker(ctx, "run", "-d", "--name", stranger, "--label", "segue.dev/testbed="+h.bed.Name, "--network", "segue", "-e", "SERVICE=stranger", testbed.Sample(1))
			DeferCleanup(func(ctx context.Context) { docker(ctx, "rm", "-f", stranger) })
		}),
	)

	It("lose nothing when a container is restarted with its address by hand and keeps serving", func(ctx SpecContext) {
		before := h.serving(ctx, orders)
		disturb(ctx, 0, func() { docker(ctx, "restart", "-t", "10", before[0]) })
	}, SpecTimeout(2*time.Minute))

	It("come back as they were when the engine restarts", func(ctx SpecContext) {
		restart, ours := engineRestart(ctx)
		if !ours {
			AddReportEntry("not told", "the engine belongs to somebody else")
			return
		}
		for _, server := range h.nginx {
			docker(ctx, "update", "--restart", "unless-stopped", server.Name)
		}
		// nginx waits twice for 2 s where nobody answers at all.
		disturb(ctx, 5*time.Second, func() {
			out, err := restart.CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), "%s", out)
		})
	}, SpecTimeout(3*time.Minute))
})
