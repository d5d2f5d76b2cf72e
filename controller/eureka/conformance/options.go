package conformance

import (
	"context"
	"time"
)

// Options say what is known of the server.
type Options struct {
	// ResponseCache is the interval of its read-only cache; 0: it has none.
	ResponseCache time.Duration
	// Empty: nothing is registered there.
	Empty bool
	// EmptyNotFound: its 404s have no body. Segue's own have none, Spring's on current versions do.
	EmptyNotFound bool
	// Expires: leases end there; self-preservation is off.
	Expires bool
	// Preserving is the base of a server that is in self-preservation; "" when there is none.
	Preserving string
	// Peer is the base of another server. Converge is called after a status was set on the first one and has the peer
	// follow; nil when the two replicate by themselves.
	Peer     string
	Converge func(ctx context.Context, app, id string) error
	// Restart makes the server come back empty; nil when that cannot be done.
	Restart func()
}
