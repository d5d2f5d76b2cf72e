package nginx

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

func TestServerOfAnotherMachineReachesPublishedPorts(t *testing.T) {
	at := func(text string) netip.AddrPort { return netip.MustParseAddrPort(text) }
	wish := reconcile.RouteWish{Deployment: spec.Name{Name: "orders"}, Routes: []reconcile.WishedRoute{{
		Name: "http",
		Backends: []reconcile.Backend{
			{Instance: "orders-1-1", Address: at("10.83.0.2:8080")},
			{Instance: "orders-2-2", Address: at("10.83.0.3:8080"), Published: at("192.0.2.10:32768")},
		},
		Standby: []reconcile.Backend{{Address: at("10.83.0.4:8080")}, {Address: at("10.83.0.5:8080"), Published: at("192.0.2.10:8081")}},
	}}}
	p := newSite(NewHost("/etc/nginx/segue"), Options{Gateway: netip.MustParseAddr("10.83.128.0")}, spec.NginxServer{Reach: spec.ReachHost})
	got := p.elsewhere(wish)
	if r := got.Routes[0]; len(r.Backends) != 1 || r.Backends[0].Instance != "orders-2-2" || r.Backends[0].Address != at("192.0.2.10:32768") ||
		len(r.Standby) != 1 || r.Standby[0].Address != at("192.0.2.10:8081") {
		t.Errorf("got %+v", r)
	}
	if wish.Routes[0].Backends[1].Address != at("10.83.0.3:8080") {
		t.Error("the wish itself was changed")
	}
	if notes := p.unpublished.notes(); len(notes) != 1 || !strings.HasPrefix(notes[0], "orders-1-1 is not published") {
		t.Errorf("notes %q", notes)
	}
	wish.Routes[0].Backends = wish.Routes[0].Backends[1:]
	p.elsewhere(wish)
	if notes := p.unpublished.notes(); len(notes) != 0 {
		t.Errorf("notes %q although all are published", notes)
	}
}

// What is in a slot that is left, and what comes there next, are one server of the other pool: else that would change, and
// an old nginx be reloaded, after a switch that took no reload.
func TestASlotIsOnePlace(t *testing.T) {
	at := func(text string) netip.AddrPort { return netip.MustParseAddrPort(text) }
	slot := at("192.0.2.10:8080")
	process := reconcile.Backend{Instance: "orders-adopted-1", Address: slot, Published: slot}
	next := reconcile.Backend{Address: at("10.83.0.5:8080"), Published: slot}
	for _, standby := range [][]reconcile.Backend{{process, next}, {next, process}} {
		p := newSite(NewHost("/etc/nginx/segue"), Options{}, spec.NginxServer{Reach: spec.ReachHost})
		got := p.elsewhere(reconcile.RouteWish{Routes: []reconcile.WishedRoute{{Name: "http", Standby: standby}}}).Routes[0].Standby
		if len(got) != 1 || got[0] != process {
			t.Errorf("the other pool is %+v", got)
		}
	}
}

func TestPeersThatMayBeAServer(t *testing.T) {
	server, gateway, stranger := netip.MustParseAddr("192.0.2.20"), netip.MustParseAddr("10.83.128.0"), netip.MustParseAddr("192.0.2.30")
	seen := sight{Sighting: Sighting{Addresses: []netip.Addr{server}}}
	for _, c := range []struct {
		reach spec.Reach
		from  netip.Addr
		want  bool
	}{
		{spec.ReachHost, server, true}, {spec.ReachHost, gateway, true}, {spec.ReachHost, stranger, false},
		{spec.ReachContainer, server, true}, {spec.ReachContainer, gateway, false},
	} {
		if got := newSite(NewHost("/x"), Options{Gateway: gateway}, spec.NginxServer{Reach: c.reach}).peer(seen, c.from); got != c.want {
			t.Errorf("reach %s, from %s: %v, want %v", c.reach, c.from, got, c.want)
		}
	}
}
