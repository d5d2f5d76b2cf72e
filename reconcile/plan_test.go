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

// TestPlanMoves: from each way to be found in Eureka to each other, and back before the end, a plan ends whole and stays
// within its bounds.
func TestPlanMoves(t *testing.T) {
	modes := map[string]*spec.Registration{"none": nil}
	for _, mode := range []spec.RegistrationMode{spec.SelfRegistered, spec.ManagedRegistration, spec.ProxiedRegistration} {
		modes[string(mode)] = &spec.Registration{Mode: mode}
	}
	for _, strategy := range []spec.DeploymentSpec{blueGreen(1, 20, true), rolling(2, "0", "1")} {
		for from, first := range modes {
			for to, second := range modes {
				t.Run(string(strategy.Strategy.Type)+" "+from+" "+to, func(t *testing.T) {
					s := served(t, registered(strategy, spec.SelfRegistered))
					s.apply("v2", behaviour{}, func(c *spec.DeploymentSpec) { c.Eureka = first })
					s.settle()
					s.apply("v3", behaviour{}, func(c *spec.DeploymentSpec) { c.Eureka = second })
					for range 30 { // every moment of the move may be overtaken
						if _, acted := s.once(); acted {
							continue
						}
						s.w.advance(s.w.now.Add(2 * tick))
						checkPlanned(t, s, "v4", first)
					}
				})
			}
		}
	}
}

// checkPlanned plans what follows if another registration is applied now.
func checkPlanned(t *testing.T, s *story, hash string, registration *spec.Registration) {
	t.Helper()
	d := s.d.desired
	d.Record = Supersede(d.Record, d.Wanted)
	next := d.Wanted.Deployment.Spec
	next.Eureka = registration
	d.Wanted = revision(hash, d.Wanted.Number+1, next)
	steps := Plan(d, s.w.observe(s.d), s.w.now, storyCosts)
	if len(steps) == 0 || !slices.ContainsFunc(steps, func(step PlannedStep) bool { return step.Step.Kind == Accept && step.Step.Revision == hash }) {
		t.Fatalf("at %s the plan does not come to %s: %+v", s.w.now.Sub(s.begun), hash, steps)
	}
	for _, step := range steps {
		if step.Live > step.MaxLive {
			t.Errorf("%d live of %d", step.Live, step.MaxLive)
		}
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
