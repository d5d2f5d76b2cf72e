package e2e

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

const noRoom = "no space left on device"

// notKept says that nothing is done because nothing can be written down.
func notKept(d api.DeploymentStatus) bool {
	for _, c := range d.Conditions {
		if c.Type == api.ConditionProgressing && c.Reason == api.ReasonNotKept {
			return d.Phase == "Blocked" && strings.Contains(c.Message, noRoom)
		}
	}
	return false
}

// stayFull keeps a disk full for a while, though what segue removes makes room.
func stayFull(ctx context.Context, disk smallDisk, pages int, d time.Duration) {
	GinkgoHelper()
	for end := time.Now().Add(d); time.Now().Before(end); {
		disk.fill(pages)
		testbed.Pause(ctx, 100*time.Millisecond)
	}
}

var _ = Describe("a full disk below the state directory", Ordered, Label(byRoot), func() {
	var h *house
	var disk smallDisk
	app := orders(3)

	BeforeAll(func(ctx SpecContext) {
		h = newHouseOf(ctx, "", func(bed *testbed.Bed) string {
			mounts := newMounts("")
			disk = mounts.smallDisk(ctx, bed.Path("state"), "0700")
			return mounts.binary(bed)
		})
		h.brisk()
		h.run(ctx, app)
	}, NodeTimeout(2*time.Minute))

	running := func(ctx context.Context) string {
		return docker(ctx, "ps", "--filter", "label=segue.dev/deployment="+app.Name, "--format", "{{.ID}}")
	}

	It("in mid-rollout stops nothing, not even through a restart of segue, says what to do, and the rollout ends when there is room", func(ctx SpecContext) {
		report := under(ctx, h.light(200, app), func(generator *load.Generator) {
			app.Version = 2
			h.apply(ctx, app)
			h.await(ctx, app, "in mid-rollout", func(d api.DeploymentStatus) bool { return d.UpdatedReplicas > 0 })
			disk.fill(0)
			h.await(ctx, app, "blocked", notKept)
			before := running(ctx)
			Expect(h.cli(ctx, 0, "get", "deployments")).To(And(ContainSubstring("Blocked: state directory: "), ContainSubstring(noRoom)))
			Expect(h.cli(ctx, 0, "events")).To(And(ContainSubstring(api.ReasonNotKept), ContainSubstring(noRoom)))
			Expect(h.cli(ctx, 3, "rollout", "status", "deployment/orders", "--timeout=2s")).To(And(ContainSubstring("culprit"), ContainSubstring(noRoom)))
			stayFull(ctx, disk, 0, 2*time.Second)
			Expect(h.segue.Kill()).To(Succeed())
			Expect(h.segue.Start(ctx)).To(Succeed())
			h.await(ctx, app, "blocked again", notKept)
			stayFull(ctx, disk, 0, 6*time.Second)
			Expect(running(ctx)).To(Equal(before), "what runs")
			expectNothingLost(generator.Lap())
			disk.free()
			h.rolled(ctx, app)
		})
		expectNothingLost(report)
	}, SpecTimeout(2*time.Minute))

	It("keeps a change from being taken, says so, and the change is taken when there is room", func(ctx SpecContext) {
		h.await(ctx, app, "whole", whole(app))
		other := fast("payments", 1)
		file := h.bed.Path("payments.yaml")
		Expect(os.WriteFile(file, []byte(other.YAML()), 0o644)).To(Succeed())
		report := under(ctx, h.light(200, app), func(*load.Generator) {
			before := running(ctx)
			disk.fill(0)
			Expect(h.cli(ctx, 1, "apply", "-f", file)).To(ContainSubstring(noRoom))
			app.Version = 3
			h.write(app.Name, app.YAML())
			Eventually(func() string { return h.cli(ctx, 0, "get", "sources") }).Should(And(ContainSubstring(api.ReasonNotKept), ContainSubstring(noRoom), ContainSubstring("tried again")))
			stayFull(ctx, disk, 0, 3*time.Second)
			Expect(running(ctx)).To(Equal(before), "what runs")
			Expect(h.cli(ctx, 0, "get", "deployments")).NotTo(ContainSubstring(other.Name))
			disk.free()
			h.rolled(ctx, app)
		})
		expectNothingLost(report)
	}, SpecTimeout(2*time.Minute))
})

