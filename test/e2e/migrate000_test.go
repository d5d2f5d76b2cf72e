package e2e

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// make test takes it over with short caches; make test-long with Spring's own ones, too, and lets it release itself first.
var (
	_ = springTakenOver(testbed.Boot4, briefly)
	_ = inTestLong(func() { springTakenOver(testbed.Boot4, byDefault) })
)

// settling is how long the original's shutdown hook waits between its deregistration and its end.
const settling = 15 * time.Second

// Of the request that the original sends to itself before it says UP.
const (
	sampleBody   = `{"RequestList":[{"data1":"value1"}]}`
	sampleCookie = "uuid=0123456789abcdef0123456789abcdef;apiId=API0001;"
	sampleUser   = "FFTEST0001"
)

// predecessor is the running original of docs/migrate/000: two Eureka servers, two instances of a service that tell
// Eureka themselves when they come and go, and two gateways behind nginx servers with a hand-written upstream.
type predecessor struct {
	*house
	*testbed.SpringOriginal
	orders, gateway testbed.App
	caches          string
	// at are the containers' addresses by name.
	at map[string]string
}

func newPredecessor(ctx context.Context, generation testbed.Spring, caches string) *predecessor {
	GinkgoHelper()
	p := &predecessor{house: newHouse(ctx, ""), caches: caches, at: map[string]string{}}
	var server, consumer map[string]string
	if caches == briefly {
		server, consumer = testbed.ShortEureka, testbed.ShortConsumer
	}
	p.SpringOriginal = generation.Original(p.bed, 2, server, consumer)
	p.orders = generation.Service("orders", p.EurekaURLs)
	p.gateway = generation.Gateway("gateway", p.EurekaURLs, p.orders)
	maps.Copy(p.gateway.Env, consumer)
	for _, name := range []string{"eureka-1", "eureka-2"} {
		p.starts(ctx, name, "eureka", 1, p.EurekaEnv(name))
	}
	for _, name := range []string{"orders-1", "orders-2"} {
		p.starts(ctx, name, "service", 1, p.ordersEnv(name))
	}
	for _, name := range []string{"gateway-1", "gateway-2"} {
		p.starts(ctx, name, "gateway", 1, p.gateway.Env)
	}
	for name, address := range p.at {
		Expect(p.Ready(ctx, address)).To(Succeed(), name)
	}
	for _, name := range []string{"orders-1", "orders-2"} {
		p.opens(ctx, name)
	}
	for _, server := range p.nginx {
		Expect(server.Write("user.conf", fmt.Sprintf(zuulServer, p.at["gateway-1"], p.at["gateway-2"]))).To(Succeed())
		Expect(server.Reload(ctx)).To(Succeed())
	}
	for _, server := range p.nginx {
		Eventually(answersOK).WithArguments(ctx, server.Address, p.orders.Host()).WithTimeout(2 * time.Minute).Should(Succeed())
	}
	return p
}

// zuulServer is what the user's nginx has: its upstream of gateways.
const zuulServer = `upstream zuul_server { least_conn; server %s:8080; server %s:8080; }
server {
	listen 80;
	server_name orders.test;
	location / {
		proxy_pass http://zuul_server;
		proxy_set_header Host $host;
	}
}
`

func (p *predecessor) starts(ctx context.Context, name, application string, version int, env map[string]string) {
	GinkgoHelper()
	address, err := p.Run(ctx, name, application, version, env)
	Expect(err).NotTo(HaveOccurred())
	p.at[name] = address
}

// ordersEnv are the original's settings: it stays STARTING until it is told to be UP.
func (p *predecessor) ordersEnv(name string) map[string]string {
	return map[string]string{
		"SPRING_APPLICATION_NAME": "orders", "EUREKA": p.EurekaURLs, "EUREKA_INSTANCE_INSTANCEID": name,
		"EUREKA_INSTANCE_PREFERIPADDRESS": "true", "EUREKA_INSTANCE_INITIALSTATUS": "STARTING",
	}
}

// lease is where the Eureka servers have an instance.
func (p *predecessor) lease(name string) []string {
	var urls []string
	for _, server := range []string{"eureka-1", "eureka-2"} {
		urls = append(urls, "http://"+p.at[server]+":8761/eureka/apps/ORDERS/"+name)
	}
	return urls
}

