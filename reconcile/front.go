package reconcile

import "strings"

// Front is one nginx server as Eureka's consumers find it, in place of the instances that it sends to (mode Proxied).
type Front struct {
	// Name is that of its registration: FrontPrefix, and what makes it another one when it changes, where it is dialled
	// included. "" while nobody knows where that will be.
	Name string
	// Nginx is the Nginx object and Server its server, as Observed.Nginx calls it; "" where no such server is left.
	Nginx, Server string
	// Wanted: the target is to be found so.
	Wanted bool
	// State is the nginx server's; ServerDown where nobody listens any more at the place that is in Name.
	State ServerState
	// Listens: the served generation has the listener.
	Listens Tri
	// Reason says why it has no name.
	Reason string
	// Eureka has one entry for each server of the registry that it is in.
	Eureka []EurekaFact
}

// FrontPrefix begins the name of a Front, and of no instance: that would have to be a DNS label.
const FrontPrefix = "nginx:"

// IsFront says whether a step's Instance is a Front.
func IsFront(name string) bool { return strings.HasPrefix(name, FrontPrefix) }

// IsUp: some server that is not down has it UP.
func (f Front) IsUp() bool {
	for _, fact := range f.Eureka {
		if fact.State != ServerDown && fact.Lease.Status == LeaseUp {
			return true
		}
	}
	return false
}

// Registered: some server that is not down has a lease of it.
func (f Front) Registered() bool {
	for _, fact := range f.Eureka {
		if fact.State != ServerDown && fact.Lease.Status != LeaseNone {
			return true
		}
	}
	return false
}

// Found: every server that is not down has it UP and consumers see it there.
func (f Front) Found() bool {
	for _, fact := range f.Eureka {
		if fact.State == ServerDown {
			continue
		}
		if fact.State != ServerUp || fact.Lease.Status != LeaseUp || fact.Lease.Visible != Yes {
			return false
		}
	}
	return f.Name != ""
}
