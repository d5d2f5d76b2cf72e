package controller

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// route hands the wish to every router around the Deployment.
func (e *executor) route(ctx context.Context, p *pass, step reconcile.Step) error {
	reserved, err := e.addresses.standby(ctx, p, step.Serving)
	if err != nil {
		return fmt.Errorf("route %s: %w", p.name, err)
	}
	serving := append([]string{}, step.Serving...)
	e.mu.Lock()
	p.memory.wished, p.memory.listening = serving, append([]string{}, step.Listeners...)
	p.memory.mayRoute = append(append([]string{}, p.memory.mayRoute...), serving...)
	e.mu.Unlock()
	var errs []error
	for nginx, wish := range p.routeWishes(step, reserved, reaching{adopted: adoptionsOf(p), advertise: e.advertise}) {
		errs = append(errs, e.wishFor(nginx, wish))
		e.mu.Lock()
		p.memory.routed[nginx] = p.wantedText(nginx)
		e.mu.Unlock()
	}
	for nginx := range e.former(p) {
		if slices.Contains(step.Listeners, nginx.String()) {
			continue // somebody may still dial its listener
		}
		errs = append(errs, e.wishFor(nginx, reconcile.RouteWish{Deployment: p.name}))
	}
	return errors.Join(errs...)
}

func (e *executor) wishFor(nginx spec.Name, wish reconcile.RouteWish) error {
	gateway := e.around.gateways.get(nginx)
	switch {
	case gateway == nil:
		return fmt.Errorf("nginx/%s: there is no such object", nginx)
	case gateway.err != nil:
		return fmt.Errorf("nginx/%s: %w", nginx, gateway.err)
	}
	gateway.driver.Route(wish)
	return nil
}

// former are the Nginx objects that still have the Deployment in their configuration and that its routes no longer go
// through.
func (e *executor) former(p *pass) map[spec.Name]bool {
	found := map[spec.Name]bool{}
	for name, gateway := range e.around.gateways.all() {
		if _, wanted := p.around.routes[name]; wanted || gateway.err != nil {
			continue
		}
		for _, server := range gateway.view.last().Servers {
			if len(server.Serves[p.name.String()]) > 0 || len(server.Listeners[p.name.String()]) > 0 {
				found[name] = true
			}
		}
	}
	return found
}

// leave takes the Deployment out of the Nginx objects that its routes no longer go through.
func (e *executor) leave(p *pass) {
	for nginx := range e.former(p) {
		if slices.ContainsFunc(p.observed.Fronts, func(f reconcile.Front) bool { return f.Nginx == nginx.String() && f.Server != "" }) {
			continue // that is for the planner to end
		}
		if err := e.wishFor(nginx, reconcile.RouteWish{Deployment: p.name}); err != nil {
			e.log.Error(err, "Leaving an nginx failed", "deployment", p.name.String())
		}
	}
}

// rehearse tells the routers where traffic will go once the instances that start are ready, so that they have prepared
// for it by then. It decides nothing: what is asked of them then is decided then.
func (e *executor) rehearse(p *pass) {
	if p.object.Deleting || p.flagged() || p.observed.RouteWish.State == reconcile.WishPending {
		return
	}
	step, expected := p.nextRoute(time.Now())
	if !expected || slices.Equal(step.Serving, p.memory.rehearsed) {
		return
	}
	p.memory.rehearsed = step.Serving
	for nginx, wish := range p.routeWishes(step, nil, reaching{adopted: adoptionsOf(p), advertise: e.advertise}) {
		gateway := e.around.gateways.get(nginx)
		if gateway == nil || gateway.err != nil {
			continue
		}
		if router, can := gateway.driver.(rehearser); can {
			router.Rehearse(wish)
		}
	}
}

// nextRoute is the Route that would be decided on if the target's instances that are on their way were ready.
func (p *pass) nextRoute(now time.Time) (step reconcile.Step, expected bool) {
	imagined := p.observed
	imagined.Instances = slices.Clone(p.observed.Instances)
	starting := false
	for i := range imagined.Instances {
		one := &imagined.Instances[i]
		if one.Revision != p.target.Hash || one.State != reconcile.ContainerRunning || one.Retired || one.Health.Ready == reconcile.Yes {
			continue
		}
		starting = true
		one.Health = reconcile.Health{Ready: reconcile.Yes, Started: true, Alive: reconcile.Yes, Warm: reconcile.Wish{State: reconcile.WishDone}}
	}
	if !starting {
		return step, false
	}
	for _, step := range reconcile.Next(p.desired, imagined, now).Steps {
		if step.Kind == reconcile.Route && step.Instance == "" {
			return step, true
		}
	}
	return step, false
}
