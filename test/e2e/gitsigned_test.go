package e2e

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/source/git/gittest"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// secretWords are in files that are encrypted, and may be in no other place than those that docs/gitops.md names.
var secretWords = []string{"hunter2", "t0psecret", "tw1ce"}

// sealFor encrypts a text.
func sealFor(to age.Recipient, text string) string {
	GinkgoHelper()
	var out bytes.Buffer
	a := armor.NewWriter(&out)
	w, err := age.Encrypt(a, to)
	Expect(err).NotTo(HaveOccurred())
	_, err = w.Write([]byte(text))
	Expect(err).NotTo(HaveOccurred())
	Expect(w.Close()).To(Succeed())
	Expect(a.Close()).To(Succeed())
	return out.String()
}

// expectSecretsNowhere looks for secret words in everything that segue keeps, says and logs.
func (h *house) expectSecretsNowhere(ctx context.Context) {
	GinkgoHelper()
	look := func(where, text string) {
		GinkgoHelper()
		for _, word := range secretWords {
			Expect(strings.Contains(text, word)).To(BeFalse(), "%s has %s", where, word)
		}
	}
	for _, args := range [][]string{
		{"events", "-A"}, {"get", "all", "-A", "-o", "json"}, {"get", "revisions", "-o", "json"}, {"describe", "deployment/orders"}, {"describe", "source/shop"},
	} {
		look(strings.Join(args, " "), h.cli(ctx, 0, args...))
	}
	files := 0
	err := filepath.WalkDir(h.bed.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		files++
		content, err := os.ReadFile(path)
		look(path, string(content))
		return err
	})
	Expect(err).NotTo(HaveOccurred())
	Expect(files).To(BeNumerically(">", 5), "files that were looked at: is this the directory?")
	labels, err := testbed.Docker(ctx, "ps", "-a", "--no-trunc", "--format", "{{.Names}} {{.Labels}} {{.Command}}")
	Expect(err).NotTo(HaveOccurred())
	look("labels", labels)
}

// inside reads a file as the process of a container has it.
func inside(ctx context.Context, container, path string) string {
	GinkgoHelper()
	pid, err := testbed.Docker(ctx, "inspect", "--format", "{{.State.Pid}}", container)
	Expect(err).NotTo(HaveOccurred())
	content, err := os.ReadFile(filepath.Join("/proc", strings.TrimSpace(pid), "root", path))
	Expect(err).NotTo(HaveOccurred())
	return string(content)
}

