package controller

import (
	"context"
	"slices"
	"sync"

	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// drivers are the engine, the probes, the routers and the registries, with one shared read of each.
type drivers struct {
	fleet      *fleet
	patients   *patients
	gateways   *gateways
	registries *registries
	// wake has an object looked at, and those that live with it; the zero key means all. show has one looked at alone.
	wake, show func(key)

	mu sync.Mutex
	// leases are the adopted ids by registry and Deployment.
	leases map[spec.Name]map[spec.Name][]string
}

// newDrivers starts nothing. wake and show are called with what a driver says has changed; they do not block.
func newDrivers(options Options, wake, show func(key)) *drivers {
	d := &drivers{
		fleet: newFleet(options.Runtime), patients: newPatients(options.Prober), wake: wake, show: show,
		leases: map[spec.Name]map[spec.Name][]string{},
	}
	d.gateways = newPool(options.NewRouter, d.runRouter, routerView, options.Log)
	d.registries = newPool(options.NewRegistry, func(ctx context.Context, name spec.Name, registry Registry) error {
		return d.runRegistry(ctx, options.Owner, name, registry)
	}, viewRegistry(options.Owner), options.Log)
	return d
}

// run runs all drivers in group until ctx ends.
func (d *drivers) run(ctx context.Context, group *sync.WaitGroup, log logr.Logger) {
	group.Go(func() {
		runForever(ctx, log.WithValues("driver", "runtime"), func(ctx context.Context) error {
			return d.fleet.runtime.Run(ctx, d.containersChanged)
		})
	})
	group.Go(func() {
		runForever(ctx, log.WithValues("driver", "prober"), func(ctx context.Context) error {
			return d.patients.prober.Run(ctx, d.healthChanged)
		})
	})
	group.Go(func() { d.gateways.keep(ctx) })
	group.Go(func() { d.registries.keep(ctx) })
}

// stale has everything read anew.
func (d *drivers) stale() {
	d.fleet.changed(spec.Name{})
	for _, gateway := range d.gateways.all() {
		gateway.view.stale.Store(true)
	}
	for _, registry := range d.registries.all() {
		registry.view.stale.Store(true)
	}
}

func (d *drivers) containersChanged(deployment string) {
	d.fleet.changed(spec.ParseName(deployment))
	if deployment == "" {
		// It may be the container of an nginx, which is looked at soon only where a change of it is awaited.
		for _, gateway := range d.gateways.all() {
			if router, ok := gateway.driver.(refresher); ok {
				router.Refresh()
			}
		}
		d.wake(key{})
		return
	}
	d.wake(deploymentKey(spec.ParseName(deployment)))
}

// refresher is a Router that can be told that something may have happened to its servers.
type refresher interface{ Refresh() }

func (d *drivers) healthChanged(instance string) {
	if name, known := d.patients.homeOf(instance); known {
		d.wake(deploymentKey(name))
	}
}

func (d *drivers) runRouter(ctx context.Context, name spec.Name, router Router) error {
	return router.Run(ctx, func(deployment string) {
		if gateway := d.gateways.get(name); gateway != nil {
			gateway.view.stale.Store(true)
		}
		if deployment == "" {
			d.wake(key{kind: spec.KindNginx, name: name})
			return
		}
		d.show(key{kind: spec.KindNginx, name: name})
		d.wake(deploymentKey(spec.ParseName(deployment)))
	})
}

func (d *drivers) runRegistry(ctx context.Context, owner string, name spec.Name, registry Registry) error {
	return registry.Run(ctx, func(id string) {
		if one := d.registries.get(name); one != nil {
			one.view.stale.Store(true)
		}
		deployment, _, own := splitEurekaID(owner, id)
		if !own {
			d.wake(key{kind: spec.KindEureka, name: name})
			return
		}
		d.show(key{kind: spec.KindEureka, name: name})
		d.wake(deploymentKey(spec.ParseName(deployment)))
	})
}

// wantRegistry makes the driver of a Eureka object be the one of this spec. A new one is told anew which ids to watch.
func (d *drivers) wantRegistry(name spec.Name, wanted spec.Eureka) {
	if !d.registries.want(name, wanted) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.leases, name)
}

// watchLeases has a registry show the adopted ids of a Deployment beside those of all others.
func (d *drivers) watchLeases(registry spec.Name, driver Registry, deployment spec.Name, ids []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if slices.Equal(d.leases[registry][deployment], ids) {
		return
	}
	if d.leases[registry] == nil {
		d.leases[registry] = map[spec.Name][]string{}
	}
	d.leases[registry][deployment] = ids
	var all []string
	for _, some := range d.leases[registry] {
		all = append(all, some...)
	}
	slices.Sort(all)
	driver.Watch(slices.Compact(all))
}

// routed are the instances that some server may still send to, and whether every server was asked.
func (d *drivers) routed() (instances map[string]bool, complete bool) {
	instances, complete = map[string]bool{}, true
	for _, gateway := range d.gateways.all() {
		if gateway.err != nil {
			return instances, false
		}
		for _, server := range gateway.view.last().Servers {
			complete = complete && (server.State == reconcile.ServerDown || server.Serves != nil && server.Reachable != nil)
			for _, lists := range []map[string][]string{server.Serves, server.Reachable} {
				for _, list := range lists {
					for _, instance := range list {
						instances[instance] = true
					}
				}
			}
		}
	}
	return instances, complete
}
