package controller

import (
	"context"

	"github.com/segue-dev/segue/controller/api"
)

// Plan says what Apply would lead to, and changes nothing.
func (c *Controller) Plan(ctx context.Context, request api.ApplyRequest) (api.PlanResult, error) {
	return api.PlanResult{}, nil
}