var _ = Describe("a full disk below nginx's confDir", Ordered, Label(byRoot), func() {
	var h *house
	var nginx *hostNginx
	var disk smallDisk
	shop := orders(2)
	shop.Name = "shop"
	target := load.Target{Address: ownAddress, Host: shop.Host(), Service: shop.Name}

	current := func() string {
		GinkgoHelper()
		generation, err := os.Readlink(disk.path + "/current")
		Expect(err).NotTo(HaveOccurred())
		return generation
	}
	// halves are the generations that are not written to their end.
	halves := func() []string {
		GinkgoHelper()
		whole, err := filepath.Glob(disk.path + "/releases/*/servers.conf")
		Expect(err).NotTo(HaveOccurred())
		all, err := filepath.Glob(disk.path + "/releases/*")
		Expect(err).NotTo(HaveOccurred())
		return slices.DeleteFunc(all, func(path string) bool { return slices.Contains(whole, path+"/servers.conf") })
	}
	await := func(ctx context.Context, what string, wanted func(api.DeploymentStatus) bool) api.DeploymentStatus {
		GinkgoHelper()
		status, err := h.segue.Await(ctx, shop.Name, what, time.Minute, wanted)
		Expect(err).NotTo(HaveOccurred())
		return status
	}

	BeforeAll(func(ctx SpecContext) {
		h = newEmptyHouse(ctx)
		nginx = newHostNginx(ctx, h.bed, nil)
		disk = nginx.smallDisk(ctx, "/etc/nginx/segue", "0755")
		h.bed.Binary = nginx.binary(h.bed)
		h.control()
		h.write("edge", "apiVersion: segue.dev/v1\nkind: Nginx\nmetadata: {name: edge}\nspec: {servers: [{host: {}}], httpPort: 18080, "+brisk+"}\n")
		Expect(h.segue.Start(ctx)).To(Succeed())
		h.write(shop.Name, shop.YAML())
		Eventually(disk.path + "/current/http.conf").Should(BeAnExistingFile())
		nginx.write("segue.conf", "include /etc/nginx/segue/current/http.conf;\n")
		nginx.run(ctx, "-s", "reload")
		await(ctx, "rolled", testbed.Settled(shop))
	}, NodeTimeout(time.Minute))

	It("holds a change back, half of it never counts, segue says what to do, and the change is made when there is room", func(ctx SpecContext) {
		before := current()
		report := under(ctx, lightOn("shop", target, 200), func(generator *load.Generator) {
			shop.Version = 2
			disk.fill(0)
			h.write(shop.Name, shop.YAML())
			status := await(ctx, "stopped", refused(noRoom+"; what is served stays: make room on the file system of /etc/nginx/segue"))
			Expect(status.Rejected).To(BeNil(), "it is not the revision's fault")
			for _, pages := range []int{1, 0} {
				stayFull(ctx, disk, pages, 5*time.Second)
				Expect(current()).To(Equal(before))
				nginx.run(ctx, "-t")
			}
			Expect(halves()).NotTo(BeEmpty(), "what was written of the next generation")
			Expect(h.segue.Kill()).To(Succeed())
			Expect(h.segue.Start(ctx)).To(Succeed())
			await(ctx, "stopped again", refused(noRoom))
			Expect(current()).To(Equal(before))
			lap := generator.Lap()
			expectNothingLost(lap)
			Expect(lap.VersionNames()).To(HaveExactElements("1"))
			disk.free()
			await(ctx, "rolled", testbed.Rolled(shop))
		})
		expectNothingLost(report)
		Expect(report.VersionNames()).To(HaveExactElements("1", "2"))
		Expect(current()).NotTo(Equal(before))
	}, SpecTimeout(2*time.Minute))
})
