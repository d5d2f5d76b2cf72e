package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/testbed"
)

// shortly are the caches of those who call in these stories, in place of Spring's.
const shortly = "  caches: {responseSeconds: 1, fetchSeconds: 1, loadBalancerSeconds: 1}\n"

// What lives on Docker's networks alone: nginx in containers, the user's or segue's own, Eureka's servers, a database.
var _ = Describe("an example in manifests/ on Docker's networks", Ordered, func() {
	var h *house
	const enough = SpecTimeout(time.Minute)
	// apply applies an example and deletes it when its spec ends.
	apply := func(ctx context.Context, path string) {
		GinkgoHelper()
		h.cli(ctx, 0, "apply", "-f", path)
		DeferCleanup(func(ctx context.Context) { h.cli(ctx, 0, "delete", "-f", path, "--ignore-not-found", "--timeout=1m") }, NodeTimeout(time.Minute))
	}
	// up waits until callers find so many of an app, and no more.
	up := func(ctx context.Context, registry *testbed.Registry, app string, count int) {
		GinkgoHelper()
		Eventually(func() (int, error) {
			leases, err := registry.Leases(ctx)
			found := 0
			for _, lease := range leases {
				if lease.App == app && lease.Status == "UP" {
					found++
				}
			}
			return found, err
		}).WithContext(ctx).Should(Equal(count), "UP of "+app)
	}
	served := func(d api.DeploymentStatus, nginx, eureka string) {
		GinkgoHelper()
		for _, instance := range d.Instances {
			Expect([]string{instance.Nginx, instance.Eureka}).To(Equal([]string{nginx, eureka}), fmt.Sprint(instance))
		}
	}

	BeforeAll(func(ctx SpecContext) {
		h = newEmptyHouse(ctx)
		h.control()
		Expect(h.segue.Start(ctx)).To(Succeed())
		for i, image := range []string{testbed.OldNginx, testbed.NewNginx} {
			server, err := h.bed.Nginx(ctx, servers[i], image, "")
			Expect(err).NotTo(HaveOccurred())
			h.nginx = append(h.nginx, server)
		}
	}, NodeTimeout(time.Minute))

	It("is applied: two-nginx.yaml", func(ctx SpecContext) {
		h.image(ctx, "shop:1.4", "ENV SERVICE=shop", "ENV VERSION=1.4")
		apply(ctx, h.example("two-nginx.yaml", "container: nginx-1", "container: "+h.nginx[0].Name, "container: nginx-2", "container: "+h.nginx[1].Name))
		for _, server := range h.nginx {
			Expect(server.Include(ctx)).To(Succeed())
		}
		served(h.serves(ctx, "shop", "shop:1.4"), "2/2", "-")
		for _, server := range h.nginx {
			for _, host := range []string{"shop.example.com", "www.shop.example.com"} {
				answersOnly(ctx, server.Address, host, "1.4")
			}
		}
	}, enough)

	It("is applied: recreate-volume.yaml", func(ctx SpecContext) {
		Expect(os.MkdirAll(h.bed.Path("postgres"), 0o755)).To(Succeed())
		Expect(os.Link(filepath.Join(filepath.Dir(binary), "sample"), h.bed.Path("postgres", "sample"))).To(Succeed())
		Expect(os.WriteFile(h.bed.Path("postgres", "pg_isready"), []byte("#!/bin/sh\ntest \"$1\" = --username=postgres && test -r \"$POSTGRES_PASSWORD_FILE\"\n"), 0o755)).To(Succeed())
		Expect(os.WriteFile(h.bed.Path("postgres", "Dockerfile"), []byte("FROM "+testbed.NewNginx+"\nCOPY sample /sample\nCOPY pg_isready /usr/bin/pg_isready\n"+
			"ENV SERVICE=db VERSION=17 PORT=5432\nENTRYPOINT [\"/sample\"]\nCMD []\n"), 0o644)).To(Succeed())
		buildImage(ctx, "postgres:17", h.bed.Path("postgres"))
		apply(ctx, h.example("recreate-volume.yaml"))
		instance := h.serves(ctx, "db", "postgres:17").Instances[0]
		answersOnly(ctx, "127.0.0.1:5432", "db", "17")
		Expect(docker(ctx, "inspect", "-f", "{{range .Mounts}}{{.Name}}:{{.Destination}} {{end}}", instance.Name)).To(MatchRegexp("(^| )pgdata:/var/lib/postgresql/data( |$)"))
		Expect(docker(ctx, "exec", instance.Name, "cat", "/run/secrets/password")).To(Equal("change me"))
		h.cli(ctx, 0, "delete", "deployment", "db", "--timeout=1m")
		Expect(docker(ctx, "volume", "ls", "-q")).To(ContainSubstring("pgdata"), "it outlives the Deployment")
		docker(ctx, "volume", "rm", "pgdata")
	}, enough)

	It("is applied: eureka-managed.yaml", func(ctx SpecContext) {
		// Those behind Eureka are left to the bed, in namespaces of their own: to be deleted takes each 35 s.
		h.image(ctx, "prices:3", "ENV SERVICE=prices", "ENV VERSION=3", "ENV PORT=9000")
		h.cli(ctx, 0, "apply", "-n", "managed", "-f", h.example("eureka-managed.yaml", "  name: main\n", "  name: main\nspec:\n"+shortly))
		served(h.serves(ctx, "managed.prices", "prices:3"), "-", "UP 1/1")
		registry, err := h.bed.OwnRegistryOf(ctx, "managed.main")
		Expect(err).NotTo(HaveOccurred())
		up(ctx, registry, "PRICES", 2)
	}, enough)

	It("is applied: eureka-proxied.yaml", func(ctx SpecContext) {
		h.image(ctx, "orders:1.5", "ENV SERVICE=orders", "ENV VERSION=1.5")
		h.cli(ctx, 0, "apply", "-n", "proxied", "-f", h.example("eureka-proxied.yaml", "  name: main\n", "  name: main\nspec:\n"+shortly,
			"  httpPort: 8088\n", "  httpPort: 8088\n  image: "+testbed.NewNginx+"\n"))
		h.serves(ctx, "proxied.orders", "orders:1.5")
		registry, err := h.bed.OwnRegistryOf(ctx, "proxied.main")
		Expect(err).NotTo(HaveOccurred())
		up(ctx, registry, "ORDERS", 1)
		leases, err := registry.Leases(ctx)
		Expect(err).NotTo(HaveOccurred())
		answersOnly(ctx, leases[0].Place(), "orders", "1.5")
	}, enough)

	It("is applied: eureka-self.yaml", func(ctx SpecContext) {
		peers, err := h.bed.EurekaPeers(ctx, 2)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func() {
			for _, peer := range peers {
				Expect(peer.Close()).To(Succeed())
			}
		})
		h.image(ctx, "orders:1.5", "ENV SERVICE=orders", "ENV VERSION=1.5", "ENV EUREKA="+peers[0].URL+","+peers[1].URL)
		h.cli(ctx, 0, "apply", "-n", "self", "-f", h.example("eureka-self.yaml", "http://eureka-1:8761/eureka", peers[0].URL, "http://eureka-2:8761/eureka", peers[1].URL,
			"responseSeconds: 30 ", "responseSeconds: 1 ", "fetchSeconds: 30 ", "fetchSeconds: 1 ", "loadBalancerSeconds: 35 ", "loadBalancerSeconds: 1 "))
		served(h.serves(ctx, "self.orders", "orders:1.5"), "-", "UP 2/2")
		for _, peer := range peers {
			up(ctx, peer.Registry, "ORDERS", 2)
		}
	}, enough)

	It("is applied: depends-on.yaml", func(ctx SpecContext) {
		image, err := h.bed.RegistryImage(ctx)
		Expect(err).NotTo(HaveOccurred())
		docker(ctx, "tag", image, "eureka-server:1")
		DeferCleanup(func(ctx context.Context) { docker(ctx, "rmi", "-f", "eureka-server:1", image) })
		for _, name := range []string{"sample-service", "gateway"} {
			h.image(ctx, name+":1", "ENV SERVICE="+name, "ENV VERSION=1", "ENV EUREKA=http://eureka:8761/eureka")
		}
		// segue's own server has no actuator.
		h.cli(ctx, 0, "apply", "-f", h.example("depends-on.yaml", "host: {}", "container: "+h.nginx[1].Name, "  servers:\n  - http", shortly+"  servers:\n  - http",
			"path: /actuator/health}", "path: /eureka/apps}"))
		var started []time.Time
		for _, app := range []string{"eureka", "sample-service", "gateway"} {
			status := h.serves(ctx, app, map[bool]string{true: "eureka-server:1", false: app + ":1"}[app == "eureka"])
			for _, instance := range status.Instances {
				started = append(started, instance.StartedAt)
			}
		}
		Expect(started).To(HaveLen(6))
		for _, later := range started[1:] {
			Expect(later).To(BeTemporally(">", started[0]), "the registry starts first")
		}
		answersOnly(ctx, h.nginx[1].Address, "api.example.com", "1")
	}, enough)
})
