package docker

import (
	"net/netip"

	"github.com/go-logr/logr"
)

// DefaultInstanceCIDR is the subnet of the network segue.
var DefaultInstanceCIDR = netip.MustParsePrefix("10.83.0.0/16")

// Options is what a Runtime works with.
type Options struct {
	// Host is the engine's endpoint, as DOCKER_HOST has it; the environment's, else the default socket, when empty.
	Host string
	// Owner is the controller's id: what lacks it is a stranger's.
	Owner string
	// StateDir holds the files of instances and the logs of failed ones.
	StateDir string
	// HostStateDir is StateDir as the engine's host knows it; StateDir when empty. It differs where segue itself runs
	// in a container.
	HostStateDir string
	// SecretDir holds, below a directory of the owner's, the files of instances that may lie on no disk: it must be on a
	// tmpfs, which the engine sees at the same path. Empty: instances with such files do not start.
	SecretDir string
	// InstanceCIDR is the subnet of the network segue. Its lower half is for fixed addresses, its upper half for
	// strangers. DefaultInstanceCIDR when invalid.
	InstanceCIDR netip.Prefix
	// HelperImage is the image of the short-lived container that reads an instance's connections where its /proc is
	// not visible here; it must have cat. Empty: they are not counted then.
	HelperImage string
	Log         logr.Logger
}
