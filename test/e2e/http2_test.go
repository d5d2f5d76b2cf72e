package e2e

import (
	"crypto/tls"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/test/e2e/load"
	"github.com/segue-dev/segue/test/testbed"
)

var _ = Describe("clients that speak HTTP/2", Ordered, func() {
	var h *house
	// The default drainTimeoutSeconds: an old nginx may keep a connection until it has had 1,000 requests, which are 20 s of
	// one job here. docs/nginx.md, "HTTP/2 on nginx before 1.27.1".
	app := testbed.App{Name: "orders", Version: 1, Replicas: 2}

	BeforeAll(func(ctx SpecContext) {
		h = newHouse(ctx, "")
		for _, server := range h.nginx {
			writeCertificate(filepath.Join(server.UserDir, "own.pem"), app.Host())
		}
		const pair = "tls: [{certFile: /etc/nginx/conf.d/own.pem, keyFile: /etc/nginx/conf.d/own.pem}]"
		h.write("edge", testbed.NginxYAML("edge", brisk+", "+pair, h.nginx...))
		h.run(ctx, app)
	}, NodeTimeout(2*time.Minute))

	// jobs multiplex over one connection to each server. POST once is a body that the client cannot send a second time: nginx
	// refuses those that are under way when it reloads.
	jobs := func() []load.Job {
		var jobs []load.Job
		for i, server := range h.nginx {
			target := load.Target{
				Address: strings.TrimSuffix(server.Address, ":80") + ":443", Host: app.Host(), Service: app.Name, TLS: &tls.Config{InsecureSkipVerify: true},
			}
			for request, rate := range map[load.Request]float64{load.Get: 100, load.Post: 50, load.Slow: 1, load.PostOnce: 50} {
				name := fmt.Sprintf("%s nginx: HTTP/2 %s", servers[i], request)
				jobs = append(jobs, load.Job{Name: name, Target: target, Client: load.HTTP2, Request: request, Rate: rate})
			}
		}
		return jobs
	}

	for _, strategy := range []string{"{type: RollingUpdate}", "{type: BlueGreen, blueGreen: {scaleDownDelaySeconds: 1}}"} {
		It("lose nothing that they can send again, with strategy "+strategy, func(ctx SpecContext) {
			report := under(ctx, jobs(), func(*load.Generator) {
				app.Strategy = strategy
				for range rounds() {
					h.roll(ctx, next(&app))
				}
			})
			lost := load.Total("replayable", replayable(report)...)
			expectNothingLost(lost)
			Expect(report.Failed(load.GoAway)).To(BeZero(), "%s", report)
			AddReportEntry("refused by GOAWAY", fmt.Sprintf("%d of %d bodies that cannot be sent again", report.Failures[load.GoAway], report.Requests-lost.Requests))
		}, SpecTimeout(10*time.Minute))
	}
})

// replayable are the jobs whose requests a client may send again.
func replayable(report load.Report) []load.Report {
	var jobs []load.Report
	for _, job := range report.Jobs {
		if !strings.HasSuffix(job.Name, string(load.PostOnce)) {
			jobs = append(jobs, job)
		}
	}
	return jobs
}
