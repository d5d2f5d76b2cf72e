package nginx

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
	"github.com/segue-dev/segue/test/golden"
)

var (
	oldNginx = version{1, 22, 1}
	newNginx = version{1, 30, 6}
)

func at(instance, address string) reconcile.Backend {
	return reconcile.Backend{Instance: instance, Address: netip.MustParseAddrPort(address)}
}

func frameFor(v version) frame {
	return frame{
		renderer: renderer{version: v, spec: spec.NginxSpec{ConfDir: "/etc/nginx/segue"}, placeholder: 21001, port: func(string, string) (int, error) {
			return 21002, nil
		}},
		generation: 21000, listen: "127.0.0.1", owner: "host-1", minTimeout: true,
	}
}

func wished(name string, strategy spec.StrategyType, routes ...reconcile.WishedRoute) reconcile.RouteWish {
	return reconcile.RouteWish{Deployment: spec.Name{Name: name}, Strategy: strategy, Routes: routes}
}

// applied renders wishes as a turn does, on a server that serves from.
func applied(t *testing.T, f frame, from release, flags map[string]flag, wishes ...reconcile.RouteWish) (*turn, release, map[string]string) {
	t.Helper()
	p := &turn{from: from, sight: sight{flags: flags}, flags: map[string]flag{}}
	p.site = &site{spec: f.spec}
	sections := map[string]section{}
	for name, s := range from.Sections {
		sections[name] = s
	}
	for _, w := range wishes {
		if err := p.wish(f.renderer, sections, w); err != nil {
			t.Fatal(err)
		}
	}
	r, files, err := f.files(sections)
	if err != nil {
		t.Fatal(err)
	}
	return p, r, files
}

func TestRender(t *testing.T) {
	hosts := spec.Route{Hostnames: []string{"shop.example.com", "*.shop.example.com"}, Paths: []string{"/", "/api/"}, StripPrefix: ptrTo(true), MaxBodySize: "16Mi", Balance: spec.LeastConn, TimeoutSeconds: ptrTo(30)}
	orders := at("orders-a1-1", "10.83.0.2:8080")
	cases := []struct {
		name   string
		frame  func(*frame)
		wishes []reconcile.RouteWish
	}{
		{"owned", nil, []reconcile.RouteWish{wished("orders", spec.RollingUpdate, reconcile.WishedRoute{Name: "http", Route: hosts, Backends: []reconcile.Backend{orders, at("orders-a1-2", "[fd00::3]:8080")}})}},
		{"anyhost", func(f *frame) { f.own = true; f.listen = "*" }, []reconcile.RouteWish{wished("web", spec.RollingUpdate, reconcile.WishedRoute{Name: "http", Backends: []reconcile.Backend{orders}})}},
		{"upstream", nil, []reconcile.RouteWish{wished("orders", spec.RollingUpdate, reconcile.WishedRoute{Name: "http", Route: spec.Route{Upstream: "orders", Balance: spec.IPHash}, Backends: []reconcile.Backend{orders}})}},
		{"variable", nil, []reconcile.RouteWish{wished("web", spec.RollingUpdate, reconcile.WishedRoute{Name: "http", Route: spec.Route{Variable: "service_url"}, Backends: []reconcile.Backend{{Instance: "web-1-1", Address: netip.MustParseAddrPort("10.83.0.9:8443"), TLS: true}}})}},
		{"flag", func(f *frame) { f.spec.Switch = spec.SwitchFlag }, []reconcile.RouteWish{wished("web", spec.BlueGreen, reconcile.WishedRoute{Name: "http", Route: spec.Route{Variable: "service_url"}, Backends: []reconcile.Backend{at("web-1-1", "127.0.0.1:8081")}, Standby: []reconcile.Backend{at("", "127.0.0.1:8082")}})}},
		{"internal", func(f *frame) { f.listenOn = "10.1.2.3" }, []reconcile.RouteWish{wished("orders", spec.RollingUpdate, reconcile.WishedRoute{Name: "eureka", Route: spec.Route{Internal: true, Balance: spec.LeastConn, TimeoutSeconds: ptrTo(20)}, Backends: []reconcile.Backend{orders}})}},
		{"placeholder", nil, []reconcile.RouteWish{wished("orders", spec.RollingUpdate, reconcile.WishedRoute{Name: "http", Route: hosts})}},
		{"tls", func(f *frame) {
			f.own, f.spec.HTTPSPort = true, ptrTo(8443)
			f.pairs = []tlsPair{{files: spec.TLSFiles{CertFile: "/etc/tls/shop.pem", KeyFile: "/etc/tls/shop.key"}, hash: "0123456789abcdef", names: []string{"*.example.com"}}}
		}, []reconcile.RouteWish{wished("orders", spec.RollingUpdate, reconcile.WishedRoute{Name: "http", Route: spec.Route{Hostnames: []string{"shop.example.com", "plain.test"}}, Backends: []reconcile.Backend{orders}})}},
	}
	for _, c := range cases {
		for _, v := range []version{oldNginx, newNginx} {
			t.Run(c.name+"-"+v.String(), func(t *testing.T) {
				f := frameFor(v)
				if c.frame != nil {
					c.frame(&f)
				}
				_, _, files := applied(t, f, release{}, nil, c.wishes...)
				var text strings.Builder
				for _, name := range sortedKeys(files) {
					if name != releaseFile {
						fmt.Fprintf(&text, "==> %s\n%s", name, files[name])
					}
				}
				golden.Expect(t, filepath.Join("testdata", c.name+"-"+v.String()+".golden"), text.String())
			})
		}
	}
}

