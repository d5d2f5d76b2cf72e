package controller

import (
	"context"
	"io"

	"github.com/segue-dev/segue/controller/api"
)

func (c *Controller) List(ctx context.Context, query api.Query) (api.List, error) {
	return api.List{}, errNotYet
}

func (c *Controller) Watch(ctx context.Context, query api.Query, each func(api.Status) error) error {
	return errNotYet
}

func (c *Controller) Apply(ctx context.Context, request api.ApplyRequest) (api.ApplyResult, error) {
	return api.ApplyResult{}, errNotYet
}

func (c *Controller) Plan(ctx context.Context, request api.ApplyRequest) (api.PlanResult, error) {
	return api.PlanResult{}, errNotYet
}

func (c *Controller) Delete(ctx context.Context, request api.DeleteRequest) (api.ApplyResult, error) {
	return api.ApplyResult{}, errNotYet
}

func (c *Controller) Intend(ctx context.Context, intent api.Intent) (api.ApplyResult, error) {
	return api.ApplyResult{}, errNotYet
}

func (c *Controller) Events(ctx context.Context, query api.EventQuery, each func(api.Event) error) error {
	return errNotYet
}

func (c *Controller) Logs(ctx context.Context, query api.LogQuery, to io.Writer) error {
	return errNotYet
}

func (c *Controller) Version(ctx context.Context) (api.Version, error) {
	return api.Version{}, errNotYet
}
