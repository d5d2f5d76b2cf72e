package spec

// Balance is how an upstream spreads requests over instances, in nginx's words.
type Balance string

// The ways to balance.
const (
	RoundRobin Balance = "round_robin"
	LeastConn  Balance = "least_conn"
	IPHash     Balance = "ip_hash"
)

// Route is one way for outside traffic to a Deployment through an nginx server. It is of exactly one
// kind: Hostnames and Paths (segue owns server and location), Upstream (the user's location proxies to
// a name that segue defines) or Variable (the user's location proxies to a variable that segue sets).
type Route struct {
	// Nginx names the Nginx object, as NAME in the same namespace or NAMESPACE.NAME; the only one when empty.
	Nginx string `json:"nginx,omitempty"`
	// Port names one of the template's ports; the one named like the route, else the only one, when empty.
	Port string `json:"port,omitempty"`

	// Hostnames that segue's own server answers; all when empty.
	Hostnames []string `json:"hostnames,omitempty"`
	// Paths are prefixes in the sense of the Gateway API: /api matches /api and /api/x, not /apix. Default ["/"].
	Paths       []string `json:"paths,omitempty"`
	StripPrefix *bool    `json:"stripPrefix,omitempty"`
	// MaxBodySize is the largest request body, as 512Mi or 1Gi. Default 1Gi.
	MaxBodySize string `json:"maxBodySize,omitempty"`

	// Upstream is the name that the user's own location proxies to.
	Upstream string `json:"upstream,omitempty"`
	// Variable is the name, without $, of the variable that the user's own location proxies to.
	Variable string `json:"variable,omitempty"`

	// Internal: callers on the Docker networks reach it at http://NAME, NAME being the Deployment's.
	Internal bool `json:"internal,omitempty"`

	Balance Balance `json:"balance,omitempty"`
	// TimeoutSeconds is how long nginx waits for an answer. Default 60.
	TimeoutSeconds *int `json:"timeoutSeconds,omitempty"`
}

// RouteKind is which of its three forms a Route has.
type RouteKind int

// The kinds of route.
const (
	// RouteOwned: segue writes server and location.
	RouteOwned RouteKind = iota
	// RouteUpstream: segue writes an upstream block that the user's location proxies to.
	RouteUpstream
	// RouteVariable: segue sets the variable that the user's location proxies to.
	RouteVariable
	// RouteInternal: segue writes a listener at a port of its own, for callers inside.
	RouteInternal
)

// Kind says which form the route has.
func (r Route) Kind() RouteKind {
	switch {
	case r.Upstream != "":
		return RouteUpstream
	case r.Variable != "":
		return RouteVariable
	case r.Internal:
		return RouteInternal
	default:
		return RouteOwned
	}
}

func (k RouteKind) String() string {
	switch k {
	case RouteUpstream:
		return "upstream"
	case RouteVariable:
		return "variable"
	case RouteInternal:
		return "internal"
	default:
		return "hostnames"
	}
}
