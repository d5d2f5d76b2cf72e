//go:build nginx

package nginx

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/segue-dev/segue/reconcile"
)

// overheard is a Server of which the test knows what nginx was run with.
type overheard struct {
	Server
	mu   sync.Mutex
	runs []string
}

func (o *overheard) Nginx(ctx context.Context, args ...string) (int, []byte, []byte, error) {
	o.mu.Lock()
	o.runs = append(o.runs, strings.Join(args, " "))
	o.mu.Unlock()
	return o.Server.Nginx(ctx, args...)
}

// heard gives what nginx was run with since the last call.
func (o *overheard) heard() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer func() { o.runs = nil }()
	return o.runs
}

// rehearse returns when the wish was rehearsed.
func (r *rig) rehearse(wish reconcile.RouteWish) {
	r.t.Helper()
	r.switcher.Rehearse(wish)
	p := r.switcher.sites[0]
	r.until("it is rehearsed", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.rehearsals) > 0
	})
}

func TestRealRehearsedWishIsCheckedOnceMore(t *testing.T) {
	r := newRig(t)
	server := &overheard{Server: NewHost(r.confDir, r.command()...)}
	r.runOn(server, false)
	r.firstFiles()
	r.startNginx()
	a, b := startBackend(t, "orders-1-1"), startBackend(t, "orders-2-1")
	r.mustRoute(wishFor("orders", owned(), a))
	r.drained("orders", "nobody")
	before := r.server().Generation

	r.rehearse(wishFor("orders", owned(), b))
	now := r.server()
	if current, _ := (confDir{local{}, r.confDir}).current(t.Context()); now.Generation != before || current != before {
		t.Errorf("a rehearsal changed %s to %s, current is %s", before, now.Generation, current)
	}
	if runs := server.heard(); !slices.Contains(runs, "-t") {
		t.Errorf("the configuration was not checked as it stands: %q", runs)
	}
	r.mustRoute(wishFor("orders", owned(), b))
	if runs := slices.DeleteFunc(server.heard(), func(run string) bool { return run == "-v" }); !slices.Equal(runs, []string{"-T"}) {
		t.Errorf("what was rehearsed was checked with %q, want one -T with the change in place", runs)
	}
	if got := r.server().Serves["orders"]; !slices.Equal(got, []string{"orders-2-1"}) {
		t.Errorf("serves %q", got)
	}
}

func TestRealFileThatBreaksAfterARehearsalStopsTheChange(t *testing.T) {
	r := newRunning(t)
	a, b := startBackend(t, "orders-1-1"), startBackend(t, "orders-2-1")
	r.mustRoute(wishFor("orders", owned(), a))
	before := r.server().Generation
	r.rehearse(wishFor("orders", owned(), b))
	r.breaksForeign()
	for range 2 {
		r.expectForeignTold(r.route(wishFor("orders", owned(), b)), before)
	}
	r.mendsForeign()
	r.mustRoute(wishFor("orders", owned(), b))
}

func TestRealWishThatIsRefusedWasNotRehearsed(t *testing.T) {
	r := newRunning(t)
	a := startBackend(t, "orders-1-1")
	r.mustRoute(wishFor("orders", owned(), a))
	r.breaksForeign()
	b := startBackend(t, "orders-2-1")
	r.switcher.Rehearse(wishFor("orders", owned(), b))
	if got := r.route(wishFor("orders", owned(), b)); got.State != reconcile.WishFailed || !strings.Contains(got.Reason, "nothing was changed") {
		t.Errorf("wish: %+v", got)
	}
}
