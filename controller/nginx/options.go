package nginx

import (
	"context"
	"net/netip"

	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/spec"
)

// Options is what a Switcher works with.
type Options struct {
	// Name is the Nginx object's.
	Name spec.Name
	// Spec is defaulted: no field that has a default is empty.
	Spec spec.NginxSpec
	// Servers must all serve a change. At least one.
	Servers []Server
	// Owner is written to CONFDIR/OWNER; a directory with another one is refused.
	Owner string
	// Connections are the established connections to the ports of an instance, of any peer. An error means "not
	// counted". It is asked only for instances that are no longer served. Nil: nothing is counted.
	Connections func(ctx context.Context, instance string) ([]Connection, error)
	Log         logr.Logger
}

// Connection is one established connection to an instance.
type Connection struct {
	Peer netip.Addr
}
