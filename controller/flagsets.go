package controller

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// flagged: the Deployment owns two sets of addresses, so that flag mode can switch between them without a reload:
// BlueGreen with a variable route.
func (p *pass) flagged() bool {
	s := p.target.Deployment.Spec
	if s.Strategy.Type != spec.BlueGreen {
		return false
	}
	for _, route := range s.Routes {
		if route.Kind() == spec.RouteVariable {
			return true
		}
	}
	return false
}

// setsOf are the names of the Deployment's two sets of addresses.
func setsOf(name spec.Name) [2]string {
	return [2]string{name.String() + "/blue", name.String() + "/green"}
}

// request asks for the address of an instance of a revision.
func (a *addresses) request(p *pass, instance, revision string) reconcile.AddressRequest {
	request := reconcile.AddressRequest{Instance: instance}
	if !p.flagged() {
		return request
	}
	request.SetSize = *p.desired.Wanted.Deployment.Spec.Replicas
	request.Set = a.setOf(p, revision)
	return request
}

// setOf is the set of a revision: that of its instances, else the one that no other revision's instance is in.
func (a *addresses) setOf(p *pass, revision string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	sets := map[string]string{}
	for _, r := range a.table {
		if r.Released.IsZero() {
			sets[r.Instance] = r.Set
		}
	}
	both := setsOf(p.name)
	other := ""
	for _, i := range p.observed.Instances {
		set := sets[i.Name]
		switch {
		case set == "":
		case i.Revision == revision:
			return set
		case i.Live():
			other = set
		}
	}
	if other == both[0] {
		return both[1]
	}
	return both[0]
}

// standby are the addresses of the set that none of serving is in: those that the next colour will have. They are
// reserved for good when they are asked for first.
func (a *addresses) standby(ctx context.Context, p *pass, serving []string) ([]netip.Addr, error) {
	if !p.flagged() || len(serving) == 0 {
		return nil, nil
	}
	both := setsOf(p.name)
	set := both[0]
	for _, r := range a.inSet(both[0]) {
		if slices.Contains(serving, r.Instance) {
			set = both[1]
		}
	}
	size := *p.desired.Wanted.Deployment.Spec.Replicas
	if err := a.fill(ctx, set, size); err != nil {
		return nil, err
	}
	var list []netip.Addr
	for _, r := range a.inSet(set) {
		list = append(list, r.Address)
	}
	return list, nil
}

// fill gives a set its addresses: those that are still missing are reserved for nobody, and released.
func (a *addresses) fill(ctx context.Context, set string, size int) error {
	var held []string
	var err error
	for n := 0; n < size && len(a.inSet(set)) < size && err == nil; n++ {
		nobody := fmt.Sprintf("%s#%d", set, n+1)
		held = append(held, nobody)
		_, err = a.reserve(ctx, reconcile.AddressRequest{Instance: nobody, Set: set, SetSize: size})
	}
	errs := []error{err}
	for _, nobody := range held {
		errs = append(errs, a.release(nobody))
	}
	return errors.Join(errs...)
}

// inSet are the reservations of one set.
func (a *addresses) inSet(set string) []reconcile.Reservation {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(a.table), func(r reconcile.Reservation) bool { return r.Set != set })
}

// disband gives the sets of a Deployment that is gone back to everybody.
func (a *addresses) disband(name spec.Name) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	both := setsOf(name)
	table, changed := slices.Clone(a.table), false
	for i := range table {
		if table[i].Set == both[0] || table[i].Set == both[1] {
			table[i].Set, changed = "", true
		}
	}
	if !changed {
		return nil
	}
	return a.keep(table)
}