func ptrTo[T any](v T) *T { return &v }

func TestSameContentIsSameGeneration(t *testing.T) {
	w := wished("orders", spec.RollingUpdate, reconcile.WishedRoute{Name: "http", Route: spec.Route{Upstream: "orders"}, Backends: []reconcile.Backend{at("orders-1-1", "10.83.0.2:80")}})
	_, a, _ := applied(t, frameFor(newNginx), release{}, nil, w)
	_, b, _ := applied(t, frameFor(newNginx), a, nil, w)
	if a.Generation != b.Generation {
		t.Errorf("generations %s and %s of the same wish", a.Generation, b.Generation)
	}
	w.Routes[0].Backends = []reconcile.Backend{at("orders-2-1", "10.83.0.3:80")}
	if _, c, _ := applied(t, frameFor(newNginx), a, nil, w); c.Generation == a.Generation {
		t.Errorf("another address is the same generation %s", c.Generation)
	}
}

func TestSectionsWithoutWishAreCarriedOver(t *testing.T) {
	a := wished("a", spec.RollingUpdate, reconcile.WishedRoute{Name: "http", Route: spec.Route{Upstream: "a"}, Backends: []reconcile.Backend{at("a-1-1", "10.83.0.2:80")}})
	b := wished("b", spec.RollingUpdate, reconcile.WishedRoute{Name: "http", Route: spec.Route{Upstream: "b"}, Backends: []reconcile.Backend{at("b-1-1", "10.83.0.3:80")}})
	_, first, _ := applied(t, frameFor(newNginx), release{}, nil, a)
	kept := first.Sections["a"]
	kept.HTTP = "# as it was rendered once\n" + kept.HTTP
	first.Sections["a"] = kept
	_, second, files := applied(t, frameFor(newNginx), first, nil, b)
	if second.Sections["a"].HTTP != kept.HTTP || !strings.Contains(files["http.conf"], kept.HTTP) {
		t.Errorf("section a was rendered anew: %q", second.Sections["a"].HTTP)
	}
}

func TestRefusedValues(t *testing.T) {
	good := func() reconcile.RouteWish {
		return wished("orders", spec.RollingUpdate, reconcile.WishedRoute{Name: "http", Route: spec.Route{Hostnames: []string{"shop.test"}}, Backends: []reconcile.Backend{at("orders-1-1", "10.83.0.2:80")}})
	}
	cases := map[string]func(*reconcile.RouteWish){
		`name "orders; }"`:       func(w *reconcile.RouteWish) { w.Deployment.Name = "orders; }" },
		`namespace "a b"`:        func(w *reconcile.RouteWish) { w.Deployment.Namespace = "a b" },
		`route "http{"`:          func(w *reconcile.RouteWish) { w.Routes[0].Name = "http{" },
		`hostname "a;b"`:         func(w *reconcile.RouteWish) { w.Routes[0].Route.Hostnames = []string{"a;b"} },
		`path "/$uri"`:           func(w *reconcile.RouteWish) { w.Routes[0].Route.Paths = []string{"/$uri"} },
		`upstream "u }"`:         func(w *reconcile.RouteWish) { w.Routes[0].Route = spec.Route{Upstream: "u }"} },
		`variable "v;"`:          func(w *reconcile.RouteWish) { w.Routes[0].Route = spec.Route{Variable: "v;"} },
		`balance "random; evil"`: func(w *reconcile.RouteWish) { w.Routes[0].Route.Balance = "random; evil" },
		`maxBodySize "1; x"`:     func(w *reconcile.RouteWish) { w.Routes[0].Route.MaxBodySize = "1; x" },
		`timeoutSeconds 0`:       func(w *reconcile.RouteWish) { w.Routes[0].Route.TimeoutSeconds = ptrTo(0) },
		`instance "a\nb"`:        func(w *reconcile.RouteWish) { w.Routes[0].Backends[0].Instance = "a\nb" },
		`address "0.0.0.0:80"`:   func(w *reconcile.RouteWish) { w.Routes[0].Backends[0].Address = netip.MustParseAddrPort("0.0.0.0:80") },
		`https and http in one`: func(w *reconcile.RouteWish) {
			w.Routes[0].Backends = append(w.Routes[0].Backends, reconcile.Backend{Instance: "x", Address: netip.MustParseAddrPort("10.0.0.1:1"), TLS: true})
		},
		`both define upstream dup`: nil,
	}
	for want, change := range cases {
		t.Run(want, func(t *testing.T) {
			w := good()
			if change != nil {
				change(&w)
			}
			s, err := frameFor(newNginx).section(w, nil)
			if change == nil {
				u := wished("a", spec.RollingUpdate, reconcile.WishedRoute{Name: "http", Route: spec.Route{Upstream: "dup"}})
				a, _ := frameFor(newNginx).section(u, nil)
				u.Deployment.Name = "b"
				b, _ := frameFor(newNginx).section(u, nil)
				_, _, err = frameFor(newNginx).files(map[string]section{"a": a, "b": b})
			}
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %s; section %+v", err, want, s)
			}
		})
	}
}
