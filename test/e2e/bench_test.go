package e2e

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/testbed"
)

// samples is how often a rollout of one is measured, and a death; of larger ones there are fewer. The middle one counts.
const samples = 3

// idleLook is how long it takes at most until segue looks at an nginx of which nothing is awaited, and a little more.
const idleLook = 5500 * time.Millisecond

// parts are what a rollout's lower bound is made of, measured beside it.
type parts struct {
	// ready is from the start of an instance to its first good answer, reload from the order to reload to the end of the
	// old workers of an idle nginx, exit from SIGTERM to the end of an instance, lame what an old nginx is given to
	// tell its clients.
	ready, reload, exit, lame time.Duration
}

func (p parts) wave() time.Duration { return p.ready + p.lame + p.reload + p.exit }

var _ = Describe("the pace of a rollout", Ordered, Label("bench"), func() {
	var report []string
	var load string

	BeforeAll(func() { load = loadAverage() })

	for _, kind := range []struct {
		name, image string
		lame        time.Duration
	}{{"nginx without lame time", testbed.NewNginx, 0}, {"nginx with lame time", testbed.OldNginx, 3 * time.Second}} {
		Context("behind an "+kind.name, Ordered, func() {
			var h *house
			app := orders(1)
			app.Template = []string{"terminationGracePeriodSeconds: 10"}

			BeforeAll(func(ctx SpecContext) {
				h = newBench(ctx, kind.image)
				report = append(report, fmt.Sprintf("\nBehind an %s (%s), with maxSurge 1:\n", kind.name, nginxVersion(ctx, h)),
					"| replicas, waves | start→ready | lame | idle reload | SIGTERM→exit | lower bound | rollout | ratio |", "|---|---|---|---|---|---|---|---|")
				h.apply(ctx, app)
				h.include(ctx)
				h.rolled(ctx, app)
			}, NodeTimeout(2*time.Minute))

			for _, replicas := range []int{1, 3, 10} {
				It(fmt.Sprintf("of %d is near its lower bound", replicas), func(ctx SpecContext) {
					app.Replicas = replicas
					h.roll(ctx, app)
					p, took := h.pace(ctx, &app, max(samples*3/(replicas+2), 1))
					p.lame = kind.lame
					bound := time.Duration(replicas) * p.wave()
					ratio := float64(middle(took)) / float64(bound)
					report = append(report, fmt.Sprintf("| %d | %s | %s | %s | %s | %s | %s | %.2f |", replicas,
						short(p.ready), short(p.lame), short(p.reload), short(p.exit), short(bound), short(middle(took)), ratio))
					AddReportEntry("ratio", fmt.Sprintf("%s, %d replicas: %s of %s, %.2f (%+v, %v)", kind.name, replicas, short(middle(took)), short(bound), ratio, p, took))
				}, SpecTimeout(10*time.Minute))
			}

			It("ends soon for one that died", func(ctx SpecContext) {
				app.Replicas = 3
				h.roll(ctx, app)
				took := h.death(ctx, app)
				report = append(report, "", fmt.Sprintf("From the death of a container to the end of the last worker that knew it: %s (of which lame: %s).", short(took), short(kind.lame)))
				AddReportEntry("death", fmt.Sprintf("%s: %s", kind.name, took))
			}, SpecTimeout(5*time.Minute))
		})
	}

	AfterAll(func(ctx SpecContext) {
		text := machine(ctx, load) + strings.Join(report, "\n") + "\n"
		path := os.Getenv("SEGUE_E2E_REPORT")
		if path != "" {
			text += goBenchmarks(ctx) + sectionOf(path, behindEureka)
			Expect(os.WriteFile(path, []byte(text), 0o644)).To(Succeed())
		}
		AddReportEntry("benchmarks", text)
	}, NodeTimeout(10*time.Minute))
})

// pace rolls an app out so many times, and measures the parts before each time and after the last: the machine may
// become slower or faster meanwhile.
func (h *house) pace(ctx context.Context, app *testbed.App, times int) (parts, []time.Duration) {
	GinkgoHelper()
	var took []time.Duration
	var ready, reload, exit []time.Duration
	for i := range times + 1 {
		h.await(ctx, *app, "settled", testbed.Settled(*app))
		p := h.parts(ctx, i)
		ready, reload, exit = append(ready, p.ready), append(reload, p.reload), append(exit, p.exit)
		if i == times {
			break
		}
		app.Version = app.Version%8 + 1
		took = append(took, h.roll(ctx, *app))
	}
	return parts{ready: middle(ready), reload: middle(reload), exit: middle(exit)}, took
}

// newBench is a house with one nginx server.
func newBench(ctx context.Context, image string) *house {
	GinkgoHelper()
	bed, err := testbed.New(ctx, "segue-bench", binary)
	Expect(err).NotTo(HaveOccurred())
	h := &house{bed: bed}
	DeferCleanup(func(ctx context.Context) {
		if h.segue != nil {
			AddReportEntry("segue's log", h.segue.LogTail(150), ReportEntryVisibilityFailureOrVerbose)
			Expect(h.segue.Stop()).To(Succeed())
		}
		Expect(bed.Close(ctx)).To(Succeed())
	}, NodeTimeout(time.Minute))
	server, err := bed.Nginx(ctx, "only", image, "")
	Expect(err).NotTo(HaveOccurred())
	h.nginx = []*testbed.Nginx{server}
	h.segue, err = bed.Controller()
	Expect(err).NotTo(HaveOccurred())
	h.write("edge", testbed.NginxYAML("edge", "", server))
	Expect(h.segue.Start(ctx)).To(Succeed())
	return h
}

