package reconcile

// LeaseOrder is everything that the registry driver needs to seed, register, open or close one instance.
type LeaseOrder struct {
	ID  string
	App string
	// HostName is an IPv4 address or a name that consumers can dial; Spring concatenates it, so never IPv6.
	HostName string
	Port     int
	// Managed: segue registers and heartbeats the instance itself.
	Managed  bool
	Metadata map[string]string
}
