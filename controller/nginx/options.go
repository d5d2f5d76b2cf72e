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
	// Own: segue runs the servers itself, with OwnMainConfig. They include segue's files from the start, listen on 80
	// and 443 whatever Spec publishes, and are reloaded without anybody having added a line.
	Own bool
	// ReadOnly: look at the servers and write nothing, neither to CONFDIR nor to nginx. Wishes stay pending. nginx is
	// still asked for its version and, where a master runs, for its configuration.
	ReadOnly bool
	// ReportDrift: what somebody changed by hand in segue's files is told, and left as it is. nil: it is put right.
	ReportDrift func() bool
	// Owner is written to CONFDIR/OWNER; a directory with another one is refused.
	Owner string
	// Prepare is called before each look at the servers, with a deadline: it makes sure that a container that segue
	// runs itself is there, and that one that a manifest names is on segue's network. Its error makes the servers
	// unknown. May be nil.
	Prepare func(ctx context.Context) error
	// Connections are the peers of the established connections to an instance's own ports; an instance that does not
	// run has none, and that is no error. An error means "not counted". It is asked only for instances that are no
	// longer served. Nil: nothing is counted.
	Connections func(ctx context.Context, instance string) ([]netip.Addr, error)
	// Advertise is this machine's address, where callers inside reach listeners of an nginx that shares its network;
	// invalid when nobody said.
	Advertise netip.Addr
	// Gateway is the peer that an instance sees of a connection that came by a published port's proxy. It counts as a
	// server of reach Host, whoever it was: segue's own probes leave no connection behind. May be invalid.
	Gateway netip.Addr
	Log     logr.Logger
}
