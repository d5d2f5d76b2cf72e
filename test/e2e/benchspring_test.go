package e2e

import (
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
97 to 127 s and what the exit takes.

| way | failed | longest gap | from ready to the end |
|---|---|---|---|
| start the new, wait for health, stop the old | 8,005 of 18,218 | 36 s | |
| the same with a fixed wait of 60 s before the stop | 5,800 of 27,680 | 17 s | |
| segue's order, by hand | 0 of 46,215 | 0.16 s | 103 s |
| nginx as the registered instance, by hand | 0 of 34,988 | 0.17 s | 2.8 s |
`

var _ = Describe("a release behind Eureka", Ordered, Label("bench", springKind), func() {
	var rows strings.Builder

	It("costs nothing but time, with default caches", func(ctx SpecContext) {
		Expect(testbed.Boot4.Make(ctx)).To(Succeed())
		t := newTown(ctx, newHouse(ctx, ""), "main", testbed.Boot4, 2, byDefault)
		orders := t.service("orders", oneWave)
		t.rolls(ctx, orders)
		t.open(ctx, orders)
		t.found(ctx, orders)
		target := load.Target{Address: t.gateway, Host: orders.Host(), Service: orders.Name}
		jobs := []load.Job{
			{Name: "GET", Target: target, Client: load.Careful, Request: load.Get, Rate: 70},
			{Name: "POST", Target: target, Client: load.Careful, Request: load.Post, Rate: 60},
			{Name: "GET of 1 s", Target: target, Client: load.Careful, Request: load.Slow, Rate: 20, Takes: time.Second, Timeout: 40 * time.Second},
		}
		var times []took
		report := under(ctx, jobs, func(*load.Generator) { times = t.rolls(ctx, newer(&orders)) })
		Expect(report.Requests).To(BeNumerically(">", 10000), "%s", report)
		fmt.Fprintf(&rows, "| **segue**, mode Self, rolling update in one wave | %d of %d,%03d | %.2f s | %.0f s |\n",
			report.Failed(), report.Requests/1000, report.Requests%1000, report.LongestGap.Seconds(), times[0].after.Seconds())
		AddReportEntry("with default caches", report.String())
		Expect(report.Failed()).To(BeZero(), "%s", report)
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
