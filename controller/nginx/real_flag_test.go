//go:build nginx

package nginx

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Log(err)
	}
}

const flagSite = `server {
    listen 127.0.0.1:%d;
    include %s/current/web.inc;
    location / {
        %s
        proxy_pass $service_url;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
    }
}
`

func blueGreen(serving, standby *backend) reconcile.RouteWish {
	w := wishFor("web", spec.Route{Variable: "service_url"}, serving)
	w.Strategy = spec.BlueGreen
	w.Routes[0].Standby = []reconcile.Backend{standby.as()}
	return w
}

func TestRealFlagSwitchesWithoutReload(t *testing.T) {
	r := newRig(t)
	r.spec.Switch = spec.SwitchFlag
	r.startNginx()
	r.run()
	blue, green := startBackend(t, "web-1-1"), startBackend(t, "web-2-1")
	r.switcher.Route(blueGreen(blue, green))
	r.until("the files are written", func() bool { return strings.Contains(r.wish("web").Reason, "waiting for include") })
	r.write("sites/web.conf", fmt.Sprintf(flagSite, r.http, r.confDir, ""))
	r.hup()
	r.until("the wish is done", func() bool { r.server(); return r.wish("web").State == reconcile.WishDone })
	if how := r.server().Switch; how != "flag" {
		t.Errorf("switch: %s", how)
	}
	before, err := workersOf(proc{}, r.master())
	if err != nil {
		t.Fatal(err)
	}
	l := startLoad(t, r.http, "web.test")
	for i := range 6 {
		serving, standby := green, blue
		if i%2 == 1 {
			serving, standby = blue, green
		}
		r.mustRoute(blueGreen(serving, standby))
		if s := r.server(); fmt.Sprint(s.Serves["web"]) != "["+serving.name+"]" {
			t.Errorf("serves %v, want %s", s.Serves, serving.name)
		}
		r.until("only the selected pool is reachable", func() bool { return !slices.Contains(r.server().Reachable["web"], standby.name) })
	}
	l.lost(t, 500)
	after, err := workersOf(proc{}, r.master())
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(before) != fmt.Sprint(after) {
		t.Errorf("workers %v, were %v", after, before)
	}
	// A restarted segue reads the colour back.
	r.stop()
	r.run()
	if s := r.server(); fmt.Sprint(s.Serves["web"]) != "["+blue.name+"]" {
		t.Errorf("after a restart: serves %v", s.Serves)
	}
}

func TestRealFlagRefusesFileCache(t *testing.T) {
	r := newRig(t)
	r.spec.Switch = spec.SwitchFlag
	r.write("sites/web.conf", fmt.Sprintf("server {\n    listen 127.0.0.1:%d;\n    location / {\n        open_file_cache max=100;\n    }\n}\n", r.http))
	r.startNginx()
	r.run()
	got := r.route(blueGreen(startBackend(t, "web-1-1"), startBackend(t, "web-2-1")))
	if got.State != reconcile.WishFailed || !strings.Contains(got.Reason, "/sites/web.conf:4 sets open_file_cache") {
		t.Errorf("wish: %+v", got)
	}
}
