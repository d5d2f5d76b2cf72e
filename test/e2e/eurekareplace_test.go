package e2e

import (
	"context"
	"fmt"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/test/testbed"
)

var _ = Describe("Eureka: the servers themselves are replaced", Ordered, func() {
	var h *house
	var image string
	prices := managed("prices")
	names := []string{"eureka-1", "eureka-2"}
	urls := []string{"http://" + testbed.HostAddress + ":18761/eureka", "http://" + testbed.HostAddress + ":18762/eureka"}
	// release writes both servers' Deployments at once.
	release := func(label string) {
		for n, name := range names {
			h.write(name, fmt.Sprintf(`apiVersion: segue.dev/v1
kind: Deployment
metadata: {name: %s}
spec:
  replicas: 1
  strategy: {type: Recreate}
  template:
    image: %s
    imagePullPolicy: Never
    labels: {release: %s}
    ports: [{containerPort: 8761, hostPort: %d, hostIP: %s}]
    readinessProbe: {httpGet: {path: /eureka/apps}, periodSeconds: 1}
`, name, image, label, 18761+n, testbed.HostAddress))
		}
	}
	replaced := func(ctx context.Context, revision int, see func(api.DeploymentStatus)) {
		GinkgoHelper()
		for _, name := range names {
			_, err := h.segue.Await(ctx, name, "replaced", time.Minute, func(d api.DeploymentStatus) bool {
				see(d)
				return d.Settled && d.Phase == "Converged" && d.TargetRevision == revision && d.UpdatedReplicas == 1
			})
			Expect(err).NotTo(HaveOccurred())
		}
	}

	BeforeAll(func(ctx SpecContext) {
		h = newHouse(ctx, "")
		var err error
		image, err = h.bed.RegistryImage(ctx)
		Expect(err).NotTo(HaveOccurred())
		h.write("main", testbed.EurekaYAML(urls...))
		release("first")
		replaced(ctx, 1, func(api.DeploymentStatus) {})
		h.roll(ctx, prices)
		for n, name := range names {
			visible(ctx, &testbed.Registry{Name: name, URL: urls[n]}, prices)
		}
	}, NodeTimeout(2*time.Minute))

	// whole: who asks a server finds both instances.
	whole := func(ctx context.Context, url string) bool {
		all, err := (&testbed.Registry{URL: url}).Leases(ctx)
		up := 0
		for _, lease := range all {
			if lease.App == prices.EurekaName() && lease.Status == "UP" {
				up++
			}
		}
		return err == nil && up == prices.Replicas
	}

	It("one at a time, both in one commit: at every moment one of them shows everything", func(ctx SpecContext) {
		waits := map[string]string{}
		watching, enough := context.WithCancel(ctx)
		var watch sync.WaitGroup
		looks, away, neither := 0, 0, 0
		watch.Go(func() {
			for testbed.Pause(watching, 50*time.Millisecond) {
				first, second := whole(watching, urls[0]), whole(watching, urls[1])
				if watching.Err() != nil {
					return
				}
				looks++
				if !first || !second {
					away++
				}
				if !first && !second {
					neither++
				}
			}
		})
		release("second")
		replaced(ctx, 2, func(d api.DeploymentStatus) {
			for _, w := range d.WaitingFor {
				if w.Gate == "registry" {
					waits[w.On] = w.Reason
				}
			}
		})
		testbed.Pause(ctx, 2*time.Second)
		enough()
		watch.Wait()
		Expect(looks).To(BeNumerically(">", 40))
		Expect(away).To(BeNumerically(">", 0), "each was away for a while")
		Expect(neither).To(BeZero(), "of %d looks", looks)
		Expect(waits).NotTo(BeEmpty(), "one server waited for the other")
	}, SpecTimeout(2*time.Minute))
})
