package controller

import (
	"context"
	"fmt"
	"io"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
)

// Logs copies an instance's log.
func (c *Controller) Logs(ctx context.Context, query api.LogQuery, to io.Writer) error {
	instance := query.Instance
	if instance == "" {
		var err error
		if instance, err = c.chooseInstance(query); err != nil {
			return err
		}
	}
	options := reconcile.LogOptions{Follow: query.Follow, Tail: query.Tail, Timestamps: query.Timestamps}
	if err := c.options.Runtime.Logs(ctx, instance, options, to); err != nil {
		return fmt.Errorf("read the log of %s: %w", instance, err)
	}
	return nil
}

// chooseInstance is a Deployment's newest instance, of a revision if one is named; with Previous the last that failed.
func (c *Controller) chooseInstance(query api.LogQuery) (string, error) {
	k := deploymentKey(query.Deployment)
	one, known := c.board.get(k)
	if !known || one.status.Deployment == nil {
		return "", refuse(api.NotFound, k.String()+" not found")
	}
	newest, highest := "", -1
	for _, i := range one.status.Deployment.Instances {
		failed := i.ExitCode != nil && i.Status != wordStopping
		if query.Revision != 0 && i.Revision != query.Revision || query.Previous != failed {
			continue
		}
		if n := numberOf(i.Name); n > highest {
			newest, highest = i.Name, n
		}
	}
	if r := c.objects.record(query.Deployment); newest == "" && query.Previous && r != nil {
		newest = r.FailedInstance
	}
	if newest == "" {
		return "", refuse(api.NotFound, k.String()+" has no such instance")
	}
	return newest, nil
}
