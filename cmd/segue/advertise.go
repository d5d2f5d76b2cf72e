package main

import (
	"net"
	"net/netip"
)

// advertised is this machine's address as others dial it; invalid when nobody says and there is no default route.
func (c *cli) advertised() (netip.Addr, error) {
	if c.advertise != "" {
		address, err := netip.ParseAddr(c.advertise)
		if err != nil || address.IsUnspecified() || address.IsLoopback() {
			return netip.Addr{}, usage("error: --advertise-address %q: want this machine's address as other machines dial it, as 192.0.2.10", c.advertise)
		}
		return address, nil
	}
	// Nothing is sent: it only makes the kernel choose the address from which it would be. 192.0.2.1 is nobody's
	// (RFC 5737).
	conn, err := net.Dial("udp", "192.0.2.1:9")
	if err != nil {
		return netip.Addr{}, nil //nolint:nilerr // a machine without a network has no such address
	}
	from, err := netip.ParseAddrPort(conn.LocalAddr().String())
	if closed := conn.Close(); err != nil || closed != nil {
		return netip.Addr{}, err
	}
	return from.Addr().Unmap(), nil
}