var _ = Describe("a repository of signed commits with encrypted secrets", Ordered, func() {
	var h *house
	var work *gitWork
	var identity *age.X25519Identity
	var ann, bob, memory string
	orders, _ := repositoryApps()
	orders.Template = []string{"envFrom: [{file: db.env}]", "files: {/run/token: {source: token, mode: '0444'}}"}
	const enough = SpecTimeout(90 * time.Second)

	// push commits what the service is now.
	push := func(ctx context.Context, key, message string) {
		GinkgoHelper()
		work.put("prod/orders.yaml", orders.YAML())
		work.push(ctx, key, message)
	}

	BeforeAll(func(ctx SpecContext) {
		repo := gittest.NewBare(GinkgoT(), "shop")
		work = newGitWork(ctx, repo.Dir)
		var annsKey string
		ann, annsKey = work.key(ctx, "ann")
		bob, _ = work.key(ctx, "bob")
		signers, identityFile := filepath.Join(work.home, "signers"), filepath.Join(work.home, "identity")
		Expect(writeFile(signers, "# who may\nann@shop namespaces=\"git\" "+annsKey+"\n")).To(Succeed())
		var err error
		identity, err = age.GenerateX25519Identity()
		Expect(err).NotTo(HaveOccurred())
		Expect(writeFile(identityFile, identity.String()+"\n")).To(Succeed())
		memory, err = os.MkdirTemp("/dev/shm", "segue-e2e-")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(os.RemoveAll, memory)
		work.put("prod/db.env", sealFor(identity.Recipient(), "PASSWORD=hunter2\n"))
		work.put("prod/token", sealFor(identity.Recipient(), "t0psecret"))
		push(ctx, ann, "Begin")
		token := filepath.Join(work.home, "git-token")
		Expect(writeFile(token, "t0ken\n")).To(Succeed())
		h = newHouse(ctx, "", "--git", serveGit(repo), "--git-token-file", token, "--path", "prod", "--git-interval", "500ms",
			"--verify", signers, "--age-identity", identityFile, "--secret-dir", memory)
		h.await(ctx, orders, "known", testbed.Known)
		h.include(ctx)
		h.rolled(ctx, orders)
	}, NodeTimeout(2*time.Minute))

	It("takes what a listed key has signed, and neither what nobody has nor what somebody else has, under load", func(ctx SpecContext) {
		before := h.await(ctx, orders, "settled", testbed.Settled(orders))
		report := under(ctx, h.mixed(200, orders), func(*load.Generator) {
			orders.Version = 2
			push(ctx, "", "Unsigned")
			h.sourceBecomes(ctx, "git:shop", api.ReasonUnverified, `"Unsigned" by Ann <ann@shop> is not taken: it is not signed`)
			push(ctx, bob, "Foreign")
			fingerprint := strings.Fields(work.in(ctx, work.home, "ssh-keygen", "-l", "-f", bob+".pub"))[1]
			h.sourceBecomes(ctx, "git:shop", api.ReasonUnverified, `"Foreign" by Ann <ann@shop> is not taken: it is signed by the key `+fingerprint+", which is not listed")
			h.sourceBecomes(ctx, "git:shop", api.ReasonUnverified, `"Begin" holds`)
			Expect(h.cli(ctx, 1, "reconcile", "shop")).To(ContainSubstring("list the key there"))
			now := h.await(ctx, orders, "as it was", func(d api.DeploymentStatus) bool { return d.Settled })
			Expect(now.Revision).To(Equal(before.Revision))
			orders.Version = 3
			push(ctx, ann, "Signed")
			h.rolled(ctx, orders)
		})
		expectNothingLost(report)
		h.sourceBecomes(ctx, "git:shop", api.ReasonApplied, `"Signed" holds`)
		// What was signed once does not come back by itself.
		work.git(ctx, "push", "--quiet", "--force", "origin", "HEAD~3:main")
		h.sourceBecomes(ctx, "git:shop", api.ReasonRewritten, `"Begin" by Ann`)
		work.git(ctx, "push", "--quiet", "--force", "origin", "main")
		h.sourceBecomes(ctx, "git:shop", api.ReasonApplied, `"Signed" holds`)
	}, enough)

	It("brings decrypted files to the container, and to no disk", func(ctx SpecContext) {
		status := h.await(ctx, orders, "settled", testbed.Settled(orders))
		name := ready(status)
		Expect(inside(ctx, name, "/run/token")).To(Equal("t0psecret"))
		environment, err := testbed.Docker(ctx, "inspect", "--format", "{{json .Config.Env}}", name)
		Expect(err).NotTo(HaveOccurred())
		Expect(environment).To(ContainSubstring(`"PASSWORD=hunter2"`))
		h.expectSecretsNowhere(ctx)
	}, enough)

	It("rolls nothing when a secret is encrypted anew, and when it is another one, under load, also over a kill", func(ctx SpecContext) {
		before := h.await(ctx, orders, "settled", testbed.Settled(orders))
		report := under(ctx, h.mixed(200, orders), func(*load.Generator) {
			work.put("prod/token", sealFor(identity.Recipient(), "t0psecret"))
			push(ctx, ann, "Encrypt it anew")
			h.sourceBecomes(ctx, "git:shop", api.ReasonApplied, `"Encrypt it anew" holds`)
			now := h.await(ctx, orders, "settled", testbed.Settled(orders))
			Expect(now.Revision).To(Equal(before.Revision))
			Expect(ready(now)).To(BeElementOf(readyOnes(before)))
			work.put("prod/token", sealFor(identity.Recipient(), "tw1ce"))
			push(ctx, ann, "Another token")
			h.await(ctx, orders, "on its way", func(d api.DeploymentStatus) bool { return d.TargetRevision != before.Revision })
			Expect(h.segue.Kill()).To(Succeed())
			Expect(h.segue.Start(ctx)).To(Succeed())
			h.rolled(ctx, orders)
		})
		expectNothingLost(report)
		status := h.await(ctx, orders, "settled", testbed.Settled(orders))
		Expect(inside(ctx, ready(status), "/run/token")).To(Equal("tw1ce"))
		h.expectSecretsNowhere(ctx)
		// Only what lives has secrets in memory.
		kept, err := filepath.Glob(filepath.Join(memory, "*", "*"))
		Expect(err).NotTo(HaveOccurred())
		var living []string
		for _, path := range kept {
			living = append(living, filepath.Base(path))
		}
		Expect(living).To(ConsistOf(readyOnes(status)))
	}, enough)

	It("refuses a commit with what it cannot decrypt, and decrypts what a command sends", func(ctx SpecContext) {
		stranger, err := age.GenerateX25519Identity()
		Expect(err).NotTo(HaveOccurred())
		good, err := os.ReadFile(filepath.Join(work.dir, "prod/token"))
		Expect(err).NotTo(HaveOccurred())
		orders.Version = 4
		work.put("prod/token", sealFor(stranger.Recipient(), "t0psecret"))
		push(ctx, ann, "For others")
		h.sourceBecomes(ctx, "git:shop", api.ReasonRefused, "token is encrypted with age, and for others: "+identity.Recipient().String()+" is not among its recipients")
		h.sourceBecomes(ctx, "git:shop", api.ReasonRefused, `"Another token" holds`)
		Expect(h.cli(ctx, 1, "reconcile", "shop")).To(MatchRegexp(`prod/orders.yaml:\d+:\d+  spec.template.files\["/run/token"\].source`))
		work.put("prod/token", string(good))
		push(ctx, ann, "For us")
		h.rolled(ctx, orders)

		prices := testbed.App{Name: "prices", Version: 1, Replicas: 1, Routes: "-", Template: []string{"files: {/run/token: {source: token}}"}}
		dir := GinkgoT().TempDir()
		Expect(writeFile(dir+"/prices.yaml", prices.YAML())).To(Succeed())
		Expect(writeFile(dir+"/token", sealFor(identity.Recipient(), "t0psecret"))).To(Succeed())
		h.cli(ctx, 0, "apply", "-f", dir+"/prices.yaml", "--wait")
		status := h.await(ctx, prices, "settled", func(d api.DeploymentStatus) bool { return d.Settled })
		Expect(inside(ctx, ready(status), "/run/token")).To(Equal("t0psecret"))
		h.expectSecretsNowhere(ctx)
	}, enough)
})
