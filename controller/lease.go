package controller

import (
	"net/netip"
	"strings"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// leaseOrder is what the registry driver needs for an instance of a revision at an address; at is where consumers reach
// it if that is elsewhere.
func leaseOrder(id string, revision reconcile.Revision, address netip.Addr, at netip.AddrPort) reconcile.LeaseOrder {
	order := reconcile.LeaseOrder{ID: id, App: appOf(revision.Deployment)}
	if address.Is4() {
		order.HostName = address.String()
	}
	registration := revision.Deployment.Spec.Eureka
	if registration == nil {
		return order
	}
	order.Managed = registration.Mode == spec.ManagedRegistration
	order.Metadata = registration.Metadata
	if port, err := registration.PortOf(revision.Deployment.Defaulted().Spec.Template); err == nil {
		order.Port = port.ContainerPort
	}
	if at.IsValid() {
		order.HostName, order.Port = at.Addr().String(), int(at.Port())
	}
	return order
}

// appOf is the application's name in Eureka.
func appOf(d spec.Deployment) string {
	if d.Spec.Eureka != nil && d.Spec.Eureka.App != "" {
		return strings.ToUpper(d.Spec.Eureka.App)
	}
	return strings.ToUpper(d.Metadata.Name)
}

// order is the lease order of an observed instance.
func (p *pass) order(i *reconcile.Instance) reconcile.LeaseOrder {
	order := leaseOrder(i.EurekaID, p.revisionOf(i.Revision), i.Address, i.Registered)
	for _, fact := range i.Eureka {
		if i.Adopted && fact.Lease.ID != "" {
			// What was registered by hand keeps its own words.
			order.App, order.HostName, order.Port = fact.Lease.App, fact.Lease.HostName, fact.Lease.Port
		}
	}
	return order
}
