//go:build nginx

package nginx

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

func owned() spec.Route { return spec.Route{Hostnames: []string{"shop.test"}} }

func TestRealOwnedRouteSwitchesWithoutLoss(t *testing.T) {
	r := newRunning(t)
	old := startBackend(t, "orders-1-1")
	r.mustRoute(wishFor("orders", owned(), old))
	l := startLoad(t, r.http, "shop.test")
	for i := 2; i < 8; i++ {
		next := startBackend(t, fmt.Sprintf("orders-%d-1", i))
		r.mustRoute(wishFor("orders", owned(), next))
		r.drained("orders", old.name)
		old.die()
		old = next
	}
	l.lost(t, 500)
	if s := r.server(); s.Generation == "" || s.Included != reconcile.Yes || s.State != reconcile.ServerUp {
		t.Errorf("server: %+v", s)
	}
	code, body, header := get(t, r.http, "shop.test")
	if code != 200 || body != old.name || header.Get("X-Seen") != "shop.test|/|127.0.0.1|http" {
		t.Errorf("answer: %d %q %v", code, body, header)
	}
}

func TestRealSameWishDoesNotReload(t *testing.T) {
	r := newRig(t)
	r.startNginx()
	r.run()
	b := startBackend(t, "orders-1-1")
	// nginx runs with the include and without the files: this reload is the user's.
	r.firstFiles()
	r.hup()
	r.mustRoute(wishFor("orders", owned(), b))
	before, err := workersOf(proc{}, r.master())
	if err != nil {
		t.Fatal(err)
	}
	r.stop()
	r.run()
	r.mustRoute(wishFor("orders", owned(), b))
	r.mustRoute(wishFor("orders", owned(), b))
	after, err := workersOf(proc{}, r.master())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range after {
		found := false
		for _, v := range before {
			found = found || v.process == w.process
		}
		if !found {
			t.Errorf("worker %d was started by a wish that changes nothing", w.PID)
		}
	}
}

func TestRealWaitsForInclude(t *testing.T) {
	r := newRig(t)
	r.write("nginx.conf", r.main(false))
	today := startBackend(t, "today")
	site := "server {\n  listen 127.0.0.1:%d;\n  server_name web.test;\n  %s\n  location / {\n    proxy_pass $service_url;\n    proxy_http_version 1.1;\n    proxy_set_header Connection \"\";\n    proxy_set_header Host $host;\n  }\n}\n"
	r.write("sites/web.conf", fmt.Sprintf(site, r.http, "set $service_url http://"+today.at.String()+";"))
	r.startNginx()
	r.run()
	r.switcher.Route(wishFor("web", spec.Route{Variable: "service_url"}, today))
	r.until("it waits", func() bool { return strings.Contains(r.wish("web").Reason, "waiting for include") })
	r.until("the lines are shown", func() bool { r.server(); return len(r.switcher.Describe().Includes) == 2 })
	lines := strings.Join(r.switcher.Describe().Includes, "\n")
	for _, want := range []string{
		"include " + r.confDir + "/current/http.conf;  below  include sites/*.conf;  at " + r.prefix + "/nginx.conf:14",
		"include " + r.confDir + "/current/web.inc;  instead of  set $service_url http://" + today.at.String() + ";  at " + r.prefix + "/sites/web.conf:4",
	} {
		if !strings.Contains(lines, want) {
			t.Errorf("lines:\n%s\nwant %s", lines, want)
		}
	}
	if s := r.server(); s.Included != reconcile.No || len(s.Serves) != 0 || s.Serves == nil {
		t.Errorf("before the include: %+v", s)
	}
	// The http level first: the variable is still his.
	r.write("nginx.conf", r.main(true))
	r.hup()
	r.until("the http level is seen", func() bool { return r.server().Included == reconcile.Yes })
	if s := r.server(); len(s.Serves) != 0 {
		t.Errorf("without the variable's include it serves %v", s.Serves)
	}
	r.write("sites/web.conf", fmt.Sprintf(site, r.http, "include "+r.confDir+"/current/web.inc;"))
	r.hup()
	r.until("the wish is done", func() bool { r.server(); return r.wish("web").State == reconcile.WishDone })
	if code, body, _ := get(t, r.http, "web.test"); code != 200 || body != "today" {
		t.Errorf("answer: %d %s", code, body)
	}
	r.server()
	if d := r.switcher.Describe(); len(d.Includes) > 0 {
		t.Errorf("still missing: %v", d.Includes)
	}
}

func TestRealDeletedUpstreamKeepsPlaceholder(t *testing.T) {
	r := newRunning(t)
	a := startBackend(t, "web-1-1")
	r.switcher.Route(wishFor("web", spec.Route{Upstream: "web"}, a))
	r.until("it is loaded", func() bool {
		d := r.server().Serves
		_, named := d["web"]
		return !named && r.wish("web").Reason != "asked for"
	})
	r.write("sites/web.conf", fmt.Sprintf("server { listen 127.0.0.1:%d; location / { proxy_pass http://web; } }\n", r.http))
	r.hup()
	r.until("the wish is done", func() bool { r.server(); return r.wish("web").State == reconcile.WishDone })
	r.mustRoute(reconcile.RouteWish{Deployment: spec.Name{Name: "web"}})
	code, _, header := get(t, r.http, "web.test")
	if code != 503 || header.Get("Retry-After") != "5" {
		t.Errorf("deleted: %d %v", code, header)
	}
	s := r.server()
	if left, found := s.Serves["web"]; !found || len(left) > 0 {
		t.Errorf("serves %v", s.Serves)
	}
	if err := os.Remove(filepath.Join(r.prefix, "sites/web.conf")); err != nil {
		t.Fatal(err)
	}
	r.hup()
	r.until("the placeholder goes", func() bool { _, found := r.server().Serves["web"]; return !found })
}

func TestRealReadOnlyWritesNothing(t *testing.T) {
	r := newRunning(t)
	a := startBackend(t, "orders-1-1")
	r.mustRoute(wishFor("orders", owned(), a))
	r.stop()
	// Left by a process that died: a writer would clear it.
	if err := (confDir{local{}, r.confDir}).setLame(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	r.readOnly = true
	r.run()
	r.switcher.Route(wishFor("orders", owned()))
	if s := r.server(); fmt.Sprint(s.Serves["orders"]) != "[orders-1-1]" {
		t.Errorf("serves %v", s.Serves)
	}
	if s := r.server(); r.wish("orders").State != reconcile.WishPending || s.Included != reconcile.Yes {
		t.Errorf("wish %+v, server %+v", r.wish("orders"), s)
	}
	if _, err := os.Lstat(filepath.Join(r.confDir, "flags", "lame")); err != nil {
		t.Errorf("the flag was touched: %v", err)
	}
}
