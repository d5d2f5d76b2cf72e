package reconcile

import "slices"

// observe reads the world as the loop would for one Deployment.
func (w *world) observe(d *worldDeployment) Observed {
	o := Observed{Began: w.now, Dependencies: slices.Clone(d.dependencies), TakenSlots: d.takenSlots}
	if w.engineDown {
		o.Engine = Culprit{Name: "docker", Reason: "the engine does not answer"}
		return o
	}
	s := d.desired.Wanted.Deployment.Spec
	if len(s.AllRoutes()) > 0 || w.everFronted(d) || w.everRouted(d) {
		for _, n := range w.nginx {
			o.Nginx = append(o.Nginx, n.view(d.desired.Name.String()))
		}
	}
	if s.Eureka != nil || w.everRegistered(d) || w.everFronted(d) {
		for _, e := range w.eureka {
			o.Eureka = append(o.Eureka, e.view())
		}
	}
	for _, c := range w.containers {
		if c.Deployment != d.desired.Name {
			continue
		}
		o.Instances = append(o.Instances, w.instance(d, c, o))
		o.HighestN = max(o.HighestN, c.N)
	}
	o.Fronts = w.fronts(d)
	if pull := d.pulls[chooseTarget(d.desired).revision.Hash]; pull != nil {
		switch {
		case w.now.Before(pull.doneAt):
			o.Pull = Wish{State: WishPending, Reason: "pulling", At: pull.doneAt}
		case pull.failed:
			o.Pull = Wish{State: WishFailed, Own: !pull.foreign, Reason: "manifest unknown", At: pull.doneAt}
			if pull.foreign {
				o.Pull.Reason = "the image registry does not answer"
			}
		default:
			o.Pull = Wish{State: WishDone, At: pull.doneAt}
		}
	}
	if d.startFailed.Own || w.now.Before(d.startFailed.At.Add(StartMemory)) {
		o.StartFailed = d.startFailed
	}
	o.Peers, o.Alone = w.peersOf(d), d.alone
	o.RouteWish, o.Wished, o.MayRoute = d.route.wish, d.route.wished, slices.Clone(d.route.mayRoute)
	o.Listening = d.route.listening
	if o.MayRoute == nil && d.route.wished != nil {
		o.MayRoute = []string{}
	}
	return o
}

func (w *world) everRegistered(d *worldDeployment) bool {
	for _, c := range w.containers {
		if c.Deployment == d.desired.Name && c.eurekaID != "" {
			return true
		}
	}
	return false
}

func (n *worldNginx) view(deployment string) NginxServer {
	v := NginxServer{Name: n.name, State: n.state, Included: TriOf(n.included), Switch: "reload", KeepAlive: n.keepAlive}
	if n.state != ServerUp || !n.included {
		return v
	}
	v.Generation = "g"
	v.Serves = map[string][]string{}
	for name, backends := range n.loaded {
		if name != deployment {
			continue
		}
		list := []string{}
		for _, b := range backends {
			list = append(list, b.instance)
		}
		v.Serves[name] = list
	}
	return v
}

func (e *worldEureka) view() EurekaServer {
	v := EurekaServer{URL: e.url, State: e.state, RestartedAt: e.restartedAt, Leases: map[string]Lease{}}
	if e.state != ServerUp {
		return v
	}
	for id, lease := range e.leases {
		if lease.status != LeaseNone || lease.cached {
			v.Leases[id] = lease.view(id)
		}
	}
	return v
}

func (l *worldLease) view(id string) Lease {
	overridden := LeaseNone
	if l.override {
		overridden = LeaseOutOfService
	}
	return Lease{ID: id, Status: l.status, Overridden: overridden, Own: l.own, Visible: TriOf(l.cached), VisibleSince: l.visibleSince, HiddenSince: l.hiddenSince}
}

func (w *world) instance(d *worldDeployment, c *worldContainer, o Observed) Instance {
	i := Instance{Container: c.Container, Health: c.health, EurekaID: c.eurekaID, Adopted: c.adopted, AddressOnly: c.addressOnly}
	if c.State == ContainerExited {
		i.LastLog = []string{"the last line of " + c.Name}
	}
	name := d.desired.Name.String()
	for k, n := range w.nginx {
		if k >= len(o.Nginx) {
			break
		}
		fact := NginxFact{Server: n.name, State: n.state, Connections: -1}
		if n.state == ServerUp && n.included {
			fact.Routed = TriOf(n.routes(name, c.Name))
			fact.Reachable = TriOf(n.mayReach(name, c.Name))
			fact.Connections = 0
		}
		i.Nginx = append(i.Nginx, fact)
	}
	if c.eurekaID == "" {
		return i
	}
	for _, e := range w.eureka {
		fact := EurekaFact{Server: e.url, State: e.state, RestartedAt: e.restartedAt}
		if lease := e.leases[c.eurekaID]; lease != nil && e.state == ServerUp {
			fact.Lease = lease.view(c.eurekaID)
		}
		i.Eureka = append(i.Eureka, fact)
	}
	return i
}
