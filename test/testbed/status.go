package testbed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// Status is the one of a Deployment, by NAME or NAMESPACE.NAME, of the manifest as it was last written: an error when segue
// does not know it, or not as it is now.
func (c *Controller) Status(ctx context.Context, name string) (api.DeploymentStatus, error) {
	meant := spec.ParseName(name)
	list, err := c.Client.List(ctx, api.Query{Kind: spec.KindDeployment, Namespace: meant.Namespace, Name: meant.Name})
	if err != nil {
		return api.DeploymentStatus{}, err
	}
	if len(list.Items) != 1 || list.Items[0].Deployment == nil {
		return api.DeploymentStatus{}, fmt.Errorf("segue knows %d deployments %s", len(list.Items), name)
	}
	item := list.Items[0]
	if floor := c.floor[name]; item.Generation < floor || item.Deployment.ObservedGeneration != item.Generation {
		return *item.Deployment, fmt.Errorf("segue is at generation %d of %s, and has observed %d; %d was written", item.Generation, name, item.Deployment.ObservedGeneration, floor)
	}
	c.seen[name] = item.Generation
	return *item.Deployment, nil
}

// Await asks for a Deployment's status until it is as wanted. Errors in between are waited out: segue may just start.
func (c *Controller) Await(ctx context.Context, name, what string, within time.Duration, wanted func(api.DeploymentStatus) bool) (api.DeploymentStatus, error) {
	ctx, done := context.WithTimeout(ctx, within)
	defer done()
	var last api.DeploymentStatus
	var failed error
	for {
		status, err := c.Status(ctx, name)
		if err == nil && wanted(status) {
			c.Count(name, status)
			return status, nil
		}
		if ctx.Err() == nil {
			last, failed = status, err
		}
		if !Pause(ctx, 20*time.Millisecond) {
			text, err := json.MarshalIndent(last, "", " ")
			if err != nil {
				text = []byte(err.Error())
			}
			return last, errors.Join(fmt.Errorf("deployment %s is not %s within %s: %s\n%s", name, what, within, text, c.LogTail(30)), failed)
		}
	}
}

// Count counts a rollout where all of a Deployment is of another revision than when it was last whole.
func (c *Controller) Count(name string, d api.DeploymentStatus) {
	revision := int64(d.TargetRevision)
	if d.Revision != d.TargetRevision || d.UpdatedReplicas != d.Replicas || d.AvailableReplicas != d.Replicas || d.LiveReplicas != d.Replicas {
		return
	}
	if before := c.whole[name]; before != 0 && before != revision {
		rollouts.Add(1)
	}
	c.whole[name] = revision
}

// Known says that segue has read the manifest as it was last written.
func Known(api.DeploymentStatus) bool { return true }

// Rolled says that a rollout of app has ended well: all of it runs and serves, and nothing else of it lives. Containers
// that have exited may still be there: behind Eureka they are kept until their lease has been gone for 35 s.
func Rolled(app App) func(api.DeploymentStatus) bool {
	return func(d api.DeploymentStatus) bool {
		return d.Image == app.Image() && d.Rejected == nil && d.Revision == d.TargetRevision && d.Replicas == app.Replicas &&
			d.UpdatedReplicas == d.Replicas && d.AvailableReplicas == d.Replicas && d.LiveReplicas == d.Replicas
	}
}

// Settled says beside Rolled that nothing is left to do.
func Settled(app App) func(api.DeploymentStatus) bool {
	rolled := Rolled(app)
	return func(d api.DeploymentStatus) bool { return d.Settled && rolled(d) }
}
