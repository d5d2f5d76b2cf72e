package controller

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// answering is how others address what a Deployment runs: by its name, an alias, the name of what it adopts, an
// instance's address, or a port that is published on this machine.
type answering struct {
	deployment spec.Deployment
	containers []reconcile.Container
	// advertise is this machine's address; invalid when nobody said.
	advertise netip.Addr
}

// at says whether the Deployment answers a URL.
func (a answering) at(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		port = map[string]int{"http": 80, "https": 443}[u.Scheme]
	}
	host := strings.ToLower(u.Hostname())
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return a.atAddress(netip.AddrPortFrom(ip.Unmap(), uint16(port)))
	}
	return slices.Contains(a.names(), host)
}

// names are those that Docker's DNS and segue itself find it by.
func (a answering) names() []string {
	d := a.deployment
	list := append([]string{d.Metadata.ObjectName().String()}, d.Spec.Template.Aliases...)
	for _, adopted := range d.Spec.Adopt {
		list = append(list, adopted.Container)
	}
	for _, c := range a.containers {
		list = append(list, c.Name)
	}
	return slices.DeleteFunc(list, func(name string) bool { return name == "" })
}

func (a answering) atAddress(at netip.AddrPort) bool {
	d := a.deployment.Spec
	for _, c := range a.containers {
		if c.Address == at.Addr() {
			return true
		}
		for _, published := range c.PublishedPorts {
			if published.Port() == at.Port() && a.reaches(published.Addr(), at.Addr()) {
				return true
			}
		}
	}
	for _, adopted := range d.Adopt {
		if adopted.Address == at.String() {
			return true
		}
	}
	for _, port := range d.Template.Ports {
		if on, err := netip.ParseAddr(orElse(port.HostIP, "127.0.0.1")); err == nil && port.HostPort == int(at.Port()) && a.reaches(on, at.Addr()) {
			return true
		}
	}
	if d.Strategy.BlueGreen == nil {
		return false
	}
	for _, slot := range d.Strategy.BlueGreen.Slots {
		if on, err := netip.ParseAddr(orElse(slot.HostIP, "127.0.0.1")); err == nil && slot.HostPort == int(at.Port()) && a.reaches(on, at.Addr()) {
			return true
		}
	}
	return false
}

// reaches: who dials an address comes to what is published on another one.
func (a answering) reaches(published, dialled netip.Addr) bool {
	if !published.IsUnspecified() {
		return published == dialled
	}
	return dialled.IsLoopback() || dialled == a.advertise || slices.Contains(ownAddresses(), dialled)
}

// ownAddresses are this machine's, as far as it tells.
func ownAddresses() []netip.Addr {
	found, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var list []netip.Addr
	for _, one := range found {
		if prefix, err := netip.ParsePrefix(one.String()); err == nil {
			list = append(list, prefix.Addr().Unmap())
		}
	}
	return list
}
