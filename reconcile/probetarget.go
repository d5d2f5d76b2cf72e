package reconcile

import (
	"net/netip"

	"github.com/segue-dev/segue/spec"
)

// ProbeTarget is everything that the prober needs to watch one instance.
type ProbeTarget struct {
	Instance    string
	ContainerID string
	Address     netip.Addr
	// Ports are the template's, for probes that name one.
	Ports []spec.Port
	// Startup, Readiness and Liveness are with defaults; nil where there is none.
	Startup   *spec.Probe
	Readiness *spec.Probe
	Liveness  *spec.Probe
	Warmup    []spec.Warmup
	// BornReady: a served generation names it, or a Eureka server shows it UP. It starts as ready and warm when segue
	// starts, and loses that only by failures of its own.
	BornReady bool
	// ImageHealth replaces the readiness probe when the image has a HEALTHCHECK and the template has no probe.
	UseImageHealth bool
	ImageHealth    Tri
}
