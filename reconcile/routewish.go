package reconcile

import (
	"net/netip"

	"github.com/segue-dev/segue/spec"
)

// RouteWish asks one Nginx object's servers to send a Deployment's traffic to exactly these instances.
type RouteWish struct {
	Deployment spec.Name
	// Strategy matters to flag mode, which is for BlueGreen only.
	Strategy spec.StrategyType
	// Routes are the Deployment's routes through this Nginx object, sorted by name. No routes: the Deployment is taken
	// out of the configuration (a placeholder that answers 503 stays until nothing names it).
	Routes []WishedRoute
}

// WishedRoute is one route and where it sends.
type WishedRoute struct {
	Name  string
	Route spec.Route
	// Backends are the serving instances, sorted by instance; none: the internal listener answers 503 with Retry-After.
	Backends []Backend
	// Standby are the instances of the colour that is started but not serving. Only flag mode looks at them.
	Standby []Backend
}

// Backend is where one instance answers for one route.
type Backend struct {
	Instance string
	Address  netip.AddrPort
	// Published is where the machine publishes that port, for servers on other machines; invalid when it does not.
	Published netip.AddrPort `json:",omitzero"`
	// TLS: the port speaks https.
	TLS bool
}
