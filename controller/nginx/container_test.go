package nginx

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
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

// TestAMissingContainerIsWrittenForWhereTheNextOneReads: also by a segue that was started meanwhile; but no directory
// is made for it.
func TestAMissingContainerIsWrittenForWhereTheNextOneReads(t *testing.T) {
	source, file := t.TempDir(), filepath.Join(t.TempDir(), "places", "edge.json")
	info := ContainerInfo{HostNetwork: true, Mounts: []Mount{{Source: source, Target: "/etc/nginx/segue"}}}
	engine := Engine{Info: func(context.Context, string) (ContainerInfo, error) { return info, nil }}
	look := func(readOnly bool) Sighting {
		t.Helper()
		seen, err := NewContainer("edge", "/etc/nginx/segue", engine).Remember(file, readOnly).Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return seen
	}
	look(true)
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Error("a look that is to write nothing wrote")
	}
	if err := os.WriteFile(filepath.Join(source, "OWNER"), []byte("somebody\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	look(false)
	info = ContainerInfo{Missing: true}
	if seen := look(false); seen.ConfDir != source || seen.Listen != "127.0.0.1" || seen.Running || !seen.Off {
		t.Errorf("the next container is written for as %+v, want in %s, listening on 127.0.0.1", seen, source)
	}
	if err := os.RemoveAll(source); err != nil {
		t.Fatal(err)
	}
	if seen := look(false); seen.ConfDir != "" {
		t.Errorf("its directory is gone, and %s is written", seen.ConfDir)
	}
}
