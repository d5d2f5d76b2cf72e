package controller

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// resync is how often everything is looked at though nothing is known to have changed.
const resync = 60 * time.Second

// Controller is the loop. It implements api.Service.
type Controller struct {
	options Options
	objects *objects
	queue   *queue
	board   *board
	journal *journal
	around  *drivers
	looks   *looker
	started *startup
	sources *sources
}

var _ api.Service = (*Controller)(nil)

// New reads what the store remembers. It starts nothing; a store that cannot be read is an error, never an empty one.
func New(options Options) (*Controller, error) {
	options.fill()
	if options.Runtime == nil || options.Prober == nil || options.Store == nil || options.Owner == "" {
		return nil, errors.New("make controller: Owner, Runtime, Prober and Store are required")
	}
	all, err := options.Store.All()
	if err != nil {
		return nil, err
	}
	c := &Controller{options: options, queue: newQueue(), board: newBoard(), journal: newJournal(options.Store, options.Log)}
	if c.objects, err = loadObjects(options.Store, all, !options.ReadOnly); err != nil {
		return nil, err
	}
	if options.Open != nil {
		c.objects.open = options.Open
	}
	if err := c.journal.load(all[journalKey]); err != nil {
		return nil, err
	}
	c.around = newDrivers(options, c.wake, c.queue.add)
	reserved := &addresses{store: options.Store, network: options.Network, ports: options.HostPorts, around: c.around}
	if err := reserved.load(all); err != nil {
		return nil, err
	}
	c.started = newStartup(options.Sources)
	c.sources = newSources(c)
	c.looks = newLooker(c, reserved)
	if c.looks.calms, err = c.objects.calms(all); err != nil {
		return nil, err
	}
	for _, k := range c.objects.keys() {
		c.wantDriver(k)
	}
	return c, nil
}

// Run works until ctx ends and returns when everything that it started has ended. Its error is ctx's.
func (c *Controller) Run(ctx context.Context) error {
	var group sync.WaitGroup
	defer group.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	group.Go(func() { c.queue.run(ctx) })
	if !c.options.ReadOnly {
		group.Go(func() { c.journal.run(ctx) })
	}
	c.around.run(ctx, &group, c.options.Log)
	for _, source := range c.options.Sources {
		group.Go(func() { c.follow(ctx, source) })
	}
	group.Go(func() { c.sources.run(ctx) })
	c.looks.began()
	c.started.expect(c.objects.keys())
	c.addAll()
	for range c.options.Workers {
		group.Go(func() { c.work(ctx) })
	}
	ticker := time.NewTicker(resync)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
			c.around.stale()
			c.addAll()
		}
	}
}

// Ready returns when every source was read once and every object was looked at once, so that List and Plan tell the
// truth; or with ctx's error.
func (c *Controller) Ready(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-c.started.ready:
		return nil
	}
}

// work looks at one key after the other until the queue is closed.
func (c *Controller) work(ctx context.Context) {
	for {
		k, ok := c.queue.get()
		if !ok {
			return
		}
		again := c.looks.look(ctx, k)
		c.queue.done(k, again)
		c.started.looked(k)
	}
}

// keepAgain is how soon a source is read again of which a reading could not be kept.
const keepAgain = 10 * time.Second

// follow takes a source's readings until ctx ends. One that cannot be kept (a full disk) is asked for again.
func (c *Controller) follow(ctx context.Context, source Source) {
	again := time.NewTimer(keepAgain)
	again.Stop()
	var asking sync.WaitGroup
	defer asking.Wait()
	if prompt, ok := source.(Prompt); ok {
		asking.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case <-again.C:
					prompt.Now(false)
				}
			}
		})
	}
	runForever(ctx, c.options.Log.WithValues("source", source.Name()), func(ctx context.Context) error {
		return source.Run(ctx, func(reading Reading) {
			told, err := c.read(source.Name(), reading)
			if err != nil {
				c.options.Log.Error(err, "Keeping what a source holds failed", "source", source.Name())
				c.journal.note(sourceKey(source.Name()), warning, api.ReasonNotKept, err.Error(), "")
				reading.Err = &Trouble{Reason: api.ReasonNotKept, Message: fmt.Sprintf("what it says cannot be written down: %v; it is tried again every %s", err, keepAgain)}
				told = api.SteeredSource{Name: source.Name(), Result: api.SourceUnreadable, Note: err.Error()}
				again.Reset(keepAgain)
			}
			c.sources.heard(reading, told)
			c.started.read(source.Name(), c.objects.keys())
		})
	})
}

// addAll has everything looked at.
func (c *Controller) addAll() {
	for _, k := range c.objects.keys() {
		c.queue.add(k)
	}
	c.queue.add(orphansKey)
}

// wake has looked at what a driver says has changed: one object, or all where it does not say which.
func (c *Controller) wake(k key) {
	switch k.kind {
	case "":
		c.addAll()
	case spec.KindDeployment:
		if c.objects.get(k) == nil {
			k = orphansKey
		}
		c.queue.add(k)
	default:
		c.queue.add(k)
		c.wakeUsers(k)
	}
}

// wakeUsers has looked at the Deployments that live with an Nginx or Eureka object, or depend on a Deployment.
func (c *Controller) wakeUsers(k key) {
	for _, user := range c.objects.relations().users[k] {
		c.queue.add(deploymentKey(user))
	}
}

// touch has looked at an object whose text has changed, and at all that depend on it.
func (c *Controller) touch(k key) {
	c.wantDriver(k)
	if o := c.objects.get(k); o != nil {
		var rejected *api.Rejected
		if r := c.objects.record(k.name); r != nil && k.kind == spec.KindDeployment {
			rejected = rejectedStatus(r)
		}
		c.board.unsettle(k, statusOf(k, o), rejected)
	}
	c.queue.add(k)
	c.wakeUsers(k)
}

// reclaim has looked at the Deployments that have won or lost a route.
func (c *Controller) reclaim() {
	for _, name := range c.looks.reclaim() {
		c.queue.add(deploymentKey(name))
	}
}

// wantDriver makes the driver of an Nginx or Eureka object be the one of its present text.
func (c *Controller) wantDriver(k key) {
	o := c.objects.get(k)
	switch {
	case k.kind == spec.KindNginx && o == nil:
		c.around.gateways.drop(k.name)
	case k.kind == spec.KindEureka && o == nil:
		c.around.registries.drop(k.name)
	case k.kind == spec.KindNginx:
		c.around.gateways.want(k.name, o.Manifest.Nginx.Defaulted())
	case k.kind == spec.KindEureka:
		c.around.wantRegistry(k.name, c.objects.eureka(o))
	}
}

// mayStep: steps may be taken for the Deployment.
func (c *Controller) mayStep(name spec.Name) bool {
	return !c.options.ReadOnly && (c.options.Only == nil || c.options.Only(name))
}

// writable is a refusal where nothing may be changed.
func (c *Controller) writable() error {
	if c.options.ReadOnly {
		return fmt.Errorf("change the state: %w", errReadOnly)
	}
	return nil
}

var errReadOnly = errors.New("this controller only reads")
