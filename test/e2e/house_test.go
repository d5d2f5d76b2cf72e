package e2e

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// house is one bed with segue and two nginx servers in it.
type house struct {
	bed   *testbed.Bed
	segue *testbed.Controller
	// nginx are an old one and a new one, in this order.
	nginx []*testbed.Nginx
}

// Two servers' names, for jobs.
var servers = []string{"old", "new"}

// newHouse builds one and lets its Describe tear it down. user is each nginx's own configuration at http level.
func newHouse(ctx context.Context, user string, flags ...string) *house {
	GinkgoHelper()
	return newHouseOf(ctx, user, func(bed *testbed.Bed) string { return bed.Binary }, flags...)
}

// newHouseOf builds one whose segue is the command that is given for its bed.
func newHouseOf(ctx context.Context, user string, command func(*testbed.Bed) string, flags ...string) *house {
	GinkgoHelper()
	h := newEmptyHouse(ctx)
	for i, image := range []string{testbed.OldNginx, testbed.NewNginx} {
		server, err := h.bed.Nginx(ctx, servers[i], image, user)
		Expect(err).NotTo(HaveOccurred())
		h.nginx = append(h.nginx, server)
	}
	h.bed.Binary = command(h.bed)
	h.control(flags...)
	h.write("edge", testbed.NginxYAML("edge", "", h.nginx...))
	Expect(h.segue.Start(ctx)).To(Succeed())
	return h
}

// newEmptyHouse builds one with a bed and nothing else, and lets its Describe tear it down.
func newEmptyHouse(ctx context.Context) *house {
	GinkgoHelper()
	bed, err := testbed.New(ctx, "segue-e2e", binary)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(bed.Close, NodeTimeout(time.Minute))
	return &house{bed: bed}
}

// control puts a segue into the house, which is yet to be started. The Describe stops it before what was there earlier goes,
// and tells its log where a spec has failed.
func (h *house) control(flags ...string) {
	GinkgoHelper()
	var err error
	h.segue, err = h.bed.Controller(flags...)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() {
		if CurrentSpecReport().Failed() {
			AddReportEntry("segue's log", h.segue.LogTail(200))
		}
		Expect(h.segue.Stop()).To(Succeed())
	})
}

func (h *house) write(name, text string) {
	GinkgoHelper()
	Expect(h.segue.Write(name+".yaml", text)).To(Succeed())
}

// apply writes an app's manifest and waits until segue has read it.
func (h *house) apply(ctx context.Context, app testbed.App) {
	GinkgoHelper()
	h.write(app.Name, app.YAML())
	h.await(ctx, app, "known", testbed.Known)
}

// include adds the user's line to each nginx.
func (h *house) include(ctx context.Context) {
	GinkgoHelper()
	for _, server := range h.nginx {
		Expect(server.Include(ctx)).To(Succeed())
	}
}

// roll applies an app and waits until nothing else of it is left; it gives the time that it took.
func (h *house) roll(ctx context.Context, app testbed.App) time.Duration {
	GinkgoHelper()
	begin := time.Now()
	h.apply(ctx, app)
	h.rolled(ctx, app)
	return time.Since(begin)
}

func (h *house) rolled(ctx context.Context, app testbed.App) {
	GinkgoHelper()
	h.await(ctx, app, "rolled to "+app.Image(), testbed.Rolled(app))
}

func (h *house) await(ctx context.Context, app testbed.App, what string, wanted func(api.DeploymentStatus) bool) api.DeploymentStatus {
	GinkgoHelper()
	status, err := h.segue.Await(ctx, app.Name, what, 2*time.Minute, wanted)
	Expect(err).NotTo(HaveOccurred())
	return status
}

// cli runs a command of segue's and expects its exit code.
func (h *house) cli(ctx context.Context, code int, args ...string) string {
	GinkgoHelper()
	out, got, err := h.segue.CLI(ctx, args...)
	Expect(err).NotTo(HaveOccurred(), "segue %v: %s", args, out)
	Expect(got).To(Equal(code), "segue %v: %s", args, out)
	return out
}

// targets are an app as seen through each server.
func (h *house) targets(app testbed.App) []load.Target {
	var targets []load.Target
	for _, server := range h.nginx {
		targets = append(targets, load.Target{Address: server.Address, Host: app.Host(), Service: app.Name})
	}
	return targets
}

// mixed is every kind of client at every server, together rate requests a second for each app.
func (h *house) mixed(rate float64, apps ...testbed.App) []load.Job {
	var jobs []load.Job
	for _, app := range apps {
		for i, target := range h.targets(app) {
			for _, job := range load.Mixed(target, rate/float64(len(h.nginx))) {
				job.Name = fmt.Sprintf("%s, %s nginx: %s %s", app.Name, servers[i], job.Client, job.Request)
				job.Name = strings.TrimSpace(job.Name)
				jobs = append(jobs, job)
			}
		}
	}
	return jobs
}

// under plays a story under load and gives what the clients saw. The load lasts a second longer on both ends.
func under(ctx context.Context, jobs []load.Job, story func(*load.Generator)) load.Report {
	GinkgoHelper()
	generator, err := load.New(load.Options{Jobs: jobs, Allowed: testbed.Nets})
	Expect(err).NotTo(HaveOccurred())
	loading, enough := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { generator.Run(loading) })
	defer running.Wait()
	defer enough()
	testbed.Pause(ctx, time.Second)
	story(generator)
	testbed.Pause(ctx, time.Second)
	enough()
	running.Wait()
	report := generator.Report()
	AddReportEntry("load", report.String(), ReportEntryVisibilityFailureOrVerbose)
	AddReportEntry(accounted, accountOf(generator.Whole()), ReportEntryVisibilityNever)
	return report
}

// expectNothingLost fails with the whole report.
func expectNothingLost(report load.Report, except ...load.Failure) {
	GinkgoHelper()
	Expect(report.Requests).To(BeNumerically(">", 100), "requests: is there any load?")
	Expect(report.Failed(except...)).To(BeZero(), "%s", report)
}

// expectRate reports how many requests a second came, of at least 300 that are asked for, and fails where it is not even
// half of those: callers that wait for the processor of a busy machine are late, and do not make up for it.
func expectRate(jobs []load.Job, report load.Report, took time.Duration) {
	GinkgoHelper()
	asked := 0.0
	for _, job := range jobs {
		asked += job.Rate
	}
	came := float64(report.Requests) / took.Seconds()
	AddReportEntry("rate", fmt.Sprintf("%.0f requests a second of %.0f", came, asked))
	Expect(asked).To(BeNumerically(">=", 300))
	Expect(came).To(BeNumerically(">=", 150), "requests in %s; %s", took, report)
}
