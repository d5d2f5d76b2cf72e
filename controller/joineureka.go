package controller

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// registryView is a Eureka object's view with the leases sorted by Deployment, so that a look at one Deployment does
// not read those of all.
type registryView struct {
	servers []reconcile.EurekaServer
	// byDeployment has, for each server, the leases of this owner's ids by the Deployment in them; "" those of others.
	byDeployment []map[string]map[string]reconcile.Lease
}

// viewRegistry reads a registry's view and sorts it.
func viewRegistry(owner string) func(context.Context, Registry, time.Time) (registryView, time.Time, error) {
	return func(ctx context.Context, registry Registry, began time.Time) (registryView, time.Time, error) {
		view, err := registry.View(ctx, began)
		if err != nil {
			return registryView{}, time.Time{}, fmt.Errorf("look at eureka: %w", err)
		}
		sorted := registryView{servers: view.Servers}
		for _, server := range view.Servers {
			byDeployment := map[string]map[string]reconcile.Lease{}
			for id, lease := range server.Leases {
				deployment, _, _ := splitEurekaID(owner, id)
				if byDeployment[deployment] == nil {
					byDeployment[deployment] = map[string]reconcile.Lease{}
				}
				byDeployment[deployment][id] = lease
			}
			sorted.byDeployment = append(sorted.byDeployment, byDeployment)
		}
		return sorted, view.Began, nil
	}
}

// eurekaID is the id of an instance that segue started.
func eurekaID(owner string, deployment spec.Name, instance string) string {
	return owner + ":" + deployment.String() + ":" + instance
}

// splitEurekaID reads what eurekaID wrote; ok is false for ids of others.
func splitEurekaID(owner, id string) (deployment, instance string, ok bool) {
	rest, own := strings.CutPrefix(id, owner+":")
	if !own {
		return "", "", false
	}
	deployment, instance, ok = strings.Cut(rest, ":")
	if !ok {
		return "", "", false
	}
	return deployment, instance, true
}

// joinEureka adds the servers of the registries that the Deployment's revisions registered with, and what each means
// for each instance.
func (o *observer) joinEureka(ctx context.Context, p *pass, adopted adoptions) {
	p.leases, p.homes = map[string][]leaseAt{}, map[string]map[spec.Name]bool{}
	ids := adopted.eurekaIDs()
	home := map[string]spec.Name{}
	for _, name := range p.around.registries {
		view := o.registryView(ctx, p, name, ids)
		for i, server := range view.servers {
			server.Leases = o.leasesOf(view, i, p.name, ids)
			server.ForeignTo = o.objects.foreignTo(p, name)
			home[server.URL] = name
			p.observed.Eureka = append(p.observed.Eureka, server)
			for id, lease := range server.Leases {
				if _, instance, own := splitEurekaID(o.owner, id); own {
					p.leases[instance] = append(p.leases[instance], leaseAt{registry: name, id: id, lease: lease})
				}
			}
		}
	}
	for _, name := range sortedKeys(p.around.missingRegistry) {
		p.observed.Eureka = append(p.observed.Eureka, reconcile.EurekaServer{URL: name, Reason: p.around.missingRegistry[name]})
	}
	for i := range p.observed.Instances {
		o.registered(p, &p.observed.Instances[i], adopted, home)
	}
	o.joinFronts(p, home)
}

// leasesOf are those of one Deployment's own ids and of the adopted ones on a server; nil where they are not known.
func (o *observer) leasesOf(view registryView, server int, name spec.Name, adopted []string) map[string]reconcile.Lease {
	if view.servers[server].Leases == nil || server >= len(view.byDeployment) {
		return nil
	}
	leases := maps.Clone(view.byDeployment[server][name.String()])
	if leases == nil {
		leases = map[string]reconcile.Lease{}
	}
	for _, id := range adopted {
		if lease, ok := view.servers[server].Leases[id]; ok {
			leases[id] = lease
		}
	}
	return leases
}

