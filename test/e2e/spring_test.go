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

const (
	oneWave   = "{rollingUpdate: {maxSurge: 100%, maxUnavailable: 0}}"
	byOne     = "{rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}"
	blueGreen = "{type: BlueGreen, blueGreen: {scaleDownDelaySeconds: 1}}"
)

// make e2e takes the newer generation through a rollout of each strategy; make test-long both through everything.
var (
	_ = springShort(testbed.Boot4)
	_ = whereLong(springShort, testbed.Boot2)
	_ = whereLong(springDefault, testbed.Boot4)
	_ = whereLong(springDefault, testbed.Boot2)
	_ = whereLong(springFront, testbed.Boot4)
)

func whereLong(stories func(testbed.Spring) bool, generation testbed.Spring) bool {
	return long() && stories(generation)
}

// newer is the next version of an app.
func newer(app *testbed.App) testbed.App {
	app.Version = app.Version%9 + 1
	return *app
}

// springShort are the stories whose consumers' caches live for a second.
func springShort(generation testbed.Spring) bool {
	return Describe("Spring Cloud, "+string(generation)+": callers by the gateway", Ordered, ContinueOnFailure, Label("spring"), func() {
		var t, slow *town
		var orders, prices, users testbed.App
		const enough = SpecTimeout(20 * time.Minute)

		BeforeAll(func(ctx SpecContext) {
			Expect(generation.Make(ctx)).To(Succeed())
			h := newHouse(ctx, "")
			t = newTown(ctx, h, "quick", generation, 2, true, "orders", "prices", "stock")
			slow = newTown(ctx, h, "slow", generation, 1, false, "users")
			orders, prices = t.service("orders", byOne), t.service("prices", blueGreen)
			prices.Env["EUREKA_CLIENT_HEALTHCHECK_ENABLED"] = "true"
			prices.Env["EUREKA_CLIENT_INSTANCEINFOREPLICATIONINTERVALSECONDS"] = "2"
			users = slow.service("users", oneWave)
			h.rolls(ctx, orders, prices, users)
			t.found(ctx, orders)
			t.found(ctx, prices)
			slow.found(ctx, users)
		}, NodeTimeout(10*time.Minute))

		It("lose nothing in a rolling update, a blue/green switch, and with default caches, and reach nobody who is not ready and warm", func(ctx SpecContext) {
			watches := []*watchman{t.watch(ctx, orders, prices), slow.watch(ctx, users)}
			jobs := append(t.callers(60, orders, prices), slow.callers(60, users)...)
			report := under(ctx, jobs, func(*load.Generator) {
				t.tells(ctx, "a rollout", newer(&orders), newer(&prices), newer(&users))
				for range springRounds() - 1 {
					t.tells(ctx, "a rollout", newer(&orders), newer(&prices))
				}
			})
			expectAnswered(report, 1000)
			for _, watch := range watches {
				watch.expectDark()
				watch.expectOrder()
			}
		}, enough)

		if !long() {
			return
		}

		It("lose nothing of a service that segue registers", func(ctx SpecContext) {
			stock := t.service("stock", oneWave)
			stock.Eureka = "{registry: quick, mode: Managed}"
			stock.Env["EUREKA_CLIENT_REGISTERWITHEUREKA"] = "false"
			t.rolls(ctx, stock)
			t.found(ctx, stock)
			watch := t.watch(ctx, stock)
			report := under(ctx, t.callers(100, stock), func(*load.Generator) {
				t.tells(ctx, "a rollout", newer(&stock))
			})
			expectAnswered(report, 500)
			watch.expectDark()
			t.removes(ctx, stock)
		}, enough)

		It("lose nothing while one of the servers restarts in the middle of a drain", func(ctx SpecContext) {
			old := instancesOf(t.status(ctx, orders))
			watch := t.watch(ctx, orders)
			report := under(ctx, t.callers(60, orders, prices), func(*load.Generator) {
				t.apply(ctx, newer(&orders))
				Eventually(func() (bool, error) {
					for _, instance := range old {
						lease, err := t.servers[0].Lease(ctx, orders.Name, instance.EurekaID)
						if err != nil || lease.Status == "OUT_OF_SERVICE" {
							return err == nil, err
						}
					}
					return false, nil
				}).WithTimeout(4 * time.Minute).WithPolling(50 * time.Millisecond).Should(BeTrue())
				Expect(t.servers[1].Stop(ctx)).To(Succeed())
				Expect(t.servers[1].Start(ctx)).To(Succeed())
				t.rolls(ctx, orders)
			})
			expectAnswered(report, 500)
			watch.expectDark()
		}, enough)

		It("lose nothing in a rollout that one of the servers is down for", func(ctx SpecContext) {
			watch := t.watch(ctx, orders, prices)
			report := under(ctx, t.callers(60, orders, prices), func(*load.Generator) {
				Expect(t.servers[1].Stop(ctx)).To(Succeed())
				t.rolls(ctx, newer(&orders), newer(&prices))
				Expect(t.servers[1].Start(ctx)).To(Succeed())
				for _, app := range []testbed.App{orders, prices} {
					Eventually(t.live(ctx, t.servers[1], app)).WithTimeout(2 * time.Minute).Should(HaveEach("UP"))
				}
			})
			expectAnswered(report, 500)
			watch.expectDark()
		}, enough)

		It("lose an instance that is killed for as long as their caches say: its lease is gone in seconds", func(ctx SpecContext) {
			victim := instancesOf(t.status(ctx, orders))[0]
			report := under(ctx, t.callers(60, orders), func(generator *load.Generator) {
				_, err := testbed.Docker(ctx, "kill", victim.Name)
				Expect(err).NotTo(HaveOccurred())
				killed := time.Now()
				for _, server := range t.servers {
					Eventually(func() (string, error) {
						lease, err := server.Lease(ctx, orders.Name, victim.EurekaID)
						return lease.Status, err
					}).WithTimeout(20 * time.Second).WithPolling(50 * time.Millisecond).Should(BeEmpty())
				}
				AddReportEntry("lease of an instance that was killed gone after", time.Since(killed).Round(10*time.Millisecond).String())
				t.rolls(ctx, orders)
				testbed.Pause(ctx, 20*time.Second) // until the gateway gives up dialling what nobody answers at any more
				AddReportEntry("lost by a kill", generator.Lap().FailureText())
				testbed.Pause(ctx, 3*time.Second)
				expectAnswered(generator.Lap(), 50)
			})
			AddReportEntry("a kill", report.String(), ReportEntryVisibilityFailureOrVerbose)
		}, enough)

		It("find what segue injects beside what the user wrote", func(ctx SpecContext) {
			stock := t.service("stock", byOne)
			stock.Replicas = 1
			stock.Env["SPRING_APPLICATION_JSON"] = `{"version": "of the user", "eureka": {"instance": {"metadata-map": {"team.name": "Blue"}}}}`
			stock.Spec = append(stock.Spec, "progressDeadlineSeconds: 300")
			t.rolls(ctx, stock)
			instance := instancesOf(t.status(ctx, stock))[0]
			for _, server := range t.servers {
				entry := t.entry(ctx, server, stock, instance.EurekaID)
				Expect(entry.Instance.HostName).To(Equal(instance.Address))
				Expect(entry.Instance.IPAddr).To(Equal(instance.Address))
				Expect(entry.Instance.VIPAddress).To(Equal("stock"))
				Expect(entry.Instance.Metadata).To(HaveKeyWithValue("team.name", "Blue"))
			}
			Expect(instance.EurekaID).To(HavePrefix(t.bed.Name + ":stock:stock-"))
			Expect(t.get(ctx, instance.Address, "/version")).To(Equal("of the user"))
			t.removes(ctx, stock)
		}, enough)
	})
}

