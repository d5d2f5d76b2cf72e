package docker

import (
	"net/netip"
	"reflect"
	"testing"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

func TestLabelsAreReadBack(t *testing.T) {
	launch := reconcile.Launch{
		Deployment: spec.Name{Namespace: "shop", Name: "orders"}, Instance: "shop.orders-6f8d4-12", Revision: "6f8d4", N: 12, Slot: "real1",
		Image: "registry.shop/orders@sha256:0", Address: netip.MustParseAddr("10.83.0.9"), Registered: netip.MustParseAddrPort("192.0.2.10:30000"),
		Template: spec.Template{Labels: map[string]string{"team": "a", labelOwner: "forged"}},
		Ports:    []spec.Port{{Name: "http", ContainerPort: 8080}, {ContainerPort: 9090}},
	}
	labels := labelsOf("me", launch)
	if labels["team"] != "a" || labels[labelOwner] != "me" {
		t.Errorf("labels: %v", labels)
	}
	want := reconcile.Container{
		Name: launch.Instance, Deployment: launch.Deployment, Revision: launch.Revision, N: 12, Slot: "real1",
		Image: launch.Image, Address: launch.Address, Registered: launch.Registered,
	}
	if got := readLabels("/shop.orders-6f8d4-12", labels); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	want.Retired = true
	if got := readLabels("/shop.orders-6f8d4-12.retired", labels); !reflect.DeepEqual(got, want) {
		t.Errorf("retired: %+v", got)
	}
	if got := readPorts(labels[labelPorts]); !reflect.DeepEqual(got, launch.Ports) {
		t.Errorf("ports: %+v", got)
	}
	if got := readLabels("x", map[string]string{labelN: "many", labelAddress: "home"}); got.N != 0 || got.Address.IsValid() {
		t.Errorf("broken labels: %+v", got)
	}
}
