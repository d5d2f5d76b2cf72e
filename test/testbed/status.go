package testbed

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/segue-dev/segue/controller/api"
)

// Status is a Deployment's now; an error when segue does not know it.
func (c *Controller) Status(ctx context.Context, name string) (api.DeploymentStatus, error) {
	list, err := c.Client.List(ctx, api.Query{Kind: "Deployment", Name: name})
	if err != nil {
		return api.DeploymentStatus{}, err
	}
	if len(list.Items) != 1 || list.Items[0].Deployment == nil {
		return api.DeploymentStatus{}, fmt.Errorf("segue knows %d deployments %s", len(list.Items), name)
	}
	status := *list.Items[0].Deployment
	if status.ObservedGeneration != list.Items[0].Generation {
		status.Settled = false // what it says is of an older manifest
	}
	return status, nil
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
			return status, nil
		}
		if ctx.Err() == nil {
			last, failed = status, err
		}
		if !Pause(ctx, 50*time.Millisecond) {
			text, err := json.MarshalIndent(last, "", " ")
			if err != nil {
				text = []byte(err.Error())
			}
			return last, fmt.Errorf("deployment %s is not %s within %s (last error: %v): %s\n%s", name, what, within, failed, text, c.LogTail(30))
		}
	}
}

// Rolled says that a rollout to image has ended well: nothing else is left.
func Rolled(image string) func(api.DeploymentStatus) bool {
	return func(s api.DeploymentStatus) bool {
		if !s.Settled || s.Image != image || s.Rejected != nil || s.AvailableReplicas != s.Replicas {
			return false
		}
		for _, instance := range s.Instances {
			if instance.Image != image {
				return false
			}
		}
		return true
	}
}
