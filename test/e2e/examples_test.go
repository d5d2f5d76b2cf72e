package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
)

// The examples that a user copies, applied as they are but for the names of things that are a user's own. The sample
// service runs under the images' names; segue's own server blocks are on a port that nobody else uses. The rest of them:
// examplesbehind_test.go, examplesinside_test.go. manifests/full, which has every field, and so servers of every kind, is
// checked and planned; migrate/000, 001 and 003 are migrate000_test.go's, onehost_test.go's and ssh_test.go's stories.
var _ = Describe("an example in manifests/", Ordered, Label(byRoot), func() {
	var h *house
	var nginx *hostNginx
	const enough = SpecTimeout(2 * time.Minute)

	BeforeAll(func(ctx SpecContext) {
		h = newEmptyHouse(ctx)
		nginx = newHostNginx(ctx, h.bed, nil)
		h.bed.Binary = nginx.binary(h.bed)
		h.control()
		Expect(h.segue.Start(ctx)).To(Succeed())
		for _, image := range []string{"shop:1.4", "stock:1.4"} {
			h.image(ctx, image)
		}
		nginx.write("segue.conf", "include /etc/nginx/segue/current/http.con[f];\n")
	}, NodeTimeout(2*time.Minute))

	It("is checked and planned", func(ctx SpecContext) {
		var files []string
		for _, pattern := range []string{"*.yaml", "migrate/*.yaml"} {
			found, err := filepath.Glob(filepath.Join(examplesDirectory(), pattern))
			Expect(err).NotTo(HaveOccurred())
			Expect(found).NotTo(BeEmpty())
			files = append(files, found...)
		}
		for _, file := range append(files, filepath.Join(examplesDirectory(), "full")) {
			h.cli(ctx, 0, "apply", "-f", file, "--dry-run=server")
			Expect(h.cli(ctx, 0, "plan", "-f", file)).To(ContainSubstring("deployment/"), file)
		}
		h.cli(ctx, 0, "apply", "-f", filepath.Join(examplesDirectory(), "kustomize", "host"), "--dry-run=server")
	}, enough)

	DescribeTable("is applied", func(ctx SpecContext, file, deployment string) {
		path := h.example(file, "  servers:\n  - host: {}\n", "  httpPort: 18080\n  servers:\n  - host: {}\n")
		h.cli(ctx, 0, "apply", "-f", path)
		Eventually(nginx.segueFile("current", "http.conf")).Should(BeAnExistingFile())
		nginx.run(ctx, "-s", "reload")
		status, err := h.segue.Await(ctx, deployment, "serving", time.Minute, func(d api.DeploymentStatus) bool {
			return d.Settled && d.AvailableReplicas == d.Replicas && d.Replicas > 0
		})
		Expect(err).NotTo(HaveOccurred())
		for _, instance := range status.Instances {
			Expect(instance.Nginx).To(Equal("1/1"), fmt.Sprint(instance))
		}
		h.cli(ctx, 0, "delete", "-f", path, "--timeout=1m")
	},
		Entry("a rolling update", enough, "rolling.yaml", "shop"),
		Entry("blue/green", enough, "blue-green.yaml", "shop"),
		Entry("a route from inside", enough, "internal-route.yaml", "prices"),
	)

	It("is applied from two overlays of one base, compared, planned and deleted", func(ctx SpecContext) {
		dir := h.bed.Path("kustomize")
		Expect(os.CopyFS(dir, os.DirFS(filepath.Join(examplesDirectory(), "kustomize")))).To(Succeed())
		edge := filepath.Join(dir, "host", "edge.yaml")
		text, err := os.ReadFile(edge)
		Expect(err).NotTo(HaveOccurred())
		Expect(os.WriteFile(edge, []byte(strings.Replace(string(text), "spec:\n", "spec:\n  httpPort: 18080\n", 1)), 0o644)).To(Succeed())
		prod, local := filepath.Join(dir, "overlays", "prod"), filepath.Join(dir, "overlays", "local")
		Expect(h.cli(ctx, 2, "apply", "-k", prod)).To(MatchRegexp(`base/shop.yaml:11:14  spec.routes.http.nginx: no Nginx "default.edge"`))
		Expect(h.cli(ctx, 2, "apply", "-f", prod)).To(ContainSubstring("say -k "))
		h.cli(ctx, 0, "apply", "-f", filepath.Join(dir, "host"))
		Expect(h.cli(ctx, 0, "plan", "-k", local)).To(ContainSubstring("deployment/local.shop  first revision 1"))
		Expect(h.cli(ctx, 1, "diff", "-k", local)).To(ContainSubstring("+    environment: local"))
		h.cli(ctx, 0, "apply", "-k", prod)
		h.cli(ctx, 0, "apply", "-k", local, "--wait", "--timeout=1m")
		h.cli(ctx, 0, "wait", "--for=condition=Available", "deployment/shop", "-n", "prod", "--timeout=1m")
		h.cli(ctx, 0, "diff", "-k", prod)
		h.cli(ctx, 0, "diff", "-k", local)
		Expect(strings.Count(h.cli(ctx, 0, "get", "instances", "-A"), ".shop-")).To(Equal(4))
		h.cli(ctx, 0, "delete", "-k", local, "--timeout=1m")
		Expect(h.cli(ctx, 0, "get", "deployments", "-A")).To(SatisfyAll(ContainSubstring("prod"), Not(ContainSubstring("local"))))
		h.cli(ctx, 0, "delete", "-k", prod, "--timeout=1m")
		h.cli(ctx, 0, "delete", "-f", filepath.Join(dir, "host"))
	}, enough)
})
