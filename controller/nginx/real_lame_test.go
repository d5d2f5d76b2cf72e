//go:build nginx

package nginx

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/segue-dev/segue/reconcile"
)

// TestRealNewestWishSharesTheLameWait: what is wished while an old nginx is lame need not wait for another one, and
// what it overtook is never served.
func TestRealNewestWishSharesTheLameWait(t *testing.T) {
	r := newRunning(t)
	a, b, c := startBackend(t, "orders-1-1"), startBackend(t, "orders-2-1"), startBackend(t, "orders-3-1")
	r.mustRoute(wishFor("orders", owned(), a))
	if r.switcher.sites[0].version.hasMinTimeout() {
		return // it is never lame
	}
	reloads := func() int {
		log, err := os.ReadFile(filepath.Join(r.prefix, "logs", "error.log"))
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Count(log, []byte("(SIGHUP) received"))
	}
	before := reloads()
	l := startLoad(t, r.http, "shop.test")
	r.switcher.Route(wishFor("orders", owned(), b))
	r.until("it is lame", func() bool {
		_, err := os.Lstat(filepath.Join(r.confDir, "flags", "lame"))
		return err == nil
	})
	b.die()
	r.switcher.Route(wishFor("orders", owned(), c))
	r.until("the newest is served", func() bool { return r.wish("orders").State == reconcile.WishDone })
	if n := reloads() - before; n != 1 {
		t.Errorf("%d reloads, want 1", n)
	}
	l.lost(t, 100)
	if _, body, _ := get(t, r.http, "shop.test"); body != c.name {
		t.Errorf("%s answers", body)
	}
}
