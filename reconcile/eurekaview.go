package reconcile

import "time"

// LeaseStatus is a status in Eureka's words; "" when there is no lease.
type LeaseStatus string

// The statuses that segue tells apart.
const (
	LeaseNone         LeaseStatus = ""
	LeaseUp           LeaseStatus = "UP"
	LeaseDown         LeaseStatus = "DOWN"
	LeaseStarting     LeaseStatus = "STARTING"
	LeaseOutOfService LeaseStatus = "OUT_OF_SERVICE"
	LeaseUnknown      LeaseStatus = "UNKNOWN"
)

// said is what the app itself says of itself where that is not UP: no override can hide it. LeaseNone otherwise.
func (l Lease) said() LeaseStatus {
	if (l.Status == LeaseDown || l.Status == LeaseStarting) && l.Overridden != l.Status {
		return l.Status
	}
	return LeaseNone
}

// EurekaView is what is known of the servers of one Eureka object, as read at or after Began.
type EurekaView struct {
	Began   time.Time
	Servers []EurekaServer
}

// EurekaServer is what is known of one Eureka server.
type EurekaServer struct {
	// URL is the server's base, without credentials.
	URL    string
	State  ServerState
	Reason string
	// RestartedAt is when segue last saw it come back empty or after being away, its own first read of it included;
	// zero when never. A lease that is missing shortly after is unknown, not gone.
	RestartedAt time.Time
	// Lacks counts the entries of anybody that another server of the object shows consumers as UP and this one does not;
	// LacksOne is one of them. 0 and "" where there is no other.
	Lacks    int
	LacksOne string
	// Leases are those with this owner's prefix and those of adopted ids, by instance id.
	Leases map[string]Lease
	// ForeignTo are the hashes of the revisions that register with another Eureka object; nil for most, whose object
	// never changed.
	ForeignTo []string
}

// Lease is one instance's entry on one Eureka server.
type Lease struct {
	ID  string
	App string
	// Status is the live registry's.
	Status LeaseStatus
	// Overridden is the override that the server holds against what the app says; LeaseNone where there is none.
	Overridden LeaseStatus
	// Own: the app's own POST was seen (lastDirtyTimestamp > 1), with the address and port that segue runs it at.
	Own bool
	// Mismatch says how what was registered differs from what runs; "" when it does not.
	Mismatch string
	// Visible says whether the cached GET /apps that consumers read shows it UP. VisibleSince is when that was first so.
	Visible      Tri
	VisibleSince time.Time
	// HiddenSince is when the lease was first both not UP and not visible on this server without a break since;
	// zero while it is either. Consumers have forgotten it fetchSeconds + loadBalancerSeconds later.
	HiddenSince time.Time
	// Port and HostName are what consumers dial.
	HostName string
	Port     int
}
