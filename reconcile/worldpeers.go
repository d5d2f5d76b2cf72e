package reconcile

import (
	"slices"
	"time"
)

// peersOf are the other servers beside the one that a Deployment's instances are.
func (w *world) peersOf(d *worldDeployment) []Peer {
	own := w.serverOf(d)
	if own == nil {
		return slices.Clone(d.peers)
	}
	var peers []Peer
	for _, e := range w.eureka {
		if e == own {
			continue
		}
		p := Peer{URL: e.url, State: e.state, RestartedAt: e.restartedAt, Grace: w.costs.Response}
		for _, c := range w.containers {
			if c.Deployment.String() == e.by && e.by != "" && (c.Leaving() || c.State == ContainerCreated) {
				p.Replaced = e.by
			}
		}
		if e.state == ServerUp {
			p.Lacks, p.LacksOne = w.lacking(e)
		}
		peers = append(peers, p)
	}
	return peers
}

func (w *world) serverOf(d *worldDeployment) *worldEureka {
	for _, e := range w.eureka {
		if e.by == d.desired.Name.String() {
			return e
		}
	}
	return nil
}

// lacking counts what another server shows consumers as UP and e does not.
func (w *world) lacking(e *worldEureka) (n int, one string) {
	for _, other := range w.eureka {
		if other == e || other.state != ServerUp {
			continue
		}
		for id, lease := range other.leases {
			c := w.container(lease.instance)
			alive := c != nil && c.State == ContainerRunning // what nobody renews does not count
			if here := e.leases[id]; lease.cached && alive && (here == nil || !here.cached) {
				n++
				if one == "" || id < one {
					one = id
				}
			}
		}
	}
	return n, one
}

// moveServers lets servers that instances of Deployments are come and go with them. Each comes back empty.
func (w *world) moveServers() {
	for _, e := range w.eureka {
		if e.by == "" {
			continue
		}
		answered := slices.ContainsFunc(w.containers, func(c *worldContainer) bool { return c.Deployment.String() == e.by && w.answers(c) })
		switch {
		case answered && e.refusing:
			e.refusing, e.state, e.leases = false, ServerUp, map[string]*worldLease{}
			e.restartedAt, e.refreshAt = w.now, w.now.Add(w.costs.Response)
		case !answered && !e.refusing:
			e.refusing, e.state, e.refusedAt = true, ServerUnknown, w.now
		case e.refusing && w.now.Sub(e.refusedAt) > downAfter:
			e.state = ServerDown
		}
	}
}

// downAfter is how long a server refuses in the model before it counts as down.
const downAfter = 6 * time.Second

// enter gives a Deployment the turn to take its server away. What it has seen must be newer than the last one's turn.
func (w *world) enter(d *worldDeployment, began time.Time) bool {
	name := d.desired.Name.String()
	if w.serverOf(d) == nil || w.turn == name {
		return true
	}
	if w.turn != "" || !began.After(w.turnAt) {
		return false
	}
	w.turn = name
	return true
}

// leave ends the turn of a Deployment that has nothing left to do.
func (w *world) leave(d *worldDeployment) {
	if w.turn == d.desired.Name.String() {
		w.turn, w.turnAt = "", w.now
	}
}
