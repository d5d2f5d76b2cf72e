package controller

import (
	"context"
	"fmt"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// orphansKey stands for everything that runs with this owner's label and that no object claims.
var orphansKey = key{kind: "Orphans"}

// lookAtOrphans lists the labelled containers without an object. They are kept as they are: their object may return.
func (l *looker) lookAtOrphans(ctx context.Context) time.Time {
	all, _, err := l.control.around.fleet.view.get(ctx, time.Time{}, fleetAge)
	if err != nil {
		return time.Now().Add(storePause)
	}
	found := map[key]bool{}
	for name, containers := range all {
		k := deploymentKey(name)
		if name.Name == "" || l.control.objects.get(k) != nil {
			continue
		}
		found[k] = true
		if _, known := l.control.board.get(k); !known {
			l.control.journal.note(k, warning, "Orphaned", fmt.Sprintf("%d containers belong to no object; apply it again, or delete it with segue delete --orphans", len(containers)), "")
		}
		l.control.board.publish(k, posted{status: orphanStatus(k, containers)}, func() bool { return l.control.objects.get(k) == nil })
	}
	for _, k := range l.control.board.orphans() {
		if !found[k] && l.control.objects.get(k) == nil {
			l.control.board.remove(k, nil)
		}
	}
	return time.Time{}
}

func orphanStatus(k key, containers []reconcile.Container) api.Status {
	d := &api.DeploymentStatus{Orphan: true, Phase: "Orphan", Reason: "its containers run; no object claims them", Settled: true}
	for _, c := range containers {
		one := api.Instance{
			Name: c.Name, Deployment: k.name, Hash: c.Revision, Slot: c.Slot, Image: c.Image, StartedAt: c.StartedAt,
			Status: c.State.String(), Nginx: "-", Eureka: "-",
		}
		if c.Address.IsValid() {
			one.Address = c.Address.String()
		}
		d.LiveReplicas += number(c.Live())
		d.Instances = append(d.Instances, one)
	}
	return api.Status{Kind: k.kind, Name: k.name, Deployment: d, Manifest: spec.Manifest{Deployment: bareDeployment(k.name)}}
}

// bareDeployment is what is known of a Deployment whose manifest is not.
func bareDeployment(name spec.Name) *spec.Deployment {
	d := &spec.Deployment{APIVersion: spec.APIVersion, Kind: spec.KindDeployment}
	d.Metadata = spec.Metadata{Name: name.Name, Namespace: name.Namespace}
	return d
}

// orphans are the keys of those on the board.
func (b *board) orphans() []key {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []key
	for k, one := range b.statuses {
		if one.status.Deployment != nil && one.status.Deployment.Orphan {
			list = append(list, k)
		}
	}
	return list
}

// adoptOrphans makes an object of what no object claims, so that it can be deleted. The caller holds writing.
func (c *Controller) adoptOrphans(k key, who author) (change, error) {
	if _, listed := c.board.get(k); !listed || c.objects.get(k) != nil {
		return change{}, refuse(api.NotFound, fmt.Sprintf("no orphans of %s", k))
	}
	now := time.Now()
	after := &object{
		Manifest: spec.Manifest{Deployment: bareDeployment(k.name)}, Owner: who.owner, Generation: 1, CreatedAt: now, At: now,
		By: who.by, Deleting: true, Orphan: true,
	}
	one := change{key: k, after: after, record: &record{}, result: resultDeleted}
	one.record.follow(after, spec.RevisionHash(*after.Manifest.Deployment, nil))
	return one, nil
}
