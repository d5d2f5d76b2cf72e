package nginx

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// BenchmarkChangeOne is one Deployment's change on a server of 10, 100 and 1,000: what is not changed is carried over.
func BenchmarkChangeOne(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			f := frameFor(newNginx)
			sections := map[string]section{}
			render := func(i, revision int) {
				name := fmt.Sprintf("app-%d", i)
				address := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 83, byte(revision), byte(i)}), 8080)
				s, err := f.section(wished(name, spec.RollingUpdate, reconcile.WishedRoute{
					Name: "http", Route: spec.Route{Hostnames: []string{name + ".test"}},
					Backends: []reconcile.Backend{{Instance: fmt.Sprintf("%s-%d-1", name, revision), Address: address}},
				}), nil)
				if err != nil {
					b.Fatal(err)
				}
				sections[name] = s
			}
			for i := range n {
				render(i, 1)
			}
			revision := 1
			for b.Loop() {
				revision++
				render(0, revision)
				if _, _, err := f.files(sections); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
