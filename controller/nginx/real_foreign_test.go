//go:build nginx

package nginx

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/segue-dev/segue/reconcile"
)

// breaksForeign has somebody else break a file of the user's.
func (r *rig) breaksForeign() {
	r.t.Helper()
	r.write("sites/foreign.conf", "server {\n  listen 127.0.0.1:1;\n  nonsense on;\n}\n")
}

// expectForeignTold: the wish failed by that file's fault, and the generation of before is served and current.
func (r *rig) expectForeignTold(got reconcile.Wish, before string) {
	r.t.Helper()
	if got.State != reconcile.WishFailed || !strings.Contains(got.Reason, "its configuration is broken, so nothing was changed") ||
		!strings.Contains(got.Reason, `unknown directive "nonsense" in `+r.prefix+"/sites/foreign.conf:3") {
		r.t.Errorf("wish: %+v", got)
	}
	if now := r.server().Generation; now != before {
		r.t.Errorf("generation %s, was %s", now, before)
	}
	if current, _ := (confDir{local{}, r.confDir}).current(r.t.Context()); current != before {
		r.t.Errorf("current is %s, was %s", current, before)
	}
}

// mendsForeign removes it.
func (r *rig) mendsForeign() {
	r.t.Helper()
	if err := os.Remove(filepath.Join(r.prefix, "sites/foreign.conf")); err != nil {
		r.t.Fatal(err)
	}
}
