package controller

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// slotPatience is how long a slot whose port a stranger was found to hold counts as taken.
const slotPatience = 30 * time.Second

// adoptions are what a Deployment takes over, by instance name.
type adoptions map[string]spec.Adopt

// adoptionsOf reads what was adopted, until a revision is accepted what the manifest adopts. A container keeps its own
// name, an address gets one.
func adoptionsOf(p *pass) adoptions {
	var list []spec.Adopt
	switch {
	case p.record.Adopted != nil:
		list = p.record.Adopted.Deployment.Spec.Adopt
	case len(p.record.Accepted) == 0:
		list = p.desired.Wanted.Deployment.Spec.Adopt
	}
	if len(list) == 0 {
		return nil
	}
	a := adoptions{}
	for i, one := range list {
		if one.Container != "" {
			a[one.Container] = one
		} else {
			a[fmt.Sprintf("%s-adopted-%d", p.name, i+1)] = one
		}
	}
	return a
}

func (a adoptions) containers() []string {
	var list []string
	for _, name := range sortedKeys(a) {
		if a[name].Container != "" {
			list = append(list, name)
		}
	}
	return list
}

// addresses are the adopted processes that segue cannot stop.
func (a adoptions) addresses(deployment spec.Name) []reconcile.Instance {
	var list []reconcile.Instance
	for _, name := range sortedKeys(a) {
		at, err := netip.ParseAddrPort(a[name].Address)
		if a[name].Address == "" || err != nil {
			continue
		}
		list = append(list, reconcile.Instance{
			Container: reconcile.Container{
				Name: name, Deployment: deployment, Revision: reconcile.AdoptedRevision,
				Address: at.Addr(), State: reconcile.ContainerRunning,
			},
			Adopted: true, AddressOnly: true,
		})
	}
	return list
}

// port is that of an adopted address, or the one that the manifest has for an adopted container; 0 for everything else.
func (a adoptions) port(instance string) int {
	if port := a[instance].Port; port != 0 {
		return port
	}
	if at, err := netip.ParseAddrPort(a[instance].Address); err == nil {
		return int(at.Port())
	}
	return 0
}

// eurekaIDs are the ids under which adopted instances are registered.
func (a adoptions) eurekaIDs() []string {
	var ids []string
	for _, name := range sortedKeys(a) {
		if id := a[name].EurekaID; id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// at aims the probes at the one port that an adopted instance has.
func (how probing) at(port int) probing {
	ports := append([]spec.Port(nil), how.ports...)
	for i := range ports {
		ports[i].ContainerPort = port
	}
	how.ports = ports
	how.readiness, how.fallback = aimed(how.readiness, port), aimed(how.fallback, port)
	how.startup, how.liveness = aimed(how.startup, port), aimed(how.liveness, port)
	return how
}

// readOnly leaves out what can be asked of a container only, and what is asked of nobody who cannot be restarted.
func (how probing) readOnly() probing {
	how.startup, how.liveness, how.warmup = nil, nil, nil
	if how.readiness != nil && how.readiness.Exec != nil {
		how.readiness = nil
	}
	return how
}

func aimed(probe *spec.Probe, port int) *spec.Probe {
	if probe == nil {
		return nil
	}
	p := *probe
	switch {
	case p.HTTPGet != nil:
		get := *p.HTTPGet
		get.Port = portRef(port)
		p.HTTPGet = &get
	case p.TCPSocket != nil:
		p.TCPSocket = &spec.TCPSocketAction{Port: portRef(port)}
	default:
		return probe
	}
	return &p
}

func portRef(port int) spec.PortRef { return spec.PortRef(fmt.Sprint(port)) }

// takenSlots are the slots whose port an adopted process or a stranger holds, with who holds it. An adopted process
// whose probe is refused holds nothing any more.
func takenSlots(p *pass, adopted adoptions) map[string]string {
	strategy := p.target.Deployment.Spec.Strategy.BlueGreen
	if strategy == nil || len(strategy.Slots) == 0 {
		return nil
	}
	taken := map[string]string{}
	for slot, place := range strategy.Slots {
		for _, i := range p.observed.Instances {
			if i.AddressOnly && adopted.port(i.Name) == place.HostPort && i.Health.Ready != reconcile.No {
				taken[slot] = adopted[i.Name].Address
			}
		}
		if stranger, ok := p.memory.slots[slot]; ok && p.began.Before(stranger.at.Add(slotPatience)) {
			taken[slot] = stranger.who
		}
	}
	return taken
}
