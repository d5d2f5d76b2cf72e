package docker

import (
	"net/netip"
	"reflect"
	"testing"

	"github.com/docker/go-connections/nat"

	"github.com/segue-dev/segue/spec"
)

func TestPortsThatOthersReachArePublishedOnAFreePort(t *testing.T) {
	on := netip.MustParseAddr("192.0.2.10")
	_, got := portsOf([]spec.Port{{ContainerPort: 8080}, {ContainerPort: 8081, HostPort: 81, HostIP: "192.0.2.11"}, {ContainerPort: 9000}}, map[int]netip.Addr{8080: on, 8081: on})
	want := nat.PortMap{"8080/tcp": {{HostIP: "192.0.2.10"}}, "8081/tcp": {{HostIP: "192.0.2.11", HostPort: "81"}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
