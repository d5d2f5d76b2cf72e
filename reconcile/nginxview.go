package reconcile

import (
	"time"

	"github.com/segue-dev/segue/spec"
)

// ServerState says whether a server can be asked.
type ServerState int8

// The states of a server.
const (
	// ServerUnknown: it times out, answers nonsense, or is unreachable. Nothing is stopped because of it.
	ServerUnknown ServerState = iota
	// ServerUp: it answers.
	ServerUp
	// ServerDown: it is proven not to run (its container exited, its master is gone, TCP is refused for longer than
	// the cache time). Nobody gets through it.
	ServerDown
)

func (s ServerState) String() string {
	switch s {
	case ServerUp:
		return "up"
	case ServerDown:
		return "down"
	default:
		return "unknown"
	}
}

// NginxView is what is known of the servers of one Nginx object, as read at or after Began.
type NginxView struct {
	Began   time.Time
	Servers []NginxServer
	// Wishes is the state of each Deployment's last Route, by spec.Name.String().
	Wishes map[string]Wish
}

// NginxServer is what is known of one nginx server.
type NginxServer struct {
	// Name is how the manifest calls it: a container's name or "host".
	Name    string
	State   ServerState
	Reason  string
	Version string
	// KeepAlive is how long a client's connection may rest at an old worker, which takes one more request from it then
	// (keepalive_min_timeout); 0 where old workers close what rests.
	KeepAlive time.Duration
	// Generation is the content hash that the server serves, proven by its internal listener; "" when unknown.
	Generation string
	// Included: the internal server answers, so the http-level include is loaded. No while the user has yet to add it.
	Included Tri
	// Serves names, by Deployment, the instances that the served generation sends to; in flag mode those of the
	// selected pool. Nil when the generation is unknown. A Deployment that is rendered as the 503 placeholder has an
	// empty entry, one that is not rendered has none.
	Serves map[string][]string
	// Reachable names, by Deployment, the instances that any living worker may still know. Nil when that is unknown.
	Reachable map[string][]string
	// Connections counts, by instance, the established connections from this server to the instance's ports; -1 where
	// they could not be counted. An instance that is not in the map has not been sent to by this server of late.
	Connections map[string]int
	// Stale: the routes that it serves for the Deployment that looks are not those that are wanted by now.
	Stale bool
	// Listeners are the ports of internal routes that are served, by Deployment and route. Nil when that is unknown.
	Listeners map[string]map[string]int
	// Routes are the routes as they are served, by Deployment and route. Nil when that is unknown.
	Routes map[string]map[string]spec.Route
	// Host is where consumers dial its listeners: an IPv4 address or a name; "" when nobody said.
	Host string
	// Switch says how this server is switched: "reload", "reload+lame", "flag".
	Switch string
}
