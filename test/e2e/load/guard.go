package load

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// guard dials what is allowed and refuses all else, by the address that is really dialled.
type guard struct {
	allowed []netip.Prefix
}

// newGuard refuses prefixes that are not private.
func newGuard(allowed []netip.Prefix) (*guard, error) {
	for _, prefix := range allowed {
		if !prefix.Addr().IsPrivate() || prefix.Bits() < 12 {
			return nil, fmt.Errorf("allow %s: not a private network of reasonable size", prefix)
		}
	}
	return &guard{allowed: allowed}, nil
}

func (g *guard) check(address string) error {
	parsed, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("load may not aim at %s: not an address by number", address)
	}
	ip := parsed.Addr().Unmap()
	if ip.IsLoopback() {
		return nil
	}
	for _, prefix := range g.allowed {
		if prefix.Contains(ip) {
			return nil
		}
	}
	return fmt.Errorf("load may not aim at %s: neither loopback nor among the allowed", address)
}

func (g *guard) dial(ctx context.Context, address string) (net.Conn, error) {
	if err := g.check(address); err != nil {
		return nil, err
	}
	dialer := net.Dialer{
		Timeout:        4 * time.Second, // the second SYN that is sent again comes after 3
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error { return g.check(address) },
	}
	return dialer.DialContext(ctx, "tcp", address)
}
