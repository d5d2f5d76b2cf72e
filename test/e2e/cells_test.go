package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// usersOwn is a user's server for host whose requests go to what to says; line is what else it says.
func usersOwn(host, line, to string) string {
	return fmt.Sprintf(`server {
	listen 80;
	server_name %s;
	%s
	location / {
		proxy_pass %s;
		proxy_http_version 1.1;
		proxy_set_header Connection "";
		proxy_set_header Host $host;
	}
}
`, host, line, to)
}

// What segue promises where the server and the location are the user's: all but what an old nginx does to clients that
// keep connections when it has to be reloaded.
var _ = Describe("a route into a user's own server", Ordered, func() {
	var h *house
	byVariable, byUpstream := fast("shop", 2), fast("orders", 2)
	byVariable.Routes = "{http: {variable: service_url}}"
	byUpstream.Routes = "{http: {upstream: orders_backend}}"
	apps := []*testbed.App{&byVariable, &byUpstream}
	const blueGreen = "{type: BlueGreen, blueGreen: {scaleDownDelaySeconds: 1}}"

	BeforeAll(func(ctx SpecContext) {
		h = newBriskHouse(ctx, "")
		for _, app := range apps {
			h.apply(ctx, *app)
		}
		for _, server := range h.nginx {
			Eventually(filepath.Join(server.ConfDir, "current", byVariable.Name+".inc")).Should(BeAnExistingFile())
			Expect(server.Include(ctx)).To(Succeed())
			Expect(server.Write("user.conf", usersOwn(byVariable.Host(), "include /etc/nginx/segue/current/"+byVariable.Name+".inc;", "$service_url")+
				usersOwn(byUpstream.Host(), "", "http://orders_backend"))).To(Succeed())
			Expect(server.Reload(ctx)).To(Succeed())
		}
		for _, app := range apps {
			h.rolled(ctx, *app)
		}
	}, NodeTimeout(2*time.Minute))

	It("loses nothing in a rollout of either kind, but what a reload of an old nginx cuts", func(ctx SpecContext) {
		for _, strategy := range []string{"{type: RollingUpdate}", blueGreen} {
			report := under(ctx, h.light(150, byVariable, byUpstream), func(*load.Generator) {
				for range rounds() {
					for _, app := range apps {
						app.Strategy = strategy
						h.apply(ctx, next(app))
					}
					for _, app := range apps {
						h.rolled(ctx, *app)
					}
				}
			})
			Expect(report.Requests).To(BeNumerically(">", 100))
			for _, job := range report.Jobs {
				var tolerated []load.Failure
				if strings.Contains(job.Name, "old nginx") && !strings.Contains(job.Name, "one-shot") {
					tolerated = []load.Failure{load.EOF, load.Reset}
				}
				Expect(job.Failed(tolerated...)).To(BeZero(), "%s", report)
			}
			AddReportEntry("lost with "+strategy, report.FailureText())
		}
	}, SpecTimeout(15*time.Minute))

	It("loses nothing at all when a variable switches between two colours: the old nginx is not reloaded", func(ctx SpecContext) {
		// The first two switches bring the addresses of both colours to nginx.
		h.roll(ctx, next(&byVariable))
		report := under(ctx, h.light(150, byVariable, byUpstream), func(*load.Generator) {
			for range rounds() {
				h.roll(ctx, next(&byVariable))
			}
		})
		expectNothingLost(report)
	}, SpecTimeout(10*time.Minute))
})
