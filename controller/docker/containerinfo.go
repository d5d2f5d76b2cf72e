package docker

import "net/netip"

// ContainerInfo is what the engine knows of a container that a manifest names.
type ContainerInfo struct {
	// Missing: there is no container of that name; everything else is zero then.
	Missing bool
	Running bool
	// Pid is its first process on the engine's host; 0 when not running.
	Pid    int
	Mounts []Mount
	// Addresses are those on its networks, the one on the network segue first. None: it uses the host's network, or
	// does not run.
	Addresses []netip.Addr
	// HostNetwork: it uses the host's network, running or not.
	HostNetwork bool
	Labels      map[string]string
}
