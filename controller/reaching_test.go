package controller

import (
	"net/netip"
	"testing"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

func TestWhereOthersReachAnInstance(t *testing.T) {
	at := netip.MustParseAddrPort
	r := reaching{advertise: netip.MustParseAddr("192.0.2.10")}
	for name, c := range map[string]struct {
		instance reconcile.Instance
		want     netip.AddrPort
	}{
		"published on one address": {reconcile.Instance{Container: reconcile.Container{PublishedPorts: map[int]netip.AddrPort{8080: at("192.0.2.11:81")}}}, at("192.0.2.11:81")},
		"published on every one":   {reconcile.Instance{Container: reconcile.Container{PublishedPorts: map[int]netip.AddrPort{8080: at("0.0.0.0:81")}}}, at("192.0.2.10:81")},
		"not published":            {reconcile.Instance{Container: reconcile.Container{PublishedPorts: map[int]netip.AddrPort{9090: at("0.0.0.0:81")}}}, netip.AddrPort{}},
		"an adopted address":       {reconcile.Instance{AddressOnly: true, Container: reconcile.Container{Address: netip.MustParseAddr("192.0.2.12")}}, at("192.0.2.12:8080")},
		"an adopted local one":     {reconcile.Instance{AddressOnly: true, Container: reconcile.Container{Address: netip.MustParseAddr("127.0.0.1")}}, at("192.0.2.10:8080")},
	} {
		if got := r.published(&c.instance, 8080); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	nobody := reaching{}
	if got := nobody.seen(at("0.0.0.0:81")); got.IsValid() {
		t.Errorf("without an advertised address: %s", got)
	}
}

func TestPlaceOfTheFreeSlot(t *testing.T) {
	at := netip.MustParseAddrPort
	d := spec.Deployment{Spec: spec.DeploymentSpec{Strategy: spec.Strategy{BlueGreen: &spec.BlueGreenStrategy{Slots: map[string]spec.Slot{
		"real1": {HostPort: 8081}, "real2": {HostPort: 8082, HostIP: "0.0.0.0"},
	}}}}}
	r := reaching{advertise: netip.MustParseAddr("192.0.2.10")}
	for served, want := range map[string]string{"192.0.2.10:8081": "192.0.2.10:8082", "192.0.2.10:8082": "192.0.2.10:8081"} {
		got := r.freePlace(d, []reconcile.Backend{{Instance: "x", Address: at("10.83.0.2:8080"), Published: at(served)}})
		if got != at(want) {
			t.Errorf("with %s served: %s, want %s", served, got, want)
		}
	}
	d.Spec.Strategy.BlueGreen.Slots = nil
	if got := r.freePlace(d, nil); got.IsValid() {
		t.Errorf("without slots: %s", got)
	}
}
