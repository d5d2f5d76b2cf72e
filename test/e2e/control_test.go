package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// What segue is measured against: the same servers, reloaded as one reloads by hand.
var _ = Describe("nginx without segue", Ordered, func() {
	It("loses requests on the old server when it is reloaded under load, and the load generator sees it", func(ctx SpecContext) {
		bed := newEmptyHouse(ctx).bed
		_, err := testbed.Docker(ctx, "run", "-d", "--label", "segue.dev/testbed="+bed.Name, "--network", bed.Name, "--ip", "10.84.0.200", "-e", "SERVICE=orders", testbed.Sample(1))
		Expect(err).NotTo(HaveOccurred())
		server, err := bed.Nginx(ctx, "old", testbed.OldNginx, `
upstream orders { server 10.84.0.200:8080 max_fails=0; keepalive 16; }
server {
	listen 80;
	location / { proxy_pass http://orders; proxy_http_version 1.1; proxy_set_header Connection ""; }
}
`)
		Expect(err).NotTo(HaveOccurred())
		target := load.Target{Address: server.Address, Service: "orders"}
		Eventually(func() int {
			one := []load.Job{{Target: target, Client: load.OneShot, Request: load.Get, Rate: 100, Count: 1}}
			generator, err := load.New(load.Options{Jobs: one, Allowed: testbed.Nets})
			Expect(err).NotTo(HaveOccurred())
			return generator.Run(ctx).Good
		}).Should(Equal(1))
		report := under(ctx, []load.Job{
			{Target: target, Client: load.Naive, Request: load.Get, Rate: 300},
			{Target: target, Client: load.OneShot, Request: load.Get, Rate: 50},
		}, func(*load.Generator) {
			Expect(server.Reload(ctx)).To(Succeed())
			testbed.Pause(ctx, 500*time.Millisecond)
		})
		Expect(report.Failed()).To(BeNumerically(">", 20), "%s", report)
		Expect(report.Jobs[1].Failed()).To(BeZero(), "one-shot clients lose nothing: %s", report)
	}, SpecTimeout(time.Minute))
})
