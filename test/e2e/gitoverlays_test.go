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
	"github.com/segue-dev/segue/controller/source/git/gittest"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// overlaidRepository is a bare repository that holds manifests/kustomize, the layout that docs/gitops.md shows. The nginx of
// the host is the house's.
func overlaidRepository() *gittest.Bare {
	GinkgoHelper()
	repo := gittest.NewBare(GinkgoT(), "deploy")
	root, err := testbed.Repository()
	Expect(err).NotTo(HaveOccurred())
	example := filepath.Join(root, "manifests", "kustomize")
	Expect(filepath.WalkDir(example, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, relErr := filepath.Rel(example, path)
		Expect(relErr).NotTo(HaveOccurred())
		if name != "sources.yaml" && !strings.HasPrefix(name, "host/") {
			repo.Files[name] = string(text)
		}
		return err
	})).To(Succeed())
	Expect(len(repo.Files)).To(BeNumerically(">=", 8))
	return repo
}

// overlaidSources is the example's file of sources, for a repository of the test's.
func overlaidSources(url string) string {
	GinkgoHelper()
	root, err := testbed.Repository()
	Expect(err).NotTo(HaveOccurred())
	text, err := os.ReadFile(filepath.Join(root, "manifests", "kustomize", "sources.yaml"))
	Expect(err).NotTo(HaveOccurred())
	dir := GinkgoT().TempDir()
	Expect(writeFile(filepath.Join(dir, "token"), "t0ken\n")).To(Succeed())
	mine := strings.NewReplacer("https://git.example.com/team/deploy.git", url, "/etc/segue/git-token}", "token, interval: 500ms}").Replace(string(text))
	before, rest, found := strings.Cut(mine, "- name: host\n")
	Expect(found).To(BeTrue())
	_, after, found := strings.Cut(rest, "- name: prod\n")
	Expect(found).To(BeTrue())
	file := filepath.Join(dir, "sources.yaml")
	Expect(writeFile(file, before+"- name: prod\n"+after)).To(Succeed())
	return file
}

