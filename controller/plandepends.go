package controller

import (
	"context"
	"strings"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// planSet plans objects that are changed together: a Deployment after those that it depends on.
type planSet struct {
	control  *Controller
	changes  []change
	together []spec.Manifest
	items    []api.Plan
	planned  []bool
}

// awaited are Deployments of the same set that change first.
type awaited struct {
	names []string
	// longest is how long the last of them takes, on its own.
	longest time.Duration
}

func (s *planSet) plan(ctx context.Context) error {
	s.items, s.planned = make([]api.Plan, len(s.changes)), make([]bool, len(s.changes))
	for i := range s.changes {
		if err := s.one(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

func (s *planSet) one(ctx context.Context, i int) error {
	if s.planned[i] {
		return nil
	}
	s.planned[i] = true
	var first awaited
	for _, j := range s.dependencies(i) {
		if err := s.one(ctx, j); err != nil {
			return err
		}
		if len(s.items[j].Steps) > 0 {
			first.names, first.longest = append(first.names, s.items[j].Name.String()), max(first.longest, s.items[j].Total)
		}
	}
	var err error
	s.items[i], err = s.control.planOf(ctx, s.changes[i], s.together, first)
	return err
}

// dependencies are the changes of the Deployments that this one depends on.
func (s *planSet) dependencies(i int) []int {
	d := s.changes[i].after.Manifest.Deployment
	if d == nil {
		return nil
	}
	var list []int
	for _, written := range d.Spec.DependsOn {
		on := spec.ReferTo(written, s.changes[i].key.name.Namespace)
		for j, other := range s.changes {
			if other.key == deploymentKey(on) {
				list = append(list, j)
			}
		}
	}
	return list
}

// await puts the wait before everything else.
func (f *forecast) await(first awaited, dependencies []string) {
	switch {
	case len(first.names) > 0:
		f.say(0, api.PlanStep{Name: "wait", What: "until " + strings.Join(first.names, " and ") + " serves as this apply wants it", Min: first.longest, Max: first.longest})
	case len(dependencies) > 0:
		f.say(0, api.PlanStep{Name: "wait", What: strings.Join(dependencies, "; ")})
	}
}
