package reconcile

import (
	"slices"
	"testing"

	"github.com/segue-dev/segue/spec"
)

// TestPlan: what is planned is what then happens.
func TestPlan(t *testing.T) {
	for _, c := range []struct {
		what string
		spec spec.DeploymentSpec
	}{
		{"rolling", settings(3)},
		{"rolling in place", rolling(3, "0", "1")},
		{"blue/green", blueGreen(2, 20, true)},
		{"blue/green by hand", blueGreen(2, 20, false)},
		{"slots", slotted()},
		{"recreate", recreate(2)},
		{"eureka", registered(settings(2), spec.SelfRegistered)},
		{"managed", registered(blueGreen(2, 20, true), spec.ManagedRegistration)},
		{"warm-up", warmed(settings(2))},
		{"worker", worker(2)},
	} {
		t.Run(c.what, func(t *testing.T) {
			s := served(t, c.spec)
			s.apply("v2", behaviour{}, nil)
			var planned []string
			for _, step := range Plan(s.d.desired, s.w.observe(s.d), s.w.now, storyCosts) {
				planned = append(planned, step.Step.Kind.String()+" "+step.Step.Instance)
				if step.Live > step.MaxLive {
					t.Errorf("%d live of %d", step.Live, step.MaxLive)
				}
			}
			var happened []string
			for range 10000 {
				decision := Next(s.d.desired, s.w.observe(s.d), s.w.now)
				s.d.keep(decision)
				acted := false
				if decision.Phase == WaitingForPromotion {
					s.d.desired.Record.Promoted = "v2"
					continue
				}
				if len(decision.Steps) == 0 && decision.Phase != Progressing {
					break
				}
				for _, step := range decision.Steps {
					if err := s.w.take(s.d, step); err != nil {
						t.Fatal(err)
					}
					if !step.Repeat {
						happened = append(happened, step.Kind.String()+" "+step.Instance)
						acted = true
					}
				}
				if !acted {
					s.w.advance(s.w.now.Add(tick))
				}
			}
			// When Eureka's view is computed is not known, so what does not depend on each other may change places.
			slices.Sort(planned)
			slices.Sort(happened)
			if !slices.Equal(planned, happened) {
				t.Errorf("planned\n%q\nhappened\n%q", planned, happened)
			}
		})
	}
}

// TestPlanEnds though a person, or somebody's configuration, is waited for.
func TestPlanEnds(t *testing.T) {
	s := newStory(t, settings(1))
	s.w.nginx[0].included = false
	s.d.dependencies = []string{"eureka"}
	steps := Plan(s.d.desired, s.w.observe(s.d), s.w.now, storyCosts)
	if len(steps) == 0 || steps[len(steps)-1].Step.Kind != Accept {
		t.Errorf("planned %v", steps)
	}
}
