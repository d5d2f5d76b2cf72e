package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/source/git/gittest"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// told is what a notification says, as far as these stories read it.
type told struct{ ID, Event, Object, Reason, Image, FromImage, Commit, Author, Source string }

// receiver is a server that is told, on loopback.
type receiver struct {
	server *httptest.Server

	mu    sync.Mutex
	got   []told
	heads []http.Header
	// hangs: it reads requests and never answers.
	hangs bool
}

func newReceiver() *receiver {
	r := &receiver{}
	r.server = httptest.NewServer(r)
	DeferCleanup(func() {
		r.server.CloseClientConnections()
		r.server.Close()
	})
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	defer GinkgoRecover()
	var one told
	text, err := io.ReadAll(request.Body)
	Expect(err).NotTo(HaveOccurred())
	Expect(json.Unmarshal(text, &one)).To(Succeed(), "%s", text)
	r.mu.Lock()
	r.got, r.heads = append(r.got, one), append(r.heads, request.Header)
	hangs := r.hangs
	r.mu.Unlock()
	if hangs {
		<-request.Context().Done()
	}
}

func (r *receiver) hang(yes bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hangs = yes
}

// of are the events about an object and a commit so far, in order.
func (r *receiver) of(object, commit string) func() []string {
	return func() []string {
		r.mu.Lock()
		defer r.mu.Unlock()
		var events []string
		for _, one := range r.got {
			if one.Object == object && one.Commit == commit {
				events = append(events, one.Event)
			}
		}
		return events
	}
}

// last is the last that was told of an object.
func (r *receiver) last(object string) told {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found told
	for _, one := range r.got {
		if one.Object == object {
			found = one
		}
	}
	return found
}

