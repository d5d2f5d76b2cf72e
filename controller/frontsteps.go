package controller

import (
	"context"
	"fmt"
	"maps"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// serverMark is the metadata that says to people which nginx server is behind a registration.
const serverMark = "segue.nginx"

// frontStep registers an nginx server in place of instances, takes it out, or deletes what is left of it. What is not
// there any more is deleted at once.
func (e *executor) frontStep(ctx context.Context, p *pass, step reconcile.Step) error {
	f := p.front(step.Instance)
	meant, ok := parseFront(step.Instance)
	if f == nil || !ok {
		return fmt.Errorf("%s %s: it is gone", step.Kind, step.Instance)
	}
	registry := e.around.registries.get(spec.ParseName(meant.registry))
	switch {
	case registry == nil:
		return fmt.Errorf("eureka/%s: there is no such object", meant.registry)
	case registry.err != nil:
		return fmt.Errorf("eureka/%s: %w", meant.registry, registry.err)
	}
	order := reconcile.LeaseOrder{
		ID: eurekaID(e.owner, p.name, step.Instance), App: meant.app, HostName: meant.host, Port: meant.port, Managed: true,
		Metadata: map[string]string{},
	}
	if registration := p.target.Deployment.Spec.Eureka; registration != nil {
		maps.Copy(order.Metadata, registration.Metadata)
	}
	order.Metadata[serverMark] = meant.server
	switch {
	case step.Kind == reconcile.Register:
		return registry.driver.Open(ctx, order)
	case step.Kind == reconcile.Remove || f.State == reconcile.ServerDown:
		return registry.driver.Remove(ctx, order)
	default:
		return registry.driver.Close(ctx, order)
	}
}
