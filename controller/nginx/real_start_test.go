//go:build nginx

package nginx

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/segue-dev/segue/reconcile"
)

// starting is an nginx that has read its files and whose master cannot be seen yet, for as many looks as hidden says.
type starting struct {
	Server
	hidden atomic.Int32
}

func (s *starting) Look(ctx context.Context) (Sighting, error) {
	seen, err := s.Server.Look(ctx)
	if err == nil && s.hidden.Add(-1) >= 0 {
		seen.Running, seen.Stands, seen.Master, seen.Reason = false, false, 0, "no nginx master in the container"
	}
	return seen, err
}

// What was swapped while nginx read its files for a start is not done before those are served.
func TestRealServerThatStartsDuringAChange(t *testing.T) {
	r := newRig(t)
	server := &starting{Server: NewHost(r.confDir, r.command()...)}
	r.runOn(server, false)
	r.firstFiles()
	r.startNginx()
	a, b := startBackend(t, "orders-1-1"), startBackend(t, "orders-2-1")
	r.mustRoute(wishFor("orders", owned(), a))
	r.stop()

	// The first look of the new one goes to its own view, the second to the change.
	server.hidden.Store(2)
	r.runOn(server, false)
	r.mustRoute(wishFor("orders", owned(), b))
	if s := r.server(); s.State != reconcile.ServerUp || fmt.Sprint(s.Serves["orders"]) != "[orders-2-1]" {
		t.Errorf("the wish was done, and the server is %v with %v", s.State, s.Serves)
	}
	if _, body, _ := get(t, r.http, "shop.test"); body != b.name {
		t.Errorf("%s answers", body)
	}
}
