package controller

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/segue-dev/segue/controller/api"
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

// publish shows a status. It answers whether the object's availability, or the generation that it is of, is new.
func (b *board) publish(k key, one posted) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	before, known := b.statuses[k]
	if known && reflect.DeepEqual(before.status, one.status) {
		return false
	}
	b.statuses[k] = one
	b.feed.send(one.status)
	return !known || before.available != one.available || before.status.Generation != one.status.Generation
}

// remove takes an object off the board; watchers see final last.
func (b *board) remove(k key, final *api.Status) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, known := b.statuses[k]; !known {
		return
	}
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
	selects, err := selector(q.Selector)
	if err != nil {
		return nil, err
	}
	return func(s api.Status) bool {
		return (q.Kind == "" || q.Kind == s.Kind) && (q.Namespace == "" || q.Namespace == s.Name.Namespace) &&
			(q.Name == "" || q.Name == s.Name.Name) && selects(labelsOf(s.Manifest))
	}, nil
}

func labelsOf(m spec.Manifest) map[string]string {
	switch {
	case m.Deployment != nil:
		return m.Deployment.Metadata.Labels
	case m.Nginx != nil:
		return m.Nginx.Metadata.Labels
	case m.Eureka != nil:
		return m.Eureka.Metadata.Labels
	default:
		return nil
	}
}

// selector reads KEY=VALUE, KEY!=VALUE, KEY and !KEY, separated by commas; all must hold.
func selector(written string) (func(map[string]string) bool, error) {
	var tests []func(map[string]string) bool
	for part := range strings.SplitSeq(written, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		name, value, isNot := strings.Cut(part, "!=")
		is := false
		if !isNot {
			name, value, is = strings.Cut(strings.Replace(part, "==", "=", 1), "=")
		}
		name, absent := strings.CutPrefix(strings.TrimSpace(name), "!")
		value = strings.TrimSpace(value)
		if name == "" {
			return nil, refuse(api.Invalid, fmt.Sprintf("selector %q: want KEY=VALUE, KEY!=VALUE, KEY or !KEY", part))
		}
		tests = append(tests, func(labels map[string]string) bool {
			have, there := labels[name]
			switch {
			case isNot:
				return have != value
			case is:
				return there && have == value
			default:
				return there != absent
			}
		})
	}
	return func(labels map[string]string) bool {
		for _, holds := range tests {
			if !holds(labels) {
				return false
			}
		}
		return true
	}, nil
}
