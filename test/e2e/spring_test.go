package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/testbed"
)

const (
	oneWave   = "{rollingUpdate: {maxSurge: 100%, maxUnavailable: 0}}"
	byOne     = "{rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}"
	blueGreen = "{type: BlueGreen, blueGreen: {scaleDownDelaySeconds: 1}}"
	recreate  = "{type: Recreate}"
)

// make test takes the newer generation through each strategy with short caches, and once through each mode with default
// ones. make test-long has 20 and 5 rollouts of each strategy, in parts, everything that goes wrong around them, and the
// older generation.
var (
	_ = springShort(testbed.Boot4, 1)
	_ = springDefault(testbed.Boot4, 1)
	_ = springOneHost(testbed.Boot4, briefly, 1)
	_ = inTestLong(func() {
		for part := 2; part <= 4; part++ {
			springShort(testbed.Boot4, part)
		}
		for part := 2; part <= 5; part++ {
			springDefault(testbed.Boot4, part)
		}
		springServers(testbed.Boot4)
		springKills(testbed.Boot4)
		springStarts(testbed.Boot4)
		springMoves(testbed.Boot4)
		springFront(testbed.Boot4)
		springOneHost(testbed.Boot4, byDefault, 2)
		springShort(testbed.Boot2, 1)
		springDefault(testbed.Boot2, 1)
		springServers(testbed.Boot2)
		springKills(testbed.Boot2)
		springStarts(testbed.Boot2)
	})
)

// inTestLong tells stories in make test-long only.
func inTestLong(stories func()) bool {
	if long() {
		stories()
	}
	return long()
}

// springStory is told in a process of its own. part tells those apart that repeat one.
func springStory(generation testbed.Spring, what string, part int, story func()) bool {
	name := fmt.Sprintf("Spring Cloud, %s, %s", generation, what)
	if part > 1 {
		name += fmt.Sprintf(", part %d", part)
	}
	return Describe(name, Ordered, ContinueOnFailure, Label(springKind), story)
}

// springRounds is how many rollouts of each strategy with short caches a part has.
func springRounds() int { return max(2, rounds()/2) }

// newer is the next version of an app.
func newer(app *testbed.App) testbed.App {
	app.Version = app.Version%9 + 1
	return *app
}

// managedBy makes an app one that segue registers.
func managedBy(registry string, app testbed.App) testbed.App {
	app.Eureka = "{registry: " + registry + ", mode: Managed}"
	app.Env["EUREKA_CLIENT_REGISTERWITHEUREKA"] = "false"
	return app
}

// proxiedBy makes an app one in whose place segue registers nginx.
func proxiedBy(registry string, app testbed.App) testbed.App {
	app.Eureka = "{registry: " + registry + ", mode: Proxied}"
	return app
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