var _ = Describe("two environments of one repository", Ordered, func() {
	var h *house
	var repo *gittest.Bare
	const enough = SpecTimeout(100 * time.Second)
	prod, local := "overlays/prod/kustomization.yaml", "overlays/local/kustomization.yaml"
	environments := map[string]int32{"prod": 3, "local": 1}

	BeforeAll(func(ctx SpecContext) {
		for image, from := range map[string]int{"shop:1.4": 1, "stock:1.4": 1, "shop:1.5": 2} {
			docker(ctx, "tag", testbed.Sample(from), image)
			DeferCleanup(func(ctx context.Context) { docker(ctx, "rmi", image) })
		}
		repo = overlaidRepository()
		repo.Push("Begin")
		h = newBriskHouse(ctx, "", "--sources", overlaidSources(serveGit(repo)))
		h.include(ctx)
	}, NodeTimeout(2*time.Minute))

	// whole awaits that all of an environment's instances are there, the shop's of a version, and nothing else lives.
	whole := func(ctx context.Context, environment, version string) (shop, stock api.DeploymentStatus) {
		GinkgoHelper()
		statuses := map[string]api.DeploymentStatus{}
		for name, tag := range map[string]string{"shop": version, "stock": "1.4"} {
			replicas := int(environments[environment])
			status, err := h.segue.Await(ctx, environment+"."+name, "whole at "+tag, time.Minute, func(d api.DeploymentStatus) bool {
				return d.Image == name+":"+tag && d.Settled && d.Replicas == replicas && d.AvailableReplicas == replicas && d.LiveReplicas == replicas && d.Revision == d.TargetRevision
			})
			Expect(err).NotTo(HaveOccurred())
			statuses[name] = status
		}
		return statuses["shop"], statuses["stock"]
	}
	names := func(statuses ...api.DeploymentStatus) []string {
		var all []string
		for _, d := range statuses {
			for _, i := range d.Instances {
				all = append(all, i.Name)
			}
		}
		return sorted(strings.Join(all, "\n"))
	}
	// callers ask each service of each environment by its own name, and nobody else may answer.
	callers := func() []load.Job {
		var jobs []load.Job
		for _, service := range []string{"shop", "stock"} {
			for environment, domain := range map[string]string{"prod": "example.com", "local": "local.example.com"} {
				for i, server := range h.nginx {
					target := load.Target{Address: server.Address, Host: service + "." + domain, Service: service + "-" + environment}
					jobs = append(jobs, lightOn(fmt.Sprintf("%s %s, %s nginx", environment, service, servers[i]), target, 25)...)
				}
			}
		}
		return jobs
	}
	environmentOf := func(ctx context.Context, container string) string {
		GinkgoHelper()
		out, err := testbed.Docker(ctx, "inspect", "--format", "{{json .Config.Env}}", container)
		Expect(err).NotTo(HaveOccurred())
		return out
	}

	It("stand beside each other on one host, each with its own names, numbers and files", func(ctx SpecContext) {
		prodShop, prodStock := whole(ctx, "prod", "1.4")
		localShop, localStock := whole(ctx, "local", "1.4")
		Expect(names(prodShop, prodStock)).To(HaveLen(6))
		Expect(names(prodShop, prodStock)).To(HaveEach(HavePrefix("prod.")))
		Expect(names(localShop, localStock)).To(HaveLen(2))
		Expect(names(localShop, localStock)).To(HaveEach(HavePrefix("local.")))
		addresses := map[string]bool{}
		for _, d := range []api.DeploymentStatus{prodShop, prodStock, localShop, localStock} {
			for _, i := range d.Instances {
				addresses[i.Address] = true
			}
		}
		Expect(addresses).To(HaveLen(8), "an address was given twice")
		Expect(environmentOf(ctx, prodShop.Instances[0].Name)).To(ContainSubstring("LOG_LEVEL=info"))
		Expect(environmentOf(ctx, localShop.Instances[0].Name)).To(ContainSubstring("LOG_LEVEL=debug"), "the overlay's copy of shop.env shadows the base's")
		Expect(h.cli(ctx, 0, "get", "sources")).To(SatisfyAll(MatchRegexp(`git:prod +True .* 2/2 +Applied`), MatchRegexp(`git:local +True .* 2/2 +Applied`)))
		Expect(h.cli(ctx, 0, "get", "deployments", "-A", "-l", "environment=local")).To(SatisfyAll(ContainSubstring("local"), Not(ContainSubstring("prod"))))
		expectNothingLost(under(ctx, callers(), func(*load.Generator) { testbed.Pause(ctx, time.Second) }))
	}, enough)

	It("roll alone when a commit changes one overlay, and together when it changes the base, under load", func(ctx SpecContext) {
		before, beforeStock := whole(ctx, "local", "1.4")
		report := under(ctx, callers(), func(*load.Generator) {
			repo.Files[prod] = strings.Replace(repo.Files[prod], `shop, newTag: "1.4"`, `shop, newTag: "1.5"`, 1)
			repo.Push("Release 1.5 in production")
			whole(ctx, "prod", "1.5")
		})
		expectNothingLost(report)
		after, afterStock := whole(ctx, "local", "1.4")
		Expect(names(after, afterStock)).To(Equal(names(before, beforeStock)), "the other environment was touched")
		Expect(h.cli(ctx, 0, "rollout", "history", "shop", "-n", "prod")).To(ContainSubstring(`"Release 1.5 in production"`))
		Expect(h.cli(ctx, 0, "rollout", "history", "shop", "-n", "local")).NotTo(ContainSubstring("Release"))

		report = under(ctx, callers(), func(*load.Generator) {
			repo.Files["base/shop.yaml"] = strings.Replace(repo.Files["base/shop.yaml"], "      SERVICE: shop\n", "      SERVICE: shop\n      FROM: base\n", 1)
			repo.Push("Say it to everybody")
			for _, name := range []string{"prod.shop", "local.shop"} {
				_, err := h.segue.Await(ctx, name, "at the base's", time.Minute, func(d api.DeploymentStatus) bool {
					return d.Settled && len(d.History) > 0 && strings.Contains(d.History[len(d.History)-1].Cause, "Say it to everybody")
				})
				Expect(err).NotTo(HaveOccurred())
			}
		})
		expectNothingLost(report)
		shop, _ := whole(ctx, "local", "1.4")
		Expect(environmentOf(ctx, shop.Instances[0].Name)).To(SatisfyAll(ContainSubstring("FROM=base"), ContainSubstring("SERVICE=shop-local")))
	}, enough)

	It("are refused apart, with the line that is wrong, and none is ever emptied", func(ctx SpecContext) {
		good := repo.Files[local]
		before := running(ctx, h)
		repo.Files[local] = strings.Replace(good, "- ../../base\n", "- ../../base\n- https://example.com/more.yaml\n", 1)
		repo.Push("Fetch something")
		Eventually(func() string { return h.cli(ctx, 0, "get", "sources") }).WithContext(ctx).
			Should(MatchRegexp(`git:local +False .*Refused.*overlays/local/kustomization.yaml:6:3  resources\[1\]: https://example.com/more.yaml is somewhere else`))
		Eventually(func() string { return h.cli(ctx, 0, "get", "sources") }).WithContext(ctx).Should(MatchRegexp(`git:prod +True .*Applied: commit [0-9a-f]{7} "Fetch something"`))
		repo.Files[local] = "namespace: local\nresources: []\n"
		repo.Push("Empty it")
		Eventually(func() string { return h.cli(ctx, 0, "get", "sources") }).WithContext(ctx).Should(MatchRegexp(`git:local +False .*Empty: `))
		Expect(running(ctx, h)).To(Equal(before))
		repo.Files[local] = good
		repo.Push("Mend it")
		Eventually(func() string { return h.cli(ctx, 0, "get", "sources") }).WithContext(ctx).Should(MatchRegexp(`git:local +True .*"Mend it"`))
	}, enough)

	It("have a registry each when the base has one, and no service of one is found in the other", func(ctx SpecContext) {
		repo.Files["base/main.yaml"] = testbed.ShortCaches
		repo.Files["base/kustomization.yaml"] += "- main.yaml\n"
		repo.Files["base/stock.yaml"] = strings.Replace(repo.Files["base/stock.yaml"], "  template:\n", "  eureka: {mode: Managed}\n  template:\n", 1)
		report := under(ctx, callers(), func(*load.Generator) {
			repo.Push("Register the stock")
			for environment, replicas := range environments {
				_, err := h.segue.Await(ctx, environment+".stock", "registered", 90*time.Second, func(d api.DeploymentStatus) bool {
					up := 0
					for _, i := range d.Instances {
						if i.Eureka == "UP 1/1" {
							up++
						}
					}
					return d.Settled && up == int(replicas)
				})
				Expect(err).NotTo(HaveOccurred())
			}
		})
		expectNothingLost(report)
		for environment, replicas := range environments {
			registry, err := h.bed.OwnRegistryOf(ctx, environment+".main")
			Expect(err).NotTo(HaveOccurred())
			leases, err := registry.Leases(ctx)
			Expect(err).NotTo(HaveOccurred())
			Expect(leases).To(HaveLen(int(replicas)), "%+v", leases)
			Expect(leases).To(HaveEach(HaveField("InstanceID", ContainSubstring(":"+environment+".stock:"))))
			Expect(leases).To(HaveEach(HaveField("App", "STOCK")))
		}
	}, SpecTimeout(115*time.Second))
})

// running are the names of the containers of a house's segue that run.
func running(ctx context.Context, h *house) []string {
	GinkgoHelper()
	left, err := h.bed.Leftovers(ctx)
	Expect(err).NotTo(HaveOccurred())
	return sorted(left)
}
