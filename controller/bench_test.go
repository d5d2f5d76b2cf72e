package controller_test

import (
	"context"
	"fmt"
	"net/netip"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/drivertest"
	"github.com/segue-dev/segue/spec"
)

var fleetSizes = []int{10, 100, 1000}

// converged is a running controller whose n Deployments, one instance each, have converged behind as many Nginx objects
// as edges.
func converged(b *testing.B, n, edges int) *stage {
	b.Helper()
	w := drivertest.NewWorld()
	w.Boot, w.Reload, w.Worker = time.Millisecond, time.Millisecond, time.Millisecond
	s := &stage{world: w, store: drivertest.NewStore()}
	var err error
	s.c, err = controller.New(controller.Options{
		Owner: "me", Runtime: w, Prober: w.Prober(), Store: s.store, Network: netip.MustParsePrefix("10.83.0.0/16"),
		NewRouter: func(spec.Nginx) (controller.Router, error) { return w.NewRouter("web-1", "web-2"), nil },
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	var group sync.WaitGroup
	group.Go(func() { _ = s.c.Run(ctx) })
	s.stop = func() { cancel(); group.Wait() }
	b.Cleanup(s.stop)
	var manifests []spec.Manifest
	for i := range edges {
		edge := nginx(fmt.Sprintf("edge-%d", i))
		edge.Nginx.Spec.Servers = []spec.NginxServer{{Container: fmt.Sprintf("web-%d", i)}}
		manifests = append(manifests, edge)
	}
	for i := range n {
		one := service(fmt.Sprintf("s%d", i), "image:1", 1)
		route := one.Deployment.Spec.Routes["http"]
		route.Nginx = fmt.Sprintf("edge-%d", i%edges)
		one.Deployment.Spec.Routes["http"] = route
		manifests = append(manifests, one)
	}
	if _, err := s.c.Apply(ctx, api.ApplyRequest{Manifests: manifests}); err != nil {
		b.Fatal(err)
	}
	left := map[string]bool{}
	for i := range n {
		left[fmt.Sprintf("s%d", i)] = true
	}
	_ = s.c.Watch(ctx, api.Query{Kind: spec.KindDeployment}, func(status api.Status) error {
		if status.Deployment.Settled {
			delete(left, status.Name.String())
		}
		if len(left) == 0 {
			return context.Canceled
		}
		return nil
	})
	return s
}

// BenchmarkResync looks at every converged Deployment once, as the slow resync does.
func BenchmarkResync(b *testing.B) {
	for _, n := range fleetSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := converged(b, n, 1)
			controller.SaveEvents(s.c)
			reads, puts := s.world.Reads(), s.store.(*drivertest.Store).Puts()
			b.ReportAllocs()
			for b.Loop() {
				controller.Resync(s.c)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/deployment")
			b.ReportMetric(float64(s.world.Reads()-reads)/float64(b.N), "reads/op")
			b.ReportMetric(float64(s.store.(*drivertest.Store).Puts()-puts)/float64(b.N), "writes/op")
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.HeapAlloc)/float64(n)/1024, "KiB-heap/deployment")
			debug.FreeOSMemory()
			b.ReportMetric(residentMiB(b, "VmRSS"), "MiB-RSS")
		})
	}
}

// BenchmarkOneChange looks at one Deployment of many after an event: its cost must not follow their number.
func BenchmarkOneChange(b *testing.B) {
	for _, n := range fleetSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := converged(b, n, 1)
			b.ReportAllocs()
			for b.Loop() {
				controller.LookAt(s.c, spec.ParseName("s3"))
			}
		})
	}
}