// springDefault are rollouts with the caches that Spring has by itself.
func springDefault(generation testbed.Spring) bool {
	return Describe("Spring Cloud, "+string(generation)+", default caches: callers by the gateway", Ordered, Label("spring"), func() {
		It("lose nothing in one rollout after the other", func(ctx SpecContext) {
			Expect(generation.Make(ctx)).To(Succeed())
			t := newTown(ctx, newHouse(ctx, ""), "main", generation, 2, false, "orders", "prices", "stock")
			orders, prices, stock := t.service("orders", oneWave), t.service("prices", blueGreen), t.service("stock", oneWave)
			stock.Eureka = "{mode: Managed}"
			stock.Env["EUREKA_CLIENT_REGISTERWITHEUREKA"] = "false"
			t.rolls(ctx, orders, prices, stock)
			for _, app := range []testbed.App{orders, prices, stock} {
				t.found(ctx, app)
			}
			watch := t.watch(ctx, orders, prices, stock)
			report := under(ctx, t.callers(50, orders, prices, stock), func(*load.Generator) {
				for range 3 {
					t.tells(ctx, "a rollout with default caches", newer(&orders), newer(&prices), newer(&stock))
				}
			})
			expectAnswered(report, 5000)
			watch.expectDark()
			AddReportEntry("default caches", report.String())
		}, SpecTimeout(40*time.Minute))
	})
}

