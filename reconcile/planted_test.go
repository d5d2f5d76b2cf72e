package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/spec"
)

// decide is Next or an error planted around it.
type decide func(Desired, Observed, time.Time) Decision

// planted are errors, by the invariant that each of them breaks.
var planted = []struct {
	invariant int
	what      string
	next      decide
}{
	{1, "adds instances to a route that are not ready", routing(func(_ Desired, o Observed, step *Step) {
		for _, i := range o.Instances {
			if i.State == ContainerRunning && !i.Retired && i.Health.Ready != Yes {
				serve(step, i.Name)
			}
		}
	})},
	{1, "leaves dead instances in nginx", routing(func(_ Desired, o Observed, step *Step) {
		for _, i := range o.Instances {
			if i.State == ContainerExited && !i.Retired {
				serve(step, i.Name)
			}
		}
	})},
	{1, "admits cold instances", seeing(func(_ *Desired, o *Observed) {
		for k := range o.Instances {
			o.Instances[k].Health.Warm.State = WishDone
		}
	})},
	{2, "empties an upstream whose instances are sick", routing(func(_ Desired, o Observed, step *Step) {
		if slices.ContainsFunc(o.Instances, func(i Instance) bool { return len(i.Nginx) > 0 && i.Nginx[0].Routed == Yes && i.Health.Ready == No }) {
			step.Serving = nil
		}
	})},
	{2, "deletes what is behind a listener that consumers remember", seeing(func(d *Desired, o *Observed) {
		if d.Deleted {
			o.Fronts = nil
		}
	})},
	{3, "forgets old workers and open connections", seeing(func(_ *Desired, o *Observed) {
		for k := range o.Instances {
			o.Instances[k].Nginx = slices.Clone(o.Instances[k].Nginx)
			for n := range o.Instances[k].Nginx {
				o.Instances[k].Nginx[n].Reachable = No
			}
		}
	})},
	{3, "lets an old worker drain for no longer than the app is given", seeing(func(_ *Desired, o *Observed) {
		for k := range o.Nginx {
			o.Nginx[k].KeepAlive = 0
		}
	})},
	{3, "forgets that consumers remember", seeing(func(d *Desired, _ *Observed) { d.PropagationTime = 0 })},
	{3, "takes it that consumers forget while no Eureka server runs", seeing(func(_ *Desired, o *Observed) {
		if !slices.ContainsFunc(o.Eureka, func(server EurekaServer) bool { return server.State != ServerDown }) {
			o.Eureka = nil
		}
	})},
	{3, "closes a listener that consumers remember", seeing(func(_ *Desired, o *Observed) {
		for k := range o.Fronts {
			if !o.Fronts[k].Wanted {
				o.Fronts[k].Eureka = nil
			}
		}
	})},
	{3, "takes an unknown server for one that is down", seeing(func(_ *Desired, o *Observed) {
		for k := range o.Nginx {
			if o.Nginx[k].State == ServerUnknown {
				o.Nginx[k].State = ServerDown
			}
		}
	})},
	{3, "takes a Eureka server away while the other is not whole", seeing(func(_ *Desired, o *Observed) { o.Peers = nil })},
	{4, "starts one more than the budget allows", deciding(func(d Desired, o Observed, decision *Decision) {
		for _, step := range decision.Steps {
			if step.Kind == Start {
				step.Instance = fmt.Sprintf("%s-%s-%d", d.Name, step.Revision, o.HighestN+d.Record.HighestN+100)
				decision.Steps = append(decision.Steps, step)
				return
			}
		}
	})},
	{4, "routes only to the new ones as soon as there is one", routing(func(_ Desired, o Observed, step *Step) {
		fresh := []string{}
		for _, i := range o.Instances {
			if i.Revision == step.Revision && slices.Contains(step.Serving, i.Name) {
				fresh = append(fresh, i.Name)
			}
		}
		if len(fresh) > 0 {
			step.Serving = fresh
		}
	})},
	{4, "takes the last nginx server out of Eureka", deciding(func(d Desired, o Observed, decision *Decision) {
		for _, f := range o.Fronts {
			if f.IsUp() && d.Wanted.Deployment.Spec.Proxied() && len(o.Nginx) == 1 && len(decision.Steps) == 0 {
				decision.Steps = append(decision.Steps, Step{Kind: Deregister, Instance: f.Name, Reason: "planted"})
			}
		}
	})},
	{5, "mixes the colours", routing(func(d Desired, o Observed, step *Step) {
		for _, i := range o.Instances {
			if d.Wanted.Deployment.Spec.Strategy.Type == spec.BlueGreen && i.Health.Ready == Yes && i.State == ContainerRunning && !i.Retired {
				serve(step, i.Name)
			}
		}
	})},
	{6, "depends on the order of what it reads", deciding(func(_ Desired, o Observed, decision *Decision) {
		if len(o.Instances) > 0 {
			decision.Reason += o.Instances[0].Name
		}
	})},
	{7, "decides although the engine does not answer", seeing(func(_ *Desired, o *Observed) { o.Engine = Culprit{} })},
	{7, "makes room for an image that is not there", seeing(func(_ *Desired, o *Observed) { o.Pull.State = WishDone })},
	{8, "stops healthy instances on the way back", deciding(func(_ Desired, o Observed, decision *Decision) {
		for _, i := range o.Instances {
			if i.Revision == decision.Target && i.State == ContainerRunning && !i.Retired && i.Health.Ready == Yes && len(i.Nginx)+len(i.Eureka) == 0 {
				decision.Steps = append(decision.Steps, Step{Kind: Retire, Instance: i.Name, Reason: "planted"})
				return
			}
		}
	})},
	{9, "starts without a dark lease", deciding(func(_ Desired, _ Observed, decision *Decision) {
		for k := range decision.Steps {
			if decision.Steps[k].Kind == Seed {
				decision.Steps[k].Kind = Start
			}
		}
	})},
	{9, "opens what is not ready", deciding(func(_ Desired, o Observed, decision *Decision) {
		for _, i := range o.Instances {
			if i.State == ContainerRunning && i.EurekaID != "" && !i.Retired && i.Health.Ready == No {
				decision.Steps = append(decision.Steps, Step{Kind: Register, Instance: i.Name, Reason: "planted"})
			}
		}
	})},
	{9, "opens what says DOWN of itself", seeing(func(_ *Desired, o *Observed) {
		for k := range o.Instances {
			o.Instances[k].Eureka = slices.Clone(o.Instances[k].Eureka)
			for n := range o.Instances[k].Eureka {
				if lease := &o.Instances[k].Eureka[n].Lease; lease.Status == LeaseDown {
					lease.Status = LeaseOutOfService
				}
			}
		}
	})},
	{9, "registers an nginx server that leads to nobody", deciding(func(_ Desired, o Observed, decision *Decision) {
		for _, f := range o.Fronts {
			if f.Name != "" && f.Wanted && !f.IsUp() {
				decision.Steps = append(decision.Steps, Step{Kind: Register, Instance: f.Name, Reason: "planted"})
			}
		}
	})},
	{10, "leaves what was registered of nginx in Eureka", deciding(func(_ Desired, _ Observed, decision *Decision) {
		decision.Steps = slices.DeleteFunc(decision.Steps, func(step Step) bool { return step.Kind == Remove && IsFront(step.Instance) })
	})},
	{10, "never accepts", without(Accept)},
	{10, "does not look again when a delay is over", deciding(func(_ Desired, _ Observed, decision *Decision) {
		if slices.ContainsFunc(decision.Waits, func(w Wait) bool { return w.Gate == "delay" }) {
			decision.Again = time.Time{}
		}
	})},
	{10, "accepts before the old ones are gone", deciding(func(_ Desired, o Observed, decision *Decision) {
		if len(o.Instances) > 3 {
			decision.Steps = append(decision.Steps, Step{Kind: Accept, Revision: decision.Target, Reason: "planted"})
		}
	})},
	{11, "rejects without a reason", deciding(func(_ Desired, _ Observed, decision *Decision) {
		for k, step := range decision.Steps {
			if step.Kind == Reject {
				rejection := *step.Rejection
				rejection.Reason = ""
				decision.Steps[k].Rejection = &rejection
			}
		}
	})},
	{11, "rejects for the fault of another", seeing(func(_ *Desired, o *Observed) {
		for k := range o.Instances {
			// A probe that segue could not send is taken for an answer.
			o.Instances[k].Health.Ready = No
		}
	})},
	{11, "has a deadline that never fires", without(Reject)},
	{12, "stays with what it has", seeing(func(d *Desired, _ *Observed) {
		if last, ok := lastAccepted(d.Record.Accepted, ""); ok {
			d.Wanted = last
		}
	})},
}

