package controller_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

func (s *stage) plan(manifests ...spec.Manifest) []api.Plan {
	s.t.Helper()
	result, err := s.c.Plan(s.t.Context(), api.ApplyRequest{Manifests: manifests})
	if err != nil {
		s.t.Fatalf("plan: %v", err)
	}
	return result.Items
}

func names(steps []api.PlanStep) string {
	var list []string
	for _, step := range steps {
		list = append(list, step.Name)
	}
	return strings.Join(list, " ")
}

func TestPlanOfAFirstDeployment(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		items := s.plan(nginx("edge"), service("orders", "orders:1", 2))
		plan := items[1]
		if plan.Result != "created" || plan.From != 0 || plan.To != 1 || !strings.Contains(plan.Diff, "+kind: Deployment") {
			t.Errorf("plan %+v", plan)
		}
		if got := names(plan.Steps); !strings.Contains(got, "pull") || !strings.HasSuffix(got, "accept") {
			t.Errorf("steps %s", got)
		}
		if s.status("orders") != nil || s.world.Starts() != 0 {
			t.Error("a plan changed something")
		}
	})
}

func TestPlanOfARollingUpdate(t *testing.T) {
	play(t, func(s *stage) {
		s.begin()
		s.apply(nginx("edge"), service("orders", "orders:1", 3))
		s.settled("orders")
		plan := s.plan(service("orders", "orders:2", 3))[0]
		if plan.Result != "configured" || plan.From != 1 || plan.To != 2 || !slices.Equal(plan.Changed, []string{"image 1 → 2"}) {
			t.Errorf("plan %+v", plan)
		}
		if got := names(plan.Steps); got != "pull start gate route drain stop  accept" || plan.Steps[6].What != "2–6 for 2 more" {
			t.Errorf("waves are not folded: %s", got)
		}
		if gate := plan.Steps[slices.IndexFunc(plan.Steps, func(step api.PlanStep) bool { return strings.HasPrefix(step.What, "ready") })]; gate.What != "ready: GET /health" {
			t.Errorf("gate %+v", gate)
		}
		if plan.Total <= 0 || !slices.ContainsFunc(plan.Steps, func(step api.PlanStep) bool { return step.Longest }) {
			t.Errorf("total %s, steps %+v", plan.Total, plan.Steps)
		}
		notes := strings.Join(plan.Notes, "\n")
		for _, want := range []string{"revision 1 serves on and 2 is rolled back", "maxSurge: 100%"} {
			if !strings.Contains(notes, want) {
				t.Errorf("no note %q in\n%s", want, notes)
			}
		}
		if same := s.plan(service("orders", "orders:1", 3))[0]; same.Result != "unchanged" || len(same.Steps) != 0 || same.Diff != "" {
			t.Errorf("plan of the same %+v", same)
		}
		if d := s.status("orders"); !d.Settled || d.Revision != 1 {
			t.Errorf("a plan changed %+v", d)
		}
	})
}