// opens does what the original does after its start: the sample request to itself, then UP at every Eureka server.
func (p *predecessor) opens(ctx context.Context, name string) {
	GinkgoHelper()
	Expect(p.Tell(ctx, "POST", "http://"+p.at[name]+":8080/warmup", sampleBody, "Cookie", sampleCookie, "X-User-Id", sampleUser)).To(Succeed())
	for _, url := range p.lease(name) {
		Eventually(p.Tell).WithArguments(ctx, "PUT", url+"/status?value=UP", "").WithTimeout(time.Minute).Should(Succeed())
	}
}

// releases replaces both instances one after the other as the original's scripts and hooks do: deregister everywhere,
// wait, stop, start, sample request, UP.
func (p *predecessor) releases(ctx context.Context, version int) {
	GinkgoHelper()
	for _, name := range []string{"orders-1", "orders-2"} {
		for _, url := range p.lease(name) {
			Expect(p.Tell(ctx, "DELETE", url, "")).To(Succeed())
		}
		testbed.Pause(ctx, settling)
		docker(ctx, "stop", "-t", "45", name)
		p.starts(ctx, name, "service", version, p.ordersEnv(name))
		Expect(p.Ready(ctx, p.at[name])).To(Succeed())
		p.opens(ctx, name)
	}
}

// manifests are those of docs/migrate/000, for these names.
func (p *predecessor) manifests() {
	GinkgoHelper()
	p.write("main", "apiVersion: segue.dev/v1\nkind: Eureka\nmetadata: {name: main}\nspec: {servers: ["+
		strings.ReplaceAll(strings.ReplaceAll(p.EurekaURLs, "/eureka/", "/eureka"), ",", ", ")+"], caches: "+p.caches+"}\n")
	p.orders.Version, p.orders.Strategy = 3, oneWave
	p.orders.Spec = []string{"adopt: [{container: orders-1, eurekaId: orders-1}, {container: orders-2, eurekaId: orders-2}]"}
	p.orders.Template = []string{fmt.Sprintf(`warmup: [{method: POST, path: /warmup, headers: {Content-Type: application/json, Cookie: %q, X-User-Id: %s}, body: '%s', expect: {status: "200"}}]`,
		sampleCookie, sampleUser, sampleBody)}
	p.orders.Env["READY_DELAY"] = "1000"
	p.gateway.Version, p.gateway.Replicas, p.gateway.Strategy = 2, 2, oneWave
	p.gateway.Routes = "{http: {hostnames: [orders.test], balance: least_conn}}"
	p.gateway.Spec = []string{"adopt: [{container: gateway-1}, {container: gateway-2}]", "drainTimeoutSeconds: 5"}
}

// registryYAML is a Deployment of one Eureka server that takes over the container of its name.
func (p *predecessor) registryYAML(name, label string) string {
	var env strings.Builder
	settings := p.EurekaEnv(name)
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		fmt.Fprintf(&env, "      %s: %q\n", key, settings[key])
	}
	return fmt.Sprintf(`apiVersion: segue.dev/v1
kind: Deployment
metadata: {name: %s}
spec:
  replicas: 1
  strategy: {type: Recreate}
  adopt: [{container: %s}]
  template:
    image: %s:1
    imagePullPolicy: Never
    labels: {release: %s}
    ports: [{containerPort: 8761}]
    readinessProbe: {httpGet: {path: /eureka/apps}, periodSeconds: 1}
    env:
%s`, name, name, p.Repository("eureka"), label, env.String())
}

// rollsServers applies both servers at once and waits for both; it notes who was away when.
func (p *predecessor) rollsServers(ctx context.Context, label string, revision int) (waited string) {
	GinkgoHelper()
	for _, name := range []string{"eureka-1", "eureka-2"} {
		p.write(name, p.registryYAML(name, label))
	}
	for _, name := range []string{"eureka-1", "eureka-2"} {
		_, err := p.segue.Await(ctx, name, "replaced", 5*time.Minute, func(d api.DeploymentStatus) bool {
			for _, w := range d.WaitingFor {
				if w.Gate == "registry" {
					waited = w.Reason
				}
			}
			return d.Settled && d.Phase == "Converged" && d.TargetRevision == revision && d.UpdatedReplicas == 1
		})
		Expect(err).NotTo(HaveOccurred())
	}
	return waited
}

