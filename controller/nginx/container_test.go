package nginx

import (
	"context"
	"net/netip"
	"testing"
)

// TestAContainerThatDoesNotRunIsWrittenForAsItWillBe: it has no address then, and yet segue is to reach it once it runs.
func TestAContainerThatDoesNotRunIsWrittenForAsItWillBe(t *testing.T) {
	loopback := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	for _, c := range []struct {
		info   ContainerInfo
		listen string
		dial   netip.Addr
	}{
		{ContainerInfo{Addresses: []netip.Addr{netip.MustParseAddr("10.83.128.1")}}, "*", netip.MustParseAddr("10.83.128.1")},
		{ContainerInfo{}, "*", netip.Addr{}},
		{ContainerInfo{HostNetwork: true}, "127.0.0.1", loopback},
	} {
		c.info.Mounts = []Mount{{Source: t.TempDir(), Target: "/etc/nginx/segue"}}
		server := NewContainer("edge", "/etc/nginx/segue", Engine{Info: func(context.Context, string) (ContainerInfo, error) { return c.info, nil }})
		seen, err := server.Look(t.Context())
		if err != nil || seen.Running || seen.Listen != c.listen || seen.Dial != c.dial {
			t.Errorf("%+v: %+v, %v; want listen %s, dial %s", c.info, seen, err, c.listen, c.dial)
		}
	}
}