// seeing lets Next see something else than there is.
func seeing(change func(*Desired, *Observed)) decide {
	return func(d Desired, o Observed, now time.Time) Decision {
		o.Instances, o.Nginx, o.Eureka = slices.Clone(o.Instances), slices.Clone(o.Nginx), slices.Clone(o.Eureka)
		change(&d, &o)
		return Next(d, o, now)
	}
}

// deciding changes what Next has decided.
func deciding(change func(Desired, Observed, *Decision)) decide {
	return func(d Desired, o Observed, now time.Time) Decision {
		decision := Next(d, o, now)
		change(d, o, &decision)
		return decision
	}
}

// routing changes the routes that Next has decided on.
func routing(change func(Desired, Observed, *Step)) decide {
	return deciding(func(d Desired, o Observed, decision *Decision) {
		for k := range decision.Steps {
			if decision.Steps[k].Kind == Route {
				change(d, o, &decision.Steps[k])
			}
		}
	})
}

// without drops all steps of a kind.
func without(kind StepKind) decide {
	return deciding(func(_ Desired, _ Observed, decision *Decision) {
		decision.Steps = slices.DeleteFunc(decision.Steps, func(step Step) bool { return step.Kind == kind })
	})
}

func serve(step *Step, name string) {
	if !slices.Contains(step.Serving, name) {
		step.Serving = append(step.Serving, name)
		slices.Sort(step.Serving)
	}
}

// TestPlanted: the simulator finds every planted error, and says which invariant it breaks.
func TestPlanted(t *testing.T) {
	for _, p := range planted {
		t.Run(fmt.Sprintf("%d %s", p.invariant, p.what), func(t *testing.T) {
			others := map[string]int{}
			for seed := range int64(2000) {
				s := newSimulation(seed)
				s.next = p.next
				broken := s.run()
				number, _, _ := strings.Cut(broken, ":")
				if number == fmt.Sprintf("invariant %d", p.invariant) {
					t.Logf("seed %d: %s", seed, broken)
					return
				}
				others[number]++
			}
			t.Errorf("2,000 worlds did not show it, but %v", others)
		})
	}
}

// TestPlantedEverywhere: no invariant is without a planted error.
func TestPlantedEverywhere(t *testing.T) {
	for invariant := 1; invariant <= 12; invariant++ {
		if !slices.ContainsFunc(planted, func(p struct {
			invariant int
			what      string
			next      decide
		}) bool {
			return p.invariant == invariant
		}) {
			t.Errorf("invariant %d has no planted error", invariant)
		}
	}
}
