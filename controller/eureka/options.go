package eureka

import (
	"context"
	"net"
	"time"

	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/spec"
)

// Options is what a Driver works with.
type Options struct {
	// Name is the Eureka object's.
	Name spec.Name
	// Spec is defaulted: Servers are the bases to be asked, at least one.
	Spec spec.EurekaSpec
	// Owner is the first part of the ids that are this controller's: OWNER:DEPLOYMENT:INSTANCE.
	Owner string
	// Dial connects to a server; nil is net.Dialer's. An error that wraps syscall.ECONNREFUSED means "nobody gets
	// through to it", so one that knows that the server's container has exited says that. Any other is "unknown".
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// ReadFile reads the files that Spec names; nil is os.ReadFile.
	ReadFile func(path string) ([]byte, error)
	// Prepare is called before the first look at the servers and every 5 s after it; nil is nothing. Its error goes
	// into the reason of servers that do not answer.
	Prepare func(ctx context.Context) error
	// ReadOnly: the driver looks and writes nothing. It beats no lease, makes nothing dark, and refuses orders.
	ReadOnly bool
	Log      logr.Logger
}

// The caches of Spring's consumers where the manifest does not say.
const (
	defaultFetch        = 30
	defaultLoadBalancer = 35
)

// cacheTime is how long consumers go on with what a server told them last.
func (o Options) cacheTime() time.Duration {
	seconds := func(v *int, otherwise int) time.Duration {
		if v == nil {
			return time.Duration(otherwise) * time.Second
		}
		return time.Duration(*v) * time.Second
	}
	return seconds(o.Spec.Caches.FetchSeconds, defaultFetch) + seconds(o.Spec.Caches.LoadBalancerSeconds, defaultLoadBalancer)
}
