//go:build nginx

package nginx

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"testing"

	"github.com/segue-dev/segue/reconcile"
)

// backend is one instance. It says its name after a short while.
type backend struct {
	name   string
	server *http.Server
	at     netip.AddrPort
}

func startBackend(t *testing.T, name string) *backend {
	t.Helper()
	return startBackendAt(t, name, netip.MustParseAddr("127.0.0.1"))
}

func startBackendAt(t *testing.T, name string, address netip.Addr) *backend {
	t.Helper()
	l, err := net.Listen("tcp", netip.AddrPortFrom(address, 0).String())
	if err != nil {
		t.Fatal(err)
	}
	b := &backend{name: name, at: l.Addr().(*net.TCPAddr).AddrPort()}
	b.server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		w.Header().Set("X-Seen", fmt.Sprintf("%s|%s|%s|%s", r.Host, r.URL.Path, r.Header.Get("X-Forwarded-For"), r.Header.Get("X-Forwarded-Proto")))
		_, _ = io.WriteString(w, name) // the client may be gone
	})}
	go b.server.Serve(l) //nolint:errcheck // it ends with the test
	t.Cleanup(b.die)
	return b
}

// die closes everything at once.
func (b *backend) die() { b.server.Close() }

func (b *backend) as() reconcile.Backend { return reconcile.Backend{Instance: b.name, Address: b.at} }