// parts measures them on this machine, now, for the nth time.
func (h *house) parts(ctx context.Context, n int) parts {
	GinkgoHelper()
	var p parts
	name, address := h.bed.Name+"-part", fmt.Sprintf("10.84.0.%d", 100+n)
	begin := time.Now()
	_, err := testbed.Docker(ctx, "run", "-d", "--name", name, "--label", "segue.dev/testbed="+h.bed.Name, "--network", h.bed.Name,
		"--ip", address, "-e", "SERVICE=orders", "-e", "START_DELAY=500ms", testbed.Sample(1))
	Expect(err).NotTo(HaveOccurred())
	Eventually(func() error { return healthy(ctx, "http://"+address+":8080/health") }, "20s", "10ms").Should(Succeed())
	p.ready = time.Since(begin)

	begin = time.Now()
	_, err = testbed.Docker(ctx, "stop", "-t", "10", name)
	Expect(err).NotTo(HaveOccurred())
	p.exit = time.Since(begin)
	_, err = testbed.Docker(ctx, "rm", name)
	Expect(err).NotTo(HaveOccurred())

	before := h.workers(ctx)
	begin = time.Now()
	_, err = testbed.Docker(ctx, "exec", h.nginx[0].Name, "nginx", "-s", "reload")
	Expect(err).NotTo(HaveOccurred())
	h.gone(ctx, before)
	p.reload = time.Since(begin)
	// After a reload that is not its own segue reads the configuration anew, at its next look. That is no rollout's part.
	Expect(testbed.Pause(ctx, idleLook)).To(BeTrue())
	return p
}

// healthy asks once.
func healthy(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", response.Status)
	}
	return nil
}

// death kills an instance and gives the time until no worker knows it any more.
func (h *house) death(ctx context.Context, app testbed.App) time.Duration {
	GinkgoHelper()
	var took []time.Duration
	for range samples {
		status := h.await(ctx, app, "settled", testbed.Settled(app))
		serving := slices.IndexFunc(status.Instances, func(i api.Instance) bool { return i.Status == "Serving" })
		Expect(serving).NotTo(Equal(-1), "nobody serves")
		victim := status.Instances[serving]
		before := h.workers(ctx)
		begin := time.Now()
		_, err := testbed.Docker(ctx, "kill", victim.Name)
		Expect(err).NotTo(HaveOccurred())
		h.gone(ctx, before)
		took = append(took, time.Since(begin))
		text, err := os.ReadFile(h.nginx[0].ConfDir + "/current/http.conf")
		Expect(err).NotTo(HaveOccurred())
		Expect(string(text)).NotTo(ContainSubstring(victim.Address + ":"))
		h.await(ctx, app, "rid of "+victim.Name, func(d api.DeploymentStatus) bool {
			return !slices.ContainsFunc(d.Instances, func(i api.Instance) bool { return i.Name == victim.Name && i.Status == "Serving" })
		})
		h.rolled(ctx, app)
	}
	return middle(took)
}

// workers are the processes below nginx's master.
func (h *house) workers(ctx context.Context) []string {
	GinkgoHelper()
	pid, err := testbed.Docker(ctx, "inspect", "-f", "{{.State.Pid}}", h.nginx[0].Name)
	Expect(err).NotTo(HaveOccurred())
	children, err := os.ReadFile("/proc/" + pid + "/task/" + pid + "/children")
	Expect(err).NotTo(HaveOccurred())
	return strings.Fields(string(children))
}

// gone waits until all of these processes have ended.
func (h *house) gone(ctx context.Context, workers []string) {
	GinkgoHelper()
	for _, pid := range workers {
		Eventually(ctx, func() bool {
			_, err := os.Stat("/proc/" + pid)
			return os.IsNotExist(err)
		}, "30s", "5ms").Should(BeTrue(), "worker %s", pid)
	}
}

// goBenchmarks runs those of the planner and of the loop with a thousand Deployments against a fake engine.
func goBenchmarks(ctx context.Context) string {
	GinkgoHelper()
	repository, err := testbed.Repository()
	Expect(err).NotTo(HaveOccurred())
	command := exec.CommandContext(ctx, "go", "test", "-p", "1", "-run", "^$", "-bench", ".", "-benchmem", "./reconcile", "./controller/...")
	command.Dir = repository
	out, err := command.CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "%s", out)
	text := `
## One look, and a fleet that has converged

Next for one Deployment; a resync of 10, 100 and 1,000 of them against a fake engine, and a look at one of them; from the
manifests of 100, 1,000 and 10,000 Deployments to the end of their first rollouts, against a fake engine that is as quick
as can be; a change of nginx's files; 10,000 probed instances of which none has changed; the reading of a commit of
10,000 manifests. RSS is the whole process's, the fake engine's and the test's share included.

` + "```\n"
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "Benchmark") {
			text += line
		}
	}
	return text + "```\n"
}

func middle(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[(len(sorted)-1)/2]
}

func short(d time.Duration) string { return d.Round(10 * time.Millisecond).String() }

// nginxVersion is what the server says of itself.
func nginxVersion(ctx context.Context, h *house) string {
	GinkgoHelper()
	out, err := testbed.Docker(ctx, "exec", h.nginx[0].Name, "sh", "-c", "nginx -v 2>&1")
	Expect(err).NotTo(HaveOccurred())
	return strings.TrimPrefix(out, "nginx version: nginx/")
}
