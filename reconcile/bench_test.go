package reconcile

import (
	"fmt"
	"testing"

	"github.com/segue-dev/segue/spec"
)

// BenchmarkNext is one look at a Deployment for which nothing is to be done.
func BenchmarkNext(b *testing.B) {
	for _, replicas := range []int{1, 3, 10, 100} {
		for _, c := range []struct {
			name string
			spec spec.DeploymentSpec
		}{{"rolling", settings(replicas)}, {"bluegreen", blueGreen(replicas, 60, true)}, {"eureka", registered(settings(replicas), spec.SelfRegistered)}} {
			b.Run(fmt.Sprintf("%s/%d", c.name, replicas), func(b *testing.B) {
				s := newStory(b, c.spec)
				s.settle()
				observed := s.w.observe(s.d)
				if d := Next(s.d.desired, observed, s.w.now); d.Phase != Converged {
					b.Fatalf("%s: %s", d.Phase, d.Reason)
				}
				b.ReportAllocs()
				for b.Loop() {
					Next(s.d.desired, observed, s.w.now)
				}
			})
		}
	}
}
