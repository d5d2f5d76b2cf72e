package e2e

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

// behindEureka is the heading of what this measures.
const behindEureka = "## A release behind Eureka"

// whatOthersCost stands above segue's rows.
const whatOthersCost = behindEureka + `

Two replicas of a Spring Boot service, two Eureka servers (Spring Cloud 2025.1.0), a Spring Cloud Gateway, all with the caches
that Spring has by default: 30 s for the servers' response cache, 30 s from one fetch to the next, 35 s in the load balancer.
GET, GET that takes a second, and POST, 150 requests a second through the gateway; neither the callers nor the gateway try
again. The first four rows are processes that were driven by hand or by a script, once; the others are segue's, in containers.

What a release takes is chance in part: a server's cached list turns every 30 s, and two turns have to pass on both servers,
one after the new instances are opened and one after the old ones are closed, then the 65 s of the clients, then the exit: from
97 to 127 s and what the exit takes. Where nginx is the registered instance no cache is waited for: what is left of segue's time are
minReadySeconds (2), a warm-up request, the reload of two nginx, one of them lame for 3 s before it, and the exit.

| way | failed | longest gap | from ready to the end |
|---|---|---|---|
| start the new, wait for health, stop the old | 8,005 of 18,218 | 36 s | |
| the same with a fixed wait of 60 s before the stop | 5,800 of 27,680 | 17 s | |
| segue's order, by hand | 0 of 46,215 | 0.16 s | 103 s |
| nginx as the registered instance, by hand | 0 of 34,988 | 0.17 s | 2.8 s |
`

var _ = Describe("a release behind Eureka", Ordered, Label("bench", springKind), func() {
	var rows strings.Builder

	// measure writes the row of so many rollouts of an app under load.
	measure := func(ctx context.Context, what string, rollouts, least int, made func(*town) testbed.App) {
		GinkgoHelper()
		Expect(testbed.Boot4.Make(ctx)).To(Succeed())
		t := newTown(ctx, newHouse(ctx, ""), "main", testbed.Boot4, 2, byDefault)
		app := made(t)
		t.write(app.Name, app.YAML())
		t.include(ctx)
		t.rolls(ctx, app)
		t.open(ctx, app)
		t.found(ctx, app)
		target := load.Target{Address: t.gateway, Host: app.Host(), Service: app.Name}
		jobs := []load.Job{
			{Name: "GET", Target: target, Client: load.Careful, Request: load.Get, Rate: 70},
			{Name: "POST", Target: target, Client: load.Careful, Request: load.Post, Rate: 60},
			{Name: "GET of 1 s", Target: target, Client: load.Careful, Request: load.Slow, Rate: 20, Takes: time.Second, Timeout: 40 * time.Second},
		}
		var longest time.Duration
		report := under(ctx, jobs, func(*load.Generator) {
			for range rollouts {
				longest = max(longest, t.rolls(ctx, newer(&app))[0].after)
			}
		})
		Expect(report.Requests).To(BeNumerically(">", least), "%s", report)
		fmt.Fprintf(&rows, "| **segue**, %s | %d of %d,%03d | %.2f s | %.0f s |\n",
			what, report.Failed(), report.Requests/1000, report.Requests%1000, report.LongestGap.Seconds(), longest.Seconds())
		AddReportEntry(what, report.String())
		Expect(report.Failed()).To(BeZero(), "%s", report)
	}

	It("costs nothing but time, with default caches", func(ctx SpecContext) {
		measure(ctx, "mode Self, rolling update in one wave", 1, 10000, func(t *town) testbed.App { return t.service("orders", oneWave) })
	}, SpecTimeout(10*time.Minute))

	It("costs seconds where nginx is the registered instance", func(ctx SpecContext) {
		measure(ctx, "mode Proxied, 5 rolling updates in one wave, the longest of them", 5, 5000, func(t *town) testbed.App {
			return proxiedBy(t.name, t.service("offers", oneWave))
		})
	}, SpecTimeout(10*time.Minute))

	AfterAll(func() {
		AddReportEntry("rows", rows.String())
		if path := os.Getenv("SEGUE_E2E_REPORT"); path != "" && rows.Len() > 0 {
			before, err := os.ReadFile(path)
			Expect(err).NotTo(HaveOccurred())
			kept := strings.Replace(string(before), sectionOf(path, behindEureka), "", 1)
			Expect(os.WriteFile(path, []byte(strings.TrimRight(kept, "\n")+"\n\n"+whatOthersCost+rows.String()), 0o644)).To(Succeed())
		}
	})
})

// sectionOf is a section of a page as it is, with an empty line before it; nothing where there is none.
func sectionOf(path, heading string) string {
	GinkgoHelper()
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	Expect(err).NotTo(HaveOccurred())
	at := strings.Index(string(text), "\n"+heading+"\n")
	if at < 0 {
		return ""
	}
	section := string(text[at+1:])
	if end := strings.Index(section, "\n## "); end >= 0 {
		section = section[:end+1]
	}
	return "\n" + section
}
