package controller

import (
	"net/netip"

	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// Options are what cmd/segue wires together. Owner, Runtime, Prober and Store are required.
type Options struct {
	// Owner is this controller's id: the prefix of its Eureka ids and the label of its containers.
	Owner   string
	Runtime Runtime
	Prober  Prober
	// NewRouter and NewRegistry make the driver of one Nginx or Eureka object, with defaults filled in. A changed spec
	// gets a new driver, which is run after the old one's Run has ended.
	NewRouter   func(spec.Nginx) (Router, error)
	NewRegistry func(spec.Eureka) (Registry, error)
	Store       Store
	// Open decrypts a file that is encrypted with age. Its error says why it cannot and what to do. nil: nothing can be
	// decrypted.
	Open    func(sealed []byte) ([]byte, error)
	Sources []Source
	// Network is the segue network; instances get addresses of its lower half. Default 10.83.0.0/16.
	Network netip.Prefix
	// Advertise is this machine's address for nginx servers and Eureka objects with reach: Host. Those are refused while
	// it is invalid.
	Advertise netip.Addr
	// HostPorts are the machine's ports that instances behind a Eureka object with reach: Host are given where their
	// manifests name none. Default 30000 to 32767.
	HostPorts reconcile.HostPorts
	// Prune deletes what a source no longer holds; PruneAll allows that for more than half of it at once. They hold for
	// the sources that Policies has nothing about.
	Prune, PruneAll bool
	// ReportDrift holds likewise: what somebody changed by hand is told and left as it is.
	ReportDrift bool
	// Policies are the sources' own, by name.
	Policies map[string]Policy
	// Only restricts steps to the Deployments that it answers true for; the others are observed. nil means all.
	Only func(spec.Name) bool
	// ReadOnly: everything is observed and decided, nothing is executed and nothing kept.
	ReadOnly bool
	// Workers is how many Deployments are worked on at once. Default 8.
	Workers int
	// FreeMemory is how many bytes of the engine's machine nobody uses, for plans; 0, or no function, when not known.
	FreeMemory func() int64
	// Version is what Service.Version answers.
	Version string
	Log     logr.Logger
}

// policy is a source's.
func (o *Options) policy(source string) Policy {
	if p, ok := o.Policies[source]; ok {
		return p
	}
	return Policy{Prune: o.Prune, PruneAll: o.PruneAll, ReportDrift: o.ReportDrift}
}

func (o *Options) fill() {
	if !o.Network.IsValid() {
		o.Network = netip.MustParsePrefix("10.83.0.0/16")
	}
	if o.HostPorts == (reconcile.HostPorts{}) {
		o.HostPorts = reconcile.DefaultHostPorts
	}
	if o.Workers <= 0 {
		o.Workers = 8
	}
	if o.Log.GetSink() == nil {
		o.Log = logr.Discard()
	}
}