// registryView reads one Eureka object's view. What cannot be read is known by URL only.
func (o *observer) registryView(ctx context.Context, p *pass, name spec.Name, adopted []string) registryView {
	registry := o.around.registries.get(name)
	if registry == nil || registry.err != nil {
		reason := notLooked
		if registry != nil {
			reason = registry.err.Error()
		}
		return registryView{servers: []reconcile.EurekaServer{{URL: "eureka/" + name.String(), Reason: reason}}}
	}
	if !p.imagined {
		o.around.watchLeases(name, registry.driver, p.name, adopted)
	}
	view, began, err := registry.view.get(ctx, p.memory.floor, p.maxAge())
	if err == nil {
		p.sinceBegan(began)
		return view
	}
	unknown := registryView{}
	for _, server := range view.servers {
		unknown.servers = append(unknown.servers, reconcile.EurekaServer{URL: server.URL, Reason: err.Error()})
	}
	if len(unknown.servers) == 0 {
		unknown.servers = []reconcile.EurekaServer{{URL: "eureka/" + name.String(), Reason: err.Error()}}
	}
	return unknown
}

// registered fills in an instance's id and facts. A server of a registry that the instance never registers with is
// down for it: nobody gets through there.
func (o *observer) registered(p *pass, i *reconcile.Instance, adopted adoptions, home map[string]spec.Name) {
	own := p.revisionOf(i.Revision).Deployment
	switch {
	case i.Revision == reconcile.AdoptedRevision:
		i.Adopted = true
		i.EurekaID = adopted[i.Name].EurekaID
	case own.Spec.Eureka != nil && !own.Spec.Proxied() || len(p.leases[i.Name]) > 0:
		i.EurekaID = eurekaID(o.owner, p.name, i.Name)
	}
	if i.EurekaID == "" {
		return
	}
	registry := spec.Name{}
	if own.Spec.Eureka != nil {
		registry = o.objects.registryOf(*own.Spec.Eureka, p.name.Namespace)
	}
	homes := map[spec.Name]bool{}
	for _, server := range p.observed.Eureka {
		fact := reconcile.EurekaFact{Server: server.URL, State: server.State, RestartedAt: server.RestartedAt}
		lease, shown := server.Leases[i.EurekaID]
		fact.Lease = lease
		foreign := registry != (spec.Name{}) && home[server.URL] != registry && len(p.around.registries) > 1
		if foreign && !(shown && lease.Own) {
			fact.State = reconcile.ServerDown
		} else {
			homes[home[server.URL]] = true
		}
		i.Eureka = append(i.Eureka, fact)
	}
	p.homes[i.Name] = homes
}

// homesOf are the registries that the instance registers with, and those that show it.
func (p *pass) homesOf(i *reconcile.Instance) []spec.Name {
	return slices.DeleteFunc(slices.Clone(p.around.registries), func(name spec.Name) bool { return !p.homes[i.Name][name] })
}

// homesOf are the registries that instances of a revision register with: its own one; all around the Deployment while
// that is not there.
func (o *objects) homesOf(p *pass, revision reconcile.Revision) []spec.Name {
	if registration := revision.Deployment.Spec.Eureka; registration != nil {
		if name := o.registryOf(*registration, p.name.Namespace); name != (spec.Name{}) {
			return []spec.Name{name}
		}
	}
	return p.around.registries
}

// foreignTo are the hashes of the Deployment's revisions that register with another Eureka object than this one.
func (o *objects) foreignTo(p *pass, name spec.Name) []string {
	if len(p.around.registries) < 2 {
		return nil
	}
	var hashes []string
	for _, revision := range append([]reconcile.Revision{p.desired.Wanted, p.target}, p.record.Accepted...) {
		if homes := o.homesOf(p, revision); !slices.Contains(homes, name) && !slices.Contains(hashes, revision.Hash) {
			hashes = append(hashes, revision.Hash)
		}
	}
	return hashes
}
