package controller

import (
	"context"
	"errors"

	"github.com/segue-dev/segue/controller/api"
)

// Controller is the loop. It implements api.Service.
type Controller struct {
	options Options
}

var _ api.Service = (*Controller)(nil)

// New reads what the store remembers. It starts nothing; a store that cannot be read is an error, never an empty one.
func New(options Options) (*Controller, error) {
	options.fill()
	return &Controller{options: options}, nil
}

// Run works until ctx ends and returns when everything that it started has ended.
func (c *Controller) Run(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// Ready returns when every source was read once and every object was looked at once, so that List and Plan tell the
// truth; or with ctx's error.
func (c *Controller) Ready(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

var errNotYet = errors.New("not built yet")
