package controller

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// joinPeers adds the servers beside those that the Deployment itself answers: one that runs Eureka is taken away only
// while they are whole.
func (o *observer) joinPeers(ctx context.Context, p *pass) {
	var own []reconcile.Container
	for _, i := range p.observed.Instances {
		own = append(own, i.Container)
	}
	self := answering{deployment: *p.object.Manifest.Deployment, containers: own, advertise: o.advertise}
	for _, name := range o.objects.relations().names[spec.KindEureka] {
		object := o.objects.get(key{kind: spec.KindEureka, name: name})
		if object == nil || object.Manifest.Eureka == nil {
			continue
		}
		servers := object.Manifest.Eureka.Defaulted().Spec
		others := slices.DeleteFunc(slices.Clone(servers.Servers), self.at)
		switch len(others) {
		case len(servers.Servers):
		case 0:
			p.observed.Alone = append(p.observed.Alone, "eureka/"+name.String())
		default:
			p.observed.Peers = append(p.observed.Peers, o.peers(ctx, p, name, servers, others)...)
		}
	}
}

// peers are what is known of the other servers of one Eureka object.
func (o *observer) peers(ctx context.Context, p *pass, name spec.Name, s spec.EurekaSpec, others []string) []reconcile.Peer {
	var view registryView
	reason := notLooked
	var began time.Time
	if registry := o.around.registries.get(name); registry != nil {
		var err error
		if err = registry.err; err == nil {
			view, began, err = registry.view.get(ctx, p.memory.floor, p.maxAge())
		}
		if err != nil {
			view.servers, reason = nil, err.Error()
		}
		p.sinceBegan(began)
	}
	var list []reconcile.Peer
	for _, url := range others {
		peer := reconcile.Peer{URL: url, Reason: reason, Grace: secondsOf(s.Caches.FetchSeconds, 30)}
		for _, server := range view.servers {
			if strings.TrimRight(url, "/") == server.URL {
				peer.State, peer.Reason, peer.RestartedAt = server.State, server.Reason, server.RestartedAt
				peer.Lacks, peer.LacksOne = server.Lacks, server.LacksOne
			}
		}
		o.besidePeer(ctx, p, &peer, began)
		list = append(list, peer)
	}
	return list
}

// besidePeer looks at the Deployment that answers a peer, if one does: what is being replaced answers no more in a
// moment, and what was read before its start is of the one before.
func (o *observer) besidePeer(ctx context.Context, p *pass, peer *reconcile.Peer, began time.Time) {
	for _, name := range o.objects.relations().names[spec.KindDeployment] {
		object := o.objects.get(deploymentKey(name))
		if name == p.name || object == nil || object.Manifest.Deployment == nil {
			continue
		}
		containers, read, err := o.around.fleet.of(ctx, name, p.memory.floor)
		if !(answering{deployment: *object.Manifest.Deployment, containers: containers, advertise: o.advertise}).at(peer.URL) {
			continue
		}
		if err != nil {
			peer.State, peer.Reason = reconcile.ServerUnknown, err.Error()
			return
		}
		p.sinceBegan(read)
		for _, c := range containers {
			switch {
			case c.Leaving() || c.State == reconcile.ContainerCreated:
				peer.Replaced = name.String()
			case c.State == reconcile.ContainerRunning && c.StartedAt.After(peer.RestartedAt):
				peer.RestartedAt = c.StartedAt
			}
		}
		if peer.State == reconcile.ServerUp && !began.After(peer.RestartedAt) {
			peer.State, peer.Reason = reconcile.ServerUnknown, "it has not been read since it started"
		}
		return
	}
}
