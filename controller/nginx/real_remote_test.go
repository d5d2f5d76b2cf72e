//go:build nginx

package nginx

import (
	"fmt"
	"strings"
	"testing"

	"github.com/segue-dev/segue/controller/nginx/ssh"
	"github.com/segue-dev/segue/controller/nginx/ssh/sshtest"
	"github.com/segue-dev/segue/reconcile"
)

// overSSH is the rig's nginx as another machine's.
func (r *rig) overSSH() (*sshtest.Server, *Host) {
	r.t.Helper()
	s := sshtest.New(r.t)
	host := ssh.New(ssh.Options{Address: "root@" + s.Address, IdentityFile: s.IdentityFile, KnownHosts: []string{s.KnownHosts}})
	return s, newHost("web-1", &remote{host: host}, r.confDir, r.command())
}

func TestRealRemoteSwitchesWithoutLoss(t *testing.T) {
	r := newRig(t)
	sshd, web := r.overSSH()
	r.runOn(web, false)
	r.firstFiles()
	r.startNginx()
	old := startBackend(t, "orders-1-1")
	r.mustRoute(wishFor("orders", owned(), old))
	l := startLoad(t, r.http, "shop.test")
	for i := 2; i < 6; i++ {
		next := startBackend(t, fmt.Sprintf("orders-%d-1", i))
		if i == 4 {
			sshd.Cut()
		}
		r.mustRoute(wishFor("orders", owned(), next))
		r.drained("orders", old.name)
		old.die()
		old = next
	}
	l.lost(t, 500)
	if got := r.server(); got.Name != "web-1" || got.State != reconcile.ServerUp || got.Included != reconcile.Yes {
		t.Errorf("server: %+v", got)
	}

	r.killNginx()
	r.until("it is down", func() bool { return r.server().State == reconcile.ServerDown })
	sshd.Stop()
	r.until("it is unknown", func() bool { return r.server().State == reconcile.ServerUnknown })
	if got := r.server(); got.Serves != nil || got.Reachable != nil || !strings.Contains(got.Reason, "ssh root@"+sshd.Address) {
		t.Errorf("server: %+v", got)
	}
}

func TestRealRemoteSaysWhyNginxDidNotReload(t *testing.T) {
	r := newRig(t)
	_, web := r.overSSH()
	r.runOn(web, false)
	r.firstFiles()
	r.startNginx()
	r.mustRoute(wishFor("orders", owned(), startBackend(t, "orders-1-1")))
	taken := startBackend(t, "a stranger")
	r.write("sites/other.conf", fmt.Sprintf("server { listen 127.0.0.1:%d; }\n", taken.at.Port()))
	got := r.route(wishFor("orders", owned(), startBackend(t, "orders-2-1")))
	if got.State != reconcile.WishFailed || !strings.Contains(got.Reason, "Address already in use") {
		t.Errorf("wish: %s: %s", got.State, got.Reason)
	}
}
