package reconcile

import "time"

// Instance is everything observed about one replica: the engine's, the probes', nginx's and Eureka's facts joined
// by name.
type Instance struct {
	Container
	Health Health
	// EurekaID is the id under which it is or will be registered; "" where the Deployment has no eureka.
	EurekaID string
	// Adopted: segue did not start it. AddressOnly: and cannot stop it.
	Adopted     bool
	AddressOnly bool
	// Nginx has one entry per server that the Deployment's routes go through, Eureka one per server of its registry.
	Nginx  []NginxFact
	Eureka []EurekaFact
	// LastLog is the tail of its log, for failures; empty otherwise.
	LastLog []string
}

// NginxFact is what one nginx server means for one instance.
type NginxFact struct {
	Server string
	State  ServerState
	// Routed: the served generation sends to it. Reachable: a living worker may still know it.
	Routed    Tri
	Reachable Tri
	// Connections counts the established ones; -1 when unknown.
	Connections int
}

// EurekaFact is what one Eureka server means for one instance.
type EurekaFact struct {
	Server      string
	State       ServerState
	RestartedAt time.Time
	// Lease is zero, with Status LeaseNone, when the server has none.
	Lease Lease
}
