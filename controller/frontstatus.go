package controller

import (
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
)

// frontStatuses are the nginx servers that are or were registered in place of instances, as people see them.
func frontStatuses(p *pass) []api.Front {
	var list []api.Front
	for _, f := range p.observed.Fronts {
		if !f.Wanted && !f.Registered() {
			continue
		}
		one := api.Front{Nginx: f.Nginx, Server: f.Server, State: f.State.String(), Eureka: eurekaColumn(f.Eureka), Leaving: !f.Wanted, Reason: f.Reason}
		if meant, ok := parseFront(f.Name); ok {
			one.Server, one.Address = meant.server, meant.place()
		}
		list = append(list, one)
	}
	return list
}

// proxiedColumn is what Eureka says of the nginx servers in place of an instance, as "nginx UP 2/2".
func (p *pass) proxiedColumn() string {
	var facts []reconcile.EurekaFact
	for _, f := range p.observed.Fronts {
		if f.Wanted {
			facts = append(facts, f.Eureka...)
		}
	}
	if len(facts) == 0 {
		return "-"
	}
	return "nginx " + eurekaColumn(facts)
}