// springFront is a gateway that is itself rolled out, and segue's own registry under Spring's clients.
func springFront(generation testbed.Spring) bool {
	return Describe("Spring Cloud, "+string(generation)+", behind nginx", Ordered, Label("spring"), func() {
		It("callers lose nothing while the gateway is rolled out, with segue's own registry behind it", func(ctx SpecContext) {
			Expect(generation.Make(ctx)).To(Succeed())
			t := &town{house: newHouse(ctx, ""), name: "main", generation: generation}
			t.write("main", testbed.EurekaYAML())
			var err error
			Eventually(func() error {
				_, err = t.bed.OwnRegistry(ctx)
				return err
			}).WithTimeout(time.Minute).Should(Succeed())
			orders := t.service("orders", byOne)
			delete(orders.Env, "EUREKA") // segue tells it
			gateway := generation.Gateway("gateway", "http://"+testbed.RegistryContainer+":8761/eureka", orders)
			gateway.Replicas, gateway.Strategy, gateway.Spec = 2, byOne, []string{"drainTimeoutSeconds: 3"}
			for key, value := range testbed.ShortConsumer {
				gateway.Env[key] = value
			}
			t.rolls(ctx, orders)
			t.apply(ctx, gateway)
			t.include(ctx)
			t.rolls(ctx, gateway)
			jobs := callersThrough("old nginx", t.nginx[0].Address, 60, orders)
			jobs = append(jobs, callersThrough("new nginx", t.nginx[1].Address, 60, orders)...)
			report := under(ctx, jobs, func(*load.Generator) {
				t.tells(ctx, "a gateway's rollout behind nginx", newer(&gateway))
				t.tells(ctx, "a rollout with segue's own registry", newer(&orders))
			})
			expectAnswered(report, 1000)
			Expect(report.VersionNames()).To(Equal([]string{"1", "2"}))
		}, SpecTimeout(20*time.Minute))
	})
}

// springRounds is how many rollouts of each strategy there are.
func springRounds() int {
	if long() {
		return 10
	}
	return 1
}

func instancesOf(d api.DeploymentStatus) []api.Instance {
	return slices.DeleteFunc(slices.Clone(d.Instances), func(i api.Instance) bool { return i.ExitCode != nil })
}

func (t *town) status(ctx context.Context, app testbed.App) api.DeploymentStatus {
	GinkgoHelper()
	status, err := t.segue.Await(ctx, app.Name, "rolled", 8*time.Minute, testbed.Rolled(app))
	Expect(err).NotTo(HaveOccurred())
	return status
}

// live are the statuses of an app's instances at a server.
func (t *town) live(ctx context.Context, server *testbed.Registry, app testbed.App) func() ([]string, error) {
	var ids []string
	for _, instance := range instancesOf(t.status(ctx, app)) {
		ids = append(ids, instance.EurekaID)
	}
	return func() ([]string, error) {
		var all []string
		for _, id := range ids {
			lease, err := server.Lease(ctx, app.Name, id)
			if err != nil {
				return nil, err
			}
			all = append(all, lease.Status)
		}
		return all, nil
	}
}

// springEntry is what a service has registered.
type springEntry struct {
	Instance struct {
		HostName, IPAddr, VIPAddress string
		Metadata                     map[string]string
	}
}

func (t *town) entry(ctx context.Context, server *testbed.Registry, app testbed.App, id string) springEntry {
	GinkgoHelper()
	var entry springEntry
	Expect(springGet(ctx, server.URL+"/apps/"+strings.ToUpper(app.Name)+"/"+id, &entry)).To(Succeed())
	return entry
}

// get is a JSON text that an instance answers with.
func (t *town) get(ctx context.Context, address, path string) (string, error) {
	text, _, err := springText(ctx, "http://"+address+":8080"+path)
	return text, err
}

// removes deletes an app and waits until its leases are gone.
func (t *town) removes(ctx context.Context, app testbed.App) {
	GinkgoHelper()
	gone := t.live(ctx, t.servers[0], app)
	Expect(os.Remove(filepath.Join(t.segue.Manifests, app.Name+".yaml"))).To(Succeed())
	Eventually(func() (string, error) {
		out, _, err := t.segue.CLI(ctx, "delete", "deployment", app.Name, "--wait=false")
		return out, err
	}).WithTimeout(time.Minute).Should(ContainSubstring("deleted"))
	Eventually(gone).WithTimeout(2 * time.Minute).Should(HaveEach(""))
}
