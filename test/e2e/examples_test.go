package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/testbed"
)

// The examples that a user copies. Each is checked and planned by a running segue. Those that need nothing but images
// and the nginx of this machine are really applied, with the sample service under the images' names and segue's own
// server blocks on a port that nobody else uses. Not applied, as they name what only a user has: two-nginx.yaml (his
// containers), adopt-*.yaml (adopt_test.go and thismachine_test.go are those stories), eureka-self.yaml and
// depends-on.yaml (Spring's servers), eureka-proxied.yaml (proxied_test.go is that story), eureka-managed.yaml (a service on
// port 9000), recreate-volume.yaml (PostgreSQL).
var _ = Describe("an example in manifests/", Ordered, func() {
	var h *house
	var nginx *hostNginx
	const enough = SpecTimeout(2 * time.Minute)
	directory := func() string { return filepath.Join(filepath.Dir(filepath.Dir(binary)), "manifests") }

	BeforeAll(func(ctx SpecContext) {
		h = newEmptyHouse(ctx)
		nginx = newHostNginx(ctx, h.bed, "")
		h.bed.Binary = nginx.binary(h.bed)
		h.control()
		Expect(h.segue.Start(ctx)).To(Succeed())
		for image, from := range map[string]string{"shop:1.4": testbed.Sample(1), "stock:1.4": testbed.Sample(1)} {
			docker(ctx, "tag", from, image)
			DeferCleanup(func(ctx context.Context) { docker(ctx, "rmi", image) })
		}
		nginx.write("segue.conf", "include /etc/nginx/segue/current/http.con[f];\n")
	}, NodeTimeout(2*time.Minute))

	It("is checked and planned", func(ctx SpecContext) {
		files, err := filepath.Glob(filepath.Join(directory(), "*.yaml"))
		Expect(err).NotTo(HaveOccurred())
		for _, file := range append(files, filepath.Join(directory(), "full")) {
			h.cli(ctx, 0, "apply", "-f", file, "--dry-run=server")
			Expect(h.cli(ctx, 0, "plan", "-f", file)).To(ContainSubstring("deployment/"), file)
		}
		Expect(files).NotTo(BeEmpty())
		h.cli(ctx, 0, "apply", "-f", filepath.Join(directory(), "kustomize", "host"), "--dry-run=server")
	}, enough)

	DescribeTable("is applied", func(ctx SpecContext, file, deployment string) {
		text, err := os.ReadFile(filepath.Join(directory(), file))
		Expect(err).NotTo(HaveOccurred())
		mine := strings.ReplaceAll(string(text), "  servers:\n  - host: {}\n", "  httpPort: 18080\n  servers:\n  - host: {}\n")
		Expect(mine).NotTo(Equal(string(text)))
		path := h.bed.Path(file)
		Expect(os.WriteFile(path, []byte(mine), 0o644)).To(Succeed())
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
		Expect(os.CopyFS(dir, os.DirFS(filepath.Join(directory(), "kustomize")))).To(Succeed())
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
