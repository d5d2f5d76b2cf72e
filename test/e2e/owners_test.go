package e2e

import (
	"context"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

var _ = Describe("whose a manifest is", Ordered, func() {
	var h *house
	const enough = SpecTimeout(2 * time.Minute)
	orders, payments := fast("orders", 1), fast("payments", 1)
	file := func(app testbed.App) string { return filepath.Join(h.segue.Manifests, app.Name+".yaml") }
	aside := func(app testbed.App) string {
		GinkgoHelper()
		path := h.bed.Path("aside-" + app.Name + ".yaml")
		Expect(os.WriteFile(path, []byte(app.YAML()), 0o644)).To(Succeed())
		return path
	}
	// restart starts segue anew with other flags.
	restart := func(ctx context.Context, flags ...string) {
		GinkgoHelper()
		Expect(h.segue.Stop()).To(Succeed())
		again, err := h.bed.Controller(flags...)
		Expect(err).NotTo(HaveOccurred())
		h.segue = again
		Expect(h.segue.Start(ctx)).To(Succeed())
	}
	running := func(ctx context.Context) []string {
		GinkgoHelper()
		left, err := h.bed.Leftovers(ctx)
		Expect(err).NotTo(HaveOccurred())
		return sorted(left)
	}
	// stays says that nothing is stopped for a while in which it would have been.
	stays := func(ctx context.Context, before []string) {
		GinkgoHelper()
		Consistently(func() []string { return running(ctx) }).WithTimeout(2 * time.Second).Should(Equal(before))
	}

	BeforeAll(func(ctx SpecContext) {
		h = newBriskHouse(ctx, "")
		h.run(ctx, orders, payments)
	}, NodeTimeout(2*time.Minute))

	It("the directory's: what would change it otherwise is refused and names the file to edit", func(ctx SpecContext) {
		changed := orders
		changed.Version = 2
		for _, args := range [][]string{
			{"apply", "-f", aside(changed)},
			{"scale", "deployment", "orders", "--replicas=2"},
			{"set", "image", "deployment/orders", testbed.Sample(2)},
			{"delete", "deployment", "orders"},
		} {
			Expect(h.cli(ctx, 2, args...)).To(ContainSubstring("orders.yaml"), "%v", args)
		}
	}, enough)

	It("that of the one controller of its state: a second one is refused, with the holder's name", func(ctx SpecContext) {
		// Another socket, so that it does not simply ask the first one.
		Expect(h.cli(ctx, 6, "run", "--manifests", h.segue.Manifests, "--socket", h.bed.Path("other"), "--once")).To(ContainSubstring("segue run"))
	}, enough)

	It("that of the one controller of its engine: another one's is refused, with the holder's name, and touches nothing", func(ctx SpecContext) {
		before := running(ctx)
		Expect(h.cli(ctx, 6, "run", "--manifests", h.segue.Manifests, "--socket", h.bed.Path("other"), "--state-dir", h.bed.Path("other-state"),
			"--owner", "somebody-else", "--once")).To(ContainSubstring(h.bed.Name))
		stays(ctx, before)
	}, enough)

	It("its file's alone: one that is broken is told and breaks nothing, and the good ones count", func(ctx SpecContext) {
		report := under(ctx, h.light(200, orders, payments), func(*load.Generator) {
			Expect(h.segue.Write("broken.yaml", "kind: Deploymnt\n")).To(Succeed())
			orders.Version = 2
			h.roll(ctx, orders)
			Expect(h.cli(ctx, 0, "events", "-A", "--types", "Warning")).To(ContainSubstring("ManifestRefused"))
			Expect(os.Remove(filepath.Join(h.segue.Manifests, "broken.yaml"))).To(Succeed())
		})
		expectNothingLost(report)
	}, enough)

	It("a swapped symlink's: as Kubernetes mounts them, and as a checkout leaves them", func(ctx SpecContext) {
		write := func(version int) string {
			GinkgoHelper()
			orders.Version = version
			dir := h.bed.Path("tree-" + testbed.Sample(version)[len(testbed.Sample(0))-1:])
			Expect(os.MkdirAll(dir, 0o755)).To(Succeed())
			Expect(os.WriteFile(filepath.Join(dir, "orders.yaml"), []byte(orders.YAML()), 0o644)).To(Succeed())
			return dir
		}
		link := func(to, at string) {
			GinkgoHelper()
			Expect(os.Symlink(to, at+".new")).To(Succeed())
			Expect(os.Rename(at+".new", at)).To(Succeed())
		}
		data := h.bed.Path("data")
		report := under(ctx, h.light(200, orders, payments), func(*load.Generator) {
			link(write(1), data)
			link(filepath.Join(data, "orders.yaml"), file(orders))
			link(write(3), data)
			h.rolled(ctx, orders)
		})
		expectNothingLost(report)
	}, enough)

	It("nobody's, when its file is gone: nothing stops, and apply or a file may take it", func(ctx SpecContext) {
		before := running(ctx)
		report := under(ctx, h.light(200, orders, payments), func(*load.Generator) {
			Expect(os.Remove(file(orders))).To(Succeed())
			Eventually(func() (string, error) { return h.owner(ctx, orders) }).Should(BeEmpty())
			stays(ctx, before)
			h.cli(ctx, 0, "apply", "-f", aside(orders))
			Expect(h.owner(ctx, orders)).To(Equal("apply"))
			stays(ctx, before)
			h.write("orders", orders.YAML())
			Eventually(func() (string, error) { return h.owner(ctx, orders) }).Should(HavePrefix("dir:"))
			Expect(h.cli(ctx, 0, "events")).To(ContainSubstring("OwnerChanged"))
			stays(ctx, before)
		})
		expectNothingLost(report)
	}, enough)

	It("pruned with --prune, but not while a file is broken, not when none is left, and not more than half at once", func(ctx SpecContext) {
		restart(ctx, "--prune")
		before := running(ctx)
		hidden := h.bed.Path("hidden.yaml")
		broken := filepath.Join(h.segue.Manifests, "broken.yaml")
		report := under(ctx, h.light(200, orders), func(*load.Generator) {
			Expect(os.WriteFile(broken, []byte("kind: [\n"), 0o644)).To(Succeed())
			Expect(os.Rename(file(payments), hidden)).To(Succeed())
			stays(ctx, before)
			Expect(os.Rename(hidden, file(payments))).To(Succeed())
			Expect(os.Remove(broken)).To(Succeed())

			whole := h.segue.Manifests + ".whole"
			Expect(os.Rename(h.segue.Manifests, whole)).To(Succeed())
			Expect(os.Mkdir(h.segue.Manifests, 0o755)).To(Succeed())
			stays(ctx, before)
			Expect(os.Remove(h.segue.Manifests)).To(Succeed())
			Expect(os.Rename(whole, h.segue.Manifests)).To(Succeed())
			Eventually(func() (string, error) { return h.owner(ctx, payments) }).Should(HavePrefix("dir:"))

			Expect(os.Rename(file(payments), hidden)).To(Succeed())
			Eventually(func() []string { return running(ctx) }).WithTimeout(40 * time.Second).Should(HaveLen(1))
			Expect(running(ctx)[0]).To(HavePrefix("orders-"))
		})
		expectNothingLost(report)
	}, enough)
})
