package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// It is read at its start and then, for this story's time, only when somebody asks for it.
var _ = Describe("a repository that is read on demand", Ordered, func() {
	var h *gitHouse
	orders, stock := repositoryApps()
	const hooks, enough = "127.0.0.1:9181", SpecTimeout(90 * time.Second)

	BeforeAll(func(ctx SpecContext) {
		secret := GinkgoT().TempDir() + "/hook-secret"
		Expect(writeFile(secret, "s3cret\n")).To(Succeed())
		h = newGitHouse(ctx, []testbed.App{orders, stock}, "--git-interval", "1h", "--prune", "--webhook-listen", hooks, "--webhook-secret-file", secret)
	}, NodeTimeout(2*time.Minute))

	It("is read at once for a webhook that proves to know the secret, and for no other", func(ctx SpecContext) {
		post := func(secret string) int {
			GinkgoHelper()
			const body = `{"ref": "refs/heads/main"}`
			sum := hmac.New(sha256.New, []byte(secret))
			_, _ = sum.Write([]byte(body))
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+hooks+"/hooks/shop", strings.NewReader(body))
			Expect(err).NotTo(HaveOccurred())
			request.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(sum.Sum(nil)))
			answer, err := http.DefaultClient.Do(request)
			Expect(err).NotTo(HaveOccurred())
			Expect(answer.Body.Close()).To(Succeed())
			return answer.StatusCode
		}
		report := under(ctx, h.light(200, orders, stock), func(*load.Generator) {
			orders.Version = 2
			h.push("Release 2", orders)
			Expect(post("wrong")).To(Equal(http.StatusUnauthorized))
			Consistently(func() string { return h.cli(ctx, 0, "get", "sources") }).WithContext(ctx).WithTimeout(2 * time.Second).Should(ContainSubstring(`"Begin"`))
			Expect(post("s3cret")).To(Equal(http.StatusAccepted))
			h.rolled(ctx, orders)
		})
		expectNothingLost(report)
		h.becomes(ctx, api.ReasonApplied, `"Release 2" holds`)
	}, enough)

	It("leaves a suspended source's objects to people, and takes them back", func(ctx SpecContext) {
		h.cli(ctx, 0, "suspend", "shop")
		stock.Version = 2
		h.push("While suspended", stock)
		Expect(h.cli(ctx, 0, "reconcile", "shop")).To(ContainSubstring("suspended"))
		h.cli(ctx, 0, "scale", "deployment/stock", "--replicas", "2", "--wait")
		h.becomes(ctx, api.ReasonSuspended, "suspended by")
		h.cli(ctx, 0, "resume", "shop")
		h.rolled(ctx, stock)
		h.becomes(ctx, api.ReasonApplied, `"While suspended" holds`)
	}, enough)

	It("prunes what left the repository, in a safe order, and not more than half at once", func(ctx SpecContext) {
		third := stock
		third.Name, third.Spec = "prices", append([]string{"dependsOn: [stock]"}, stock.Spec...)
		h.push("Add prices", third)
		h.cli(ctx, 0, "reconcile", "shop")
		h.rolled(ctx, third)
		report := under(ctx, h.light(200, orders), func(*load.Generator) {
			delete(h.repo.Files, "prod/prices.yaml")
			delete(h.repo.Files, "prod/stock.yaml")
			h.repo.Push("Remove two of three")
			h.cli(ctx, 0, "reconcile", "shop")
			h.becomes(ctx, api.ReasonApplied, `"Remove two of three" holds`)
			Expect(h.cli(ctx, 0, "events", "--types", "Warning")).To(ContainSubstring("2 of its 3 objects are gone at once, which only --prune-all allows; they stay, owned by nobody"))
			Expect(h.cli(ctx, 0, "get", "deployments")).To(SatisfyAll(ContainSubstring("prices"), ContainSubstring("stock")))
			h.push("Bring them back", stock, third)
			h.cli(ctx, 0, "reconcile", "shop")
			h.becomes(ctx, api.ReasonApplied, `"Bring them back" holds`)
			delete(h.repo.Files, "prod/prices.yaml")
			h.repo.Push("Remove prices")
			h.cli(ctx, 0, "reconcile", "shop")
			Eventually(func() string { return h.cli(ctx, 0, "get", "deployments") }).
				WithContext(ctx).WithTimeout(40 * time.Second).ShouldNot(ContainSubstring("prices"))
		})
		expectNothingLost(report)
		Expect(h.bed.Leftovers(ctx)).NotTo(ContainSubstring("prices"))
	}, enough)
})
