package e2e

import (
	"context"
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

	// roll rolls both.
	roll := func(ctx context.Context) {
		GinkgoHelper()
		for _, app := range apps {
			h.apply(ctx, next(app))
		}
		for _, app := range apps {
			h.rolled(ctx, *app)
		}
	}
	// judge expects no loss but where an old nginx is reloaded under clients that keep connections; reloads says for
	// which apps it is.
	judge := func(report load.Report, reloads ...*testbed.App) {
		GinkgoHelper()
		Expect(report.Requests).To(BeNumerically(">", 100))
		for _, job := range report.Jobs {
			tolerated := []load.Failure{}
			for _, app := range reloads {
				if strings.HasPrefix(job.Name, app.Name+", old nginx") && !strings.Contains(job.Name, "one-shot") {
					tolerated = []load.Failure{load.EOF, load.Reset}
				}
			}
			Expect(job.Failed(tolerated...)).To(BeZero(), "%s", report)
		}
	}

	It("loses nothing in rolling updates, but what a reload of an old nginx cuts", func(ctx SpecContext) {
		report := under(ctx, h.light(150, byVariable, byUpstream), func(*load.Generator) {
			for range rounds() {
				roll(ctx)
			}
		})
		judge(report, &byVariable, &byUpstream)
		AddReportEntry("lost on both", report.FailureText())
	}, SpecTimeout(10*time.Minute))

	It("loses nothing in blue/green switches by a variable: the old nginx is not reloaded at all", func(ctx SpecContext) {
		report := under(ctx, h.light(150, byVariable, byUpstream), func(generator *load.Generator) {
			for _, app := range apps {
				app.Strategy = "{type: BlueGreen, blueGreen: {scaleDownDelaySeconds: 1}}"
			}
			roll(ctx) // the first after the change of strategy makes room for two colours
			judge(generator.Lap(), &byVariable, &byUpstream)
			for range rounds() {
				roll(ctx)
			}
		})
		judge(report, &byUpstream)
		AddReportEntry("lost on both", report.FailureText())
	}, SpecTimeout(10*time.Minute))
})