var _ = Describe("receivers are told", Ordered, func() {
	var h *house
	var repo *gittest.Bare
	var chat *receiver
	orders, _ := repositoryApps()
	orders.Replicas = 1
	const enough = SpecTimeout(90 * time.Second)

	push := func(message string, app testbed.App) (commit string) {
		GinkgoHelper()
		repo.Files["orders.yaml"] = app.YAML()
		return repo.Push(message).String()
	}

	BeforeAll(func(ctx SpecContext) {
		chat = newReceiver()
		repo = gittest.NewBare(GinkgoT(), "shop")
		dir := GinkgoT().TempDir()
		Expect(writeFile(filepath.Join(dir, "url"), chat.server.URL+"/hook/hush-url\n")).To(Succeed())
		Expect(writeFile(filepath.Join(dir, "token"), "hush-token\n")).To(Succeed())
		Expect(writeFile(filepath.Join(dir, "sources.yaml"), `apiVersion: segue.dev/v1
kind: Sources
sources:
  - git: {url: `+repo.Dir+`, interval: 500ms}
notifications:
  - name: chat
    on: [RolloutStarted, Converged, RolledBack, CommitConverged, CommitFailed, SourceRefused, DriftFound]
    urlFile: url
    headers: [{name: Authorization, prefix: "Bearer ", valueFile: token}]
    secretFile: token
    timeout: 2s
  - name: dead
    on: [RolloutStarted, Converged]
    url: http://127.0.0.1:9/{{.Commit}}
    headers: [{name: Authorization, valueFile: token}]
`)).To(Succeed())
		push("Begin", orders)
		h = newBriskHouse(ctx, "", "--sources", filepath.Join(dir, "sources.yaml"))
		h.await(ctx, orders, "known", testbed.Known)
		h.include(ctx)
		h.rolled(ctx, orders)
	}, NodeTimeout(2*time.Minute))

	It("of the start and the end of what is pushed, with its commit and author, once each", func(ctx SpecContext) {
		var commit string
		report := under(ctx, h.mixed(200, orders), func(*load.Generator) {
			orders.Version = 2
			commit = push("Release 2", orders)
			h.rolled(ctx, orders)
			Eventually(chat.of("deployment/orders", commit)).WithContext(ctx).Should(Equal([]string{"RolloutStarted", "Converged"}))
			Eventually(chat.of("git:shop", commit)).WithContext(ctx).Should(Equal([]string{"CommitConverged"}))
		})
		expectNothingLost(report)
		one := chat.last("deployment/orders")
		Expect(one.Author).To(Equal("Ann"))
		Expect(one.Source).To(Equal("git:shop"))
		Expect(one.Image).To(Equal(testbed.Sample(2)))
		Expect(one.FromImage).To(Equal(testbed.Sample(1)))
		head := chat.heads[0]
		Expect(head.Get("Authorization")).To(Equal("Bearer hush-token"))
		Expect(head.Get("X-Segue-Signature-256")).To(HavePrefix("sha256="))
	}, enough)

	It("of what is rolled back, and of a commit that is refused", func(ctx SpecContext) {
		var bad string
		report := under(ctx, h.mixed(200, orders), func(*load.Generator) {
			bad = push("Release a sick one", sick(orders, 3))
			Eventually(chat.of("deployment/orders", bad)).WithContext(ctx).WithTimeout(time.Minute).Should(Equal([]string{"RolloutStarted", "RolledBack"}))
			Eventually(chat.of("git:shop", bad)).WithContext(ctx).Should(ContainElement("CommitFailed"))
		})
		expectNothingLost(report)
		Expect(chat.last("deployment/orders").Reason).To(ContainSubstring("revision"))
		repo.Files["broken.yaml"] = "kind: Nothing\n"
		refused := push("Break it", orders)
		Eventually(chat.of("git:shop", refused)).WithContext(ctx).Should(Equal([]string{"SourceRefused"}))
		Expect(chat.last("git:shop").Reason).To(ContainSubstring("broken.yaml:1"))
		delete(repo.Files, "broken.yaml")
		good := push("Mend it", orders)
		Eventually(chat.of("deployment/orders", good)).WithContext(ctx).WithTimeout(time.Minute).Should(ContainElement("Converged"))
	}, enough)

	It("not again after a kill -9, and of what ended meanwhile", func(ctx SpecContext) {
		orders.Version = 4
		commit := push("Release 4", orders)
		Eventually(chat.of("deployment/orders", commit)).WithContext(ctx).Should(Equal([]string{"RolloutStarted"}))
		testbed.Pause(ctx, 1500*time.Millisecond) // what was told is written down
		Expect(h.segue.Kill()).To(Succeed())
		Expect(h.segue.Start(ctx)).To(Succeed())
		h.rolled(ctx, orders)
		Eventually(chat.of("deployment/orders", commit)).WithContext(ctx).WithTimeout(time.Minute).Should(Equal([]string{"RolloutStarted", "Converged"}))
		testbed.Pause(ctx, 2*time.Second)
		Expect(h.segue.Kill()).To(Succeed())
		Expect(h.segue.Start(ctx)).To(Succeed())
		h.await(ctx, orders, "settled", testbed.Settled(orders))
		Consistently(chat.of("deployment/orders", commit)).WithContext(ctx).WithTimeout(3 * time.Second).Should(HaveLen(2))
	}, enough)

	It("without holding up a rollout when they hang or are dead", func(ctx SpecContext) {
		took := map[bool]time.Duration{}
		// Without streams: on the old nginx those may outlast a lame time of 2 s, and are promised nothing then.
		report := under(ctx, h.light(200, orders), func(*load.Generator) {
			for _, hangs := range []bool{false, true} {
				chat.hang(hangs)
				orders.Version++
				begin := time.Now()
				push("Release", orders)
				h.rolled(ctx, orders)
				took[hangs] = time.Since(begin)
				h.await(ctx, orders, "settled", testbed.Settled(orders))
			}
		})
		expectNothingLost(report)
		AddReportEntry("rollouts", fmt.Sprint(took), ReportEntryVisibilityFailureOrVerbose)
		Expect(took[true]).To(BeNumerically("<", took[false]+took[false]/2+2*time.Second))
		chat.hang(false)
		commit := repo.Tip("main").String()
		Eventually(chat.of("deployment/orders", commit)).WithContext(ctx).WithTimeout(time.Minute).Should(ContainElement("Converged"))
		Expect(h.cli(ctx, 0, "events", "-A", "--types", "Warning")).To(MatchRegexp("NotDelivered +notification/dead .*connection refused"))
	}, enough)

	AfterAll(func(ctx SpecContext) {
		// Neither what people see nor what is kept holds a secret.
		for _, args := range [][]string{{"events", "-A", "-o", "json"}, {"get", "all", "-A", "-o", "json"}, {"describe", "source/shop"}} {
			Expect(h.cli(ctx, 0, args...)).NotTo(ContainSubstring("hush"))
		}
		Expect(filepath.WalkDir(h.bed.Dir, func(path string, entry os.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			text, err := os.ReadFile(path)
			if err == nil && strings.Contains(string(text), "hush") {
				Fail(path + " holds a secret")
			}
			return nil
		})).To(Succeed())
	}, NodeTimeout(30*time.Second))
})
