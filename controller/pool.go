package controller

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/spec"
)

// driverPause is how long a driver whose Run ended by itself is left alone before it is run again.
const driverPause = 5 * time.Second

// discardTime bounds what a driver does when its object is gone.
const discardTime = 30 * time.Second

// errReplaced: the object was changed or deleted while somebody waited for its driver.
var errReplaced = errors.New("its settings have changed meanwhile")

// pool holds the drivers that come and go with the objects of one kind: S is their spec, D the driver, V its view.
type pool[S, D, V any] struct {
	build func(S) (D, error)
	run   func(ctx context.Context, name spec.Name, driver D) error
	view  func(ctx context.Context, driver D, began time.Time) (V, time.Time, error)
	log   logr.Logger
	wake  chan struct{}

	mu     sync.Mutex
	byName map[spec.Name]*pooled[S, D, V]
}

// pooled is one driver. A changed spec makes another one.
type pooled[S, D, V any] struct {
	spec   S
	driver D
	// err says why there is no driver; it is built again when it is asked for again.
	err  error
	view *snapshot[V]
	// end ends the reads that wait for the driver: one that is no longer run would never answer.
	end context.CancelFunc
}

func newPool[S, D, V any](build func(S) (D, error), run func(context.Context, spec.Name, D) error, view func(context.Context, D, time.Time) (V, time.Time, error), log logr.Logger) *pool[S, D, V] {
	return &pool[S, D, V]{build: build, run: run, view: view, log: log, wake: make(chan struct{}, 1), byName: map[spec.Name]*pooled[S, D, V]{}}
}

// want makes the driver of an object be the one of this spec. It answers whether that is another one than before.
func (p *pool[S, D, V]) want(name spec.Name, wanted S) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.byName[name]
	if before != nil && before.err == nil && reflect.DeepEqual(before.spec, wanted) {
		return false
	}
	one := &pooled[S, D, V]{spec: wanted}
	one.driver, one.err = p.build(wanted)
	var ended context.Context
	ended, one.end = context.WithCancel(context.Background())
	one.view = &snapshot[V]{read: func(ctx context.Context, began time.Time) (V, time.Time, error) {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		defer context.AfterFunc(ended, func() { cancel(errReplaced) })()
		return p.view(ctx, one.driver, began)
	}}
	if before != nil {
		before.end()
	}
	p.byName[name] = one
	p.poke()
	return true
}

// drop ends the driver of an object.
func (p *pool[S, D, V]) drop(name spec.Name) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if one := p.byName[name]; one != nil {
		one.end()
	}
	delete(p.byName, name)
	p.poke()
}

// get is the driver of an object; nil when there is none.
func (p *pool[S, D, V]) get(name spec.Name) *pooled[S, D, V] {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.byName[name]
}

// all are the drivers by name.
func (p *pool[S, D, V]) all() map[spec.Name]*pooled[S, D, V] {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.byName)
}

func (p *pool[S, D, V]) poke() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// running is one driver that is being run.
type running[S, D, V any] struct {
	one   *pooled[S, D, V]
	stop  context.CancelFunc
	ended chan struct{}
}

// keep runs the drivers that are wanted until ctx ends, and returns when all of them have ended.
func (p *pool[S, D, V]) keep(ctx context.Context) {
	all := map[spec.Name]*running[S, D, V]{}
	defer func() {
		for _, r := range all {
			r.stop()
			<-r.ended
		}
	}()
	for {
		p.follow(ctx, all)
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		}
	}
}

// follow ends what is no longer wanted, then starts what is new.
func (p *pool[S, D, V]) follow(ctx context.Context, all map[spec.Name]*running[S, D, V]) {
	wanted := p.all()
	for name, r := range all {
		if wanted[name] != r.one {
			r.stop()
			<-r.ended
			delete(all, name)
			if wanted[name] == nil {
				p.discard(ctx, name, r.one.driver)
			}
		}
	}
	for _, name := range slices.SortedFunc(maps.Keys(wanted), compareNames) {
		one := wanted[name]
		if all[name] != nil || one.err != nil {
			continue
		}
		r := &running[S, D, V]{one: one, ended: make(chan struct{})}
		var own context.Context
		own, r.stop = context.WithCancel(ctx)
		all[name] = r
		go func() {
			defer close(r.ended)
			runForever(own, p.log.WithValues("object", name.String()), func(ctx context.Context) error { return p.run(ctx, name, one.driver) })
		}()
	}
}

// discarder is a driver that has something of its own to take away when its object is gone.
type discarder interface {
	Discard(ctx context.Context) error
}

// discard lets a driver whose object is gone take away what it runs for itself.
func (p *pool[S, D, V]) discard(ctx context.Context, name spec.Name, driver D) {
	own, ok := any(driver).(discarder)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, discardTime)
	defer cancel()
	if err := own.Discard(ctx); err != nil {
		p.log.Error(err, "Taking away what a deleted object ran failed", "object", name.String())
	}
}

// runForever runs a driver until ctx ends; one that ends before is run again a little later.
func runForever(ctx context.Context, log logr.Logger, run func(context.Context) error) {
	for {
		err := run(ctx)
		if ctx.Err() != nil {
			return
		}
		log.Error(err, "A driver ended; it is run again")
		timer := time.NewTimer(driverPause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

func compareNames(a, b spec.Name) int {
	return compareKeys(key{name: a}, key{name: b})
}
