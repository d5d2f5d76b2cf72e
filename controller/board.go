package controller

import (
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// board shows the status of every object. What was published is never changed.
type board struct {
	mu       sync.Mutex
	statuses map[key]posted
	feed     *feed[api.Status]
}

// posted is one status, and what others of segue's own decide upon.
type posted struct {
	status api.Status
	// available: every replica of the wanted revision serves.
	available bool
}

func newBoard() *board {
	return &board{statuses: map[key]posted{}, feed: newFeed[api.Status]()}
}

// publish shows a status, unless the object's text changed while it was made: then current answers false. It answers
// whether the object's availability, or the generation that it is of, is new.
func (b *board) publish(k key, one posted, current func() bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !current() {
		return false
	}
	before, known := b.statuses[k]
	if known && reflect.DeepEqual(before.status, one.status) {
		return false
	}
	b.statuses[k] = one
	b.feed.send(one.status)
	return !known || before.available != one.available || before.status.Generation != one.status.Generation
}

// unsettle shows at once that an object's text or a person's intent has changed: what was last seen, and that nothing
// is settled any more. rejected is what is still held against the wanted revision.
func (b *board) unsettle(k key, status api.Status, rejected *api.Rejected) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.statuses[k]
	status.Nginx, status.Eureka = before.status.Nginx, before.status.Eureka
	if k.kind == spec.KindDeployment {
		d := api.DeploymentStatus{}
		if before.status.Deployment != nil {
			d = *before.status.Deployment
		}
		d.Phase, d.Reason = reconcile.Progressing.String(), "it has yet to be looked at"
		d.Settled, d.Rejected = false, rejected
		status.Deployment = &d
	}
	b.statuses[k] = posted{status: status, available: false}
	b.feed.send(status)
}

// remove takes an object off the board; watchers see final last, though an orphan's status may have gone before.
func (b *board) remove(k key, final *api.Status) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.statuses, k)
	if final != nil {
		b.feed.send(*final)
	}
}

func (b *board) get(k key) (posted, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	one, known := b.statuses[k]
	return one, known
}

// list are the statuses that match, sorted, and what is published after them.
func (b *board) list(matches func(api.Status) bool) ([]api.Status, *subscription[api.Status]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []api.Status
	for _, one := range b.statuses {
		if matches(one.status) {
			list = append(list, one.status)
		}
	}
	slices.SortFunc(list, func(a, b api.Status) int {
		return compareKeys(key{kind: a.Kind, name: a.Name}, key{kind: b.Kind, name: b.Name})
	})
	return list, b.feed.subscribe()
}

// unavailable says why a Deployment does not have all replicas of the spec that it has now available; "" when it has.
func (b *board) unavailable(o *object, k key) string {
	if o == nil {
		return k.String() + " does not exist"
	}
	one, known := b.get(k)
	if !known || one.status.Deployment == nil || one.status.Deployment.ObservedGeneration != o.Generation {
		return k.String() + " has yet to be looked at"
	}
	if one.available {
		return ""
	}
	d := one.status.Deployment
	return fmt.Sprintf("%s has %d of %d available at its new spec", k, d.AvailableReplicas, d.Replicas)
}

// matcher answers what a query selects.
func matcher(q api.Query) (func(api.Status) bool, error) {
	selector, err := api.ParseSelector(q.Selector)
	if err != nil {
		return nil, refuse(api.Invalid, err.Error())
	}
	return func(s api.Status) bool {
		return q.Selects(s.Kind, s.Name) && selector.Matches(s.Manifest.Labels())
	}, nil
}
