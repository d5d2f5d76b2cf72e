package controller

import (
	"context"
	"os"

	"github.com/segue-dev/segue/controller/api"
)

// List gives the objects that match, as they were last looked at, secrets masked.
func (c *Controller) List(_ context.Context, query api.Query) (api.List, error) {
	matches, err := matcher(query)
	if err != nil {
		return api.List{}, err
	}
	if query.Kind == api.KindSource {
		c.sources.mark("")
		c.sources.sumUp()
	}
	list, changes := c.board.list(matches)
	changes.close()
	return api.List{Items: list}, nil
}

// Watch calls each with the statuses that match, then with each that changes.
func (c *Controller) Watch(ctx context.Context, query api.Query, each func(api.Status) error) error {
	matches, err := matcher(query)
	if err != nil {
		return err
	}
	list, changes := c.board.list(matches)
	defer changes.close()
	for {
		for _, status := range list {
			if !matches(status) {
				continue
			}
			if err := each(status); err != nil {
				return err
			}
		}
		if list, err = changes.next(ctx); err != nil {
			return err
		}
	}
}

// Events gives those that match, oldest first.
func (c *Controller) Events(ctx context.Context, query api.EventQuery, each func(api.Event) error) error {
	return c.journal.read(ctx, query, each)
}

// Version says who answers.
func (c *Controller) Version(context.Context) (api.Version, error) {
	return api.Version{Version: c.options.Version, Owner: c.options.Owner, PID: os.Getpid()}, nil
}
