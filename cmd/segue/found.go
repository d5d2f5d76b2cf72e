package main

import (
	"context"
	"fmt"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// found is a Deployment's status; a refusal of kind NotFound when there is none.
func found(ctx context.Context, s api.Service, name spec.Name) (api.Status, error) {
	list, err := s.List(ctx, api.Query{Kind: spec.KindDeployment, Namespace: name.Namespace, Name: name.Name})
	if err != nil {
		return api.Status{}, err
	}
	if len(list.Items) == 0 || list.Items[0].Deployment == nil {
		return api.Status{}, notFound(deployments, name)
	}
	return list.Items[0], nil
}

func notFound(r resource, name spec.Name) error {
	return &api.Refusal{Kind: api.NotFound, Message: fmt.Sprintf("%s %q not found; segue get %s -A lists what there is", r.plural, name, r.plural)}
}
