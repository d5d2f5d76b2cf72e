package reconcile

import (
	"slices"
	"strings"
)

// frontName names the front of a server in the model; an application of another name is another registration.
func frontName(n *worldNginx, deployment, app string) string {
	return FrontPrefix + n.name + ":" + deployment + ":" + app
}

// frontsOf are the names of a Deployment's registered fronts at a server, sorted.
func (w *world) frontsOf(n *worldNginx, deployment string) []string {
	var names []string
	prefix := eurekaIDOf(FrontPrefix + n.name + ":" + deployment + ":")
	for _, e := range w.eureka {
		for id, lease := range e.leases {
			if strings.HasPrefix(id, prefix) && (lease.status != LeaseNone || lease.cached || !lease.hiddenSince.IsZero()) {
				names = append(names, lease.instance)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// everFronted: some server has a listener of the Deployment, or was registered for it.
func (w *world) everFronted(d *worldDeployment) bool {
	name := d.desired.Name.String()
	return slices.ContainsFunc(w.nginx, func(n *worldNginx) bool { return n.listens[name] || len(w.frontsOf(n, name)) > 0 })
}

// everRouted: some server may still send to the Deployment, though its routes do not go through it any more.
func (w *world) everRouted(d *worldDeployment) bool {
	name := d.desired.Name.String()
	return slices.ContainsFunc(w.nginx, func(n *worldNginx) bool {
		return n.included && (len(n.loaded[name]) > 0 || slices.ContainsFunc(n.workers, func(worker worldWorker) bool { return len(worker.loaded[name]) > 0 }))
	})
}

// fronts are those of a Deployment as the loop sees them.
func (w *world) fronts(d *worldDeployment) []Front {
	deployment, target := d.desired.Name.String(), chooseTarget(d.desired).revision.Deployment.Spec
	var fronts []Front
	for _, n := range w.nginx {
		one := Front{Nginx: n.object, Server: n.name, State: n.state}
		if n.state == ServerUp && n.included {
			one.Listens = TriOf(n.listens[deployment])
		}
		wanted := ""
		if target.Proxied() {
			wanted = frontName(n, deployment, target.Eureka.App)
		}
		names := w.frontsOf(n, deployment)
		if wanted != "" && !slices.Contains(names, wanted) {
			names = append(names, wanted)
		}
		for _, name := range names {
			f := one
			f.Name, f.Wanted, f.Eureka = name, name == wanted, w.frontFacts(name)
			if f.Wanted && f.Listens != Yes && !f.Registered() {
				f.Name = ""
			}
			fronts = append(fronts, f)
		}
		if len(names) == 0 && one.Listens == Yes {
			fronts = append(fronts, one)
		}
	}
	return fronts
}

func (w *world) frontFacts(name string) []EurekaFact {
	var facts []EurekaFact
	for _, e := range w.eureka {
		fact := EurekaFact{Server: e.url, State: e.state, RestartedAt: e.restartedAt}
		if lease := e.leases[eurekaIDOf(name)]; lease != nil && e.state == ServerUp {
			fact.Lease = lease.view(eurekaIDOf(name))
		}
		facts = append(facts, fact)
	}
	return facts
}
