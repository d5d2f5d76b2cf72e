package controller

import (
	"net/netip"
	"testing"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

func TestWhoAnswersAURL(t *testing.T) {
	d := spec.Deployment{Metadata: spec.Metadata{Name: "eureka-1"}}
	d.Spec.Strategy.Type = spec.Recreate
	d.Spec.Adopt = []spec.Adopt{{Container: "old-eureka"}, {Address: "192.0.2.7:8761"}}
	d.Spec.Template.Ports = []spec.Port{{ContainerPort: 8761, HostPort: 8771, HostIP: "0.0.0.0"}, {ContainerPort: 8080, HostPort: 8081}}
	a := answering{deployment: d, advertise: netip.MustParseAddr("192.0.2.10"), containers: []reconcile.Container{{
		Name: "eureka-1-abc-1", Address: netip.MustParseAddr("10.83.0.9"),
		PublishedPorts: map[int]netip.AddrPort{8761: netip.MustParseAddrPort("192.0.2.11:40000")},
	}}}
	for url, want := range map[string]bool{
		"http://eureka-1:8761/eureka":       true,
		"http://EUREKA-1:8761/eureka":       true,
		"http://old-eureka:8761/eureka":     true,
		"http://eureka-1-abc-1:8761/eureka": true,
		"http://10.83.0.9:8761/eureka":      true,
		"http://192.0.2.7:8761/eureka":      true,
		"http://192.0.2.7:8762/eureka":      false,
		"http://192.0.2.10:8771/eureka":     true,
		"http://localhost:8771/eureka":      true,
		"http://127.0.0.1:8081/eureka":      true,
		"http://192.0.2.10:8081/eureka":     false,
		"http://192.0.2.11:40000/eureka":    true,
		"http://192.0.2.12:8771/eureka":     false,
		"http://eureka-2:8761/eureka":       false,
		"http://eureka-1.example/eureka":    false,
	} {
		if got := a.at(url); got != want {
			t.Errorf("%s: %t", url, got)
		}
	}
}
