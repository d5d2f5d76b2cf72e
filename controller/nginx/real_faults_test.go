//go:build nginx

package nginx

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

func TestRealForeignBrokenFileStopsTheChange(t *testing.T) {
	r := newRunning(t)
	a, b := startBackend(t, "orders-1-1"), startBackend(t, "orders-2-1")
	r.mustRoute(wishFor("orders", owned(), a))
	before := r.server().Generation
	r.breaksForeign()
	r.expectForeignTold(r.route(wishFor("orders", owned(), b)), before)
	r.mendsForeign()
	r.mustRoute(wishFor("orders", owned(), b))
}

func TestRealGuiltyWishFailsAlone(t *testing.T) {
	r := newRig(t)
	r.run()
	r.firstFiles()
	r.write("sites/own.conf", "upstream taken { server 127.0.0.1:1; }\n")
	r.startNginx()
	a := startBackend(t, "orders-1-1")
	r.switcher.Route(wishFor("bad", spec.Route{Upstream: "taken"}, a))
	r.mustRoute(wishFor("orders", owned(), a))
	r.until("the guilty wish ends", func() bool { return r.wish("bad").State == reconcile.WishFailed })
	if reason := r.wish("bad").Reason; !strings.Contains(reason, `duplicate upstream "taken" in `+r.prefix+"/sites/own.conf:1") {
		t.Errorf("reason: %s", reason)
	}
}

func TestRealTakenPortIsRolledBack(t *testing.T) {
	r := newRig(t)
	r.run()
	r.firstFiles()
	// A stranger has the port of owned routes before there is one.
	stranger, err := net.Listen("tcp", fmt.Sprintf("0.0.0.0:%d", r.http))
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	other := freePort(t)
	a := startBackend(t, "web-1-1")
	r.write("sites/web.conf", fmt.Sprintf("server { listen 127.0.0.1:%d; location / { proxy_pass http://web; } }\nupstream web { server %s; }\n", other, a.at))
	r.startNginx()
	l := startLoad(t, other, "web.test")
	before := r.server().Generation
	got := r.route(wishFor("orders", owned(), a))
	if got.State != reconcile.WishFailed || !strings.Contains(got.Reason, fmt.Sprintf("bind() to 0.0.0.0:%d failed (98: Address already in use)", r.http)) ||
		!strings.Contains(got.Reason, "what was served before is served again") {
		t.Errorf("wish: %+v", got)
	}
	if now := r.server().Generation; now != before || before == "" {
		t.Errorf("generation %q, was %q", now, before)
	}
	l.end()
	stranger.Close()
	r.mustRoute(wishFor("orders", owned(), a))
}

func TestRealKilledNginxComesBack(t *testing.T) {
	r := newRunning(t)
	a, b := startBackend(t, "orders-1-1"), startBackend(t, "orders-2-1")
	r.mustRoute(wishFor("orders", owned(), a))
	r.killNginx()
	if s := r.server(); s.State != reconcile.ServerDown {
		t.Fatalf("server: %+v", s)
	}
	// Its files are switched, and it is skipped.
	r.mustRoute(wishFor("orders", owned(), b))
	r.startNginx()
	r.until("it serves what was wished meanwhile", func() bool {
		s := r.server()
		return s.State == reconcile.ServerUp && fmt.Sprint(s.Serves["orders"]) == "[orders-2-1]"
	})
	if code, body, _ := get(t, r.http, "shop.test"); code != 200 || body != b.name {
		t.Errorf("answer: %d %s", code, body)
	}
}

func TestRealOrphanWorkersAreUnknown(t *testing.T) {
	r := newRunning(t)
	workers, err := workersOf(proc{}, r.master())
	if err != nil {
		t.Fatal(err)
	}
	kill(t, r.master())
	defer func() {
		for _, w := range workers {
			kill(t, w.PID)
		}
	}()
	r.until("it is unknown", func() bool { return r.server().State == reconcile.ServerUnknown })
	if s := r.server(); !strings.Contains(s.Reason, "workers outlive a killed master") {
		t.Errorf("reason: %s", s.Reason)
	}
}

func TestRealCrashBetweenSwapAndReload(t *testing.T) {
	r := newRunning(t)
	a, b := startBackend(t, "orders-1-1"), startBackend(t, "orders-2-1")
	r.mustRoute(wishFor("orders", owned(), a))
	first := r.server().Generation
	r.mustRoute(wishFor("orders", owned(), b))
	second := r.server().Generation
	r.stop()
	// A process died after its swap back to the first, and had raised the flag.
	dir := confDir{local{}, r.confDir}
	if err := dir.swap(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if err := dir.setLame(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	r.run()
	r.until("current is what is served", func() bool {
		now, err := dir.current(t.Context())
		return err == nil && now == second && r.server().Generation == second
	})
	if _, err := os.Lstat(filepath.Join(r.confDir, "flags", "lame")); !os.IsNotExist(err) {
		t.Errorf("the lame flag outlived its owner: %v", err)
	}
	if s := r.server(); fmt.Sprint(s.Serves["orders"]) != "[orders-2-1]" {
		t.Errorf("serves %v", s.Serves)
	}
}