// springTakenOver is the original of docs/migrate/000 under load: its own release, its take-over, and the releases that
// follow, of its Eureka servers, too.
func springTakenOver(generation testbed.Spring, caches string) bool {
	what := "taken over from its own scripts, short caches"
	if caches == byDefault {
		what = "taken over from its own scripts, default caches"
	}
	return springStory(generation, what, 1, func() {
		var p *predecessor
		const enough = SpecTimeout(10 * time.Minute)

		BeforeAll(func(ctx SpecContext) {
			Expect(generation.Make(ctx)).To(Succeed())
			p = newPredecessor(ctx, generation, caches)
		}, NodeTimeout(5*time.Minute))

		callers := func() []load.Job {
			var jobs []load.Job
			for n, server := range p.nginx {
				jobs = append(jobs, callersThrough(servers[n]+" nginx and its gateways", server.Address, 25, p.orders)...)
			}
			return jobs
		}

		if caches == byDefault {
			It("loses requests in a release of its own", func(ctx SpecContext) {
				begun := time.Now()
				report := under(ctx, callers(), func(*load.Generator) { p.releases(ctx, 2) })
				AddReportEntry("the original's own release", fmt.Sprintf("%d of %d lost in %s", report.Failed(), report.Requests, time.Since(begun).Round(time.Second)))
				Expect(report.VersionNames()).To(ContainElements("1", "2"))
			}, enough)
		}

		It("is taken over without a loss, but for the user's own reload", func(ctx SpecContext) {
			begun := time.Now()
			report := under(ctx, callers(), func(generator *load.Generator) {
				p.manifests()
				p.write("orders", p.orders.YAML())
				p.write("gateway", p.gateway.YAML())
				p.await(ctx, p.gateway, "waiting for the user", func(d api.DeploymentStatus) bool {
					return condition(d.Conditions, api.ConditionWaitingForInclude) == "True"
				})
				Expect(generator.Lap().Failed()).To(BeZero())
				for _, server := range p.nginx {
					Expect(server.Write("user.conf", "")).To(Succeed())
					Expect(server.Include(ctx)).To(Succeed())
				}
				testbed.Pause(ctx, time.Second)
				expectOwnReload(generator.Lap())
				for _, app := range []testbed.App{p.orders, p.gateway} {
					_, err := p.segue.Await(ctx, app.Name, "rolled", 5*time.Minute, testbed.Rolled(app))
					Expect(err).NotTo(HaveOccurred())
				}
			})
			AddReportEntry("the take-over", fmt.Sprintf("%d of %d lost in %s", report.Failed(), report.Requests, time.Since(begun).Round(time.Second)))
			expectAnswered(report, 200)
			Expect(report.VersionNames()).To(ContainElement("3"))
			for _, name := range []string{"orders-1", "orders-2", "gateway-1", "gateway-2"} {
				Expect(docker(ctx, "inspect", "-f", "{{.State.Status}}", name)).To(Equal("exited"), "%s is stopped and kept", name)
			}
		}, enough)

		It("has its Eureka servers taken over one at a time", func(ctx SpecContext) {
			begun := time.Now()
			report := under(ctx, callers(), func(*load.Generator) {
				waited := p.rollsServers(ctx, "first", 1)
				Expect(waited).NotTo(BeEmpty(), "one server waits for the other")
				testbed.Pause(ctx, 5*time.Second)
			})
			AddReportEntry("the take-over of the Eureka servers", fmt.Sprintf("%d of %d lost in %s", report.Failed(), report.Requests, time.Since(begun).Round(time.Second)))
			expectAnswered(report, 500)
		}, enough)

		if long() {
			It("has them released one at a time, too", func(ctx SpecContext) {
				report := under(ctx, callers(), func(*load.Generator) {
					Expect(p.rollsServers(ctx, "second", 2)).NotTo(BeEmpty(), "one server waits for the other")
					testbed.Pause(ctx, 5*time.Second)
				})
				expectAnswered(report, 500)
			}, enough)
		}

		It("and is released by segue without a loss", func(ctx SpecContext) {
			begun := time.Now()
			report := under(ctx, callers(), func(*load.Generator) { p.tells(ctx, "a release", newer(&p.orders), newer(&p.gateway)) })
			AddReportEntry("a release by segue", fmt.Sprintf("%d of %d lost in %s", report.Failed(), report.Requests, time.Since(begun).Round(time.Second)))
			expectAnswered(report, 200)
		}, enough)
	})
}
