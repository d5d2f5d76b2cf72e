package controller

import (
	"slices"
	"strings"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
)

func isFront(step reconcile.PlannedStep) bool { return reconcile.IsFront(step.Step.Instance) }

// frontLine tells how nginx comes into Eureka in place of the instances, and how it goes: once, for all servers.
func (f *forecast) frontLine(kind reconcile.StepKind) {
	if slices.Contains(f.fronted, kind) {
		return
	}
	f.fronted = append(f.fronted, kind)
	servers := map[string]bool{}
	for _, step := range f.planned {
		if isFront(step) && step.Step.Kind == kind {
			servers[step.Step.Instance] = true
		}
	}
	who := count(len(servers), "nginx server")
	switch kind {
	case reconcile.Register:
		f.say(0, api.PlanStep{Name: "open", What: who + " in place of the instances: " + f.caches.opening(), Max: f.costs.Response})
	case reconcile.Deregister:
		f.say(0, api.PlanStep{
			Name: "drain", What: who + ": " + f.caches.closing(), Min: f.p.desired.PropagationTime, Max: f.p.desired.PropagationTime + f.costs.Response,
		})
	}
}

// formerNginx are the Nginx objects that the target's routes go through no more, in words.
func (f *forecast) formerNginx() string {
	var names []string
	for _, at := range f.p.servers {
		if name := "nginx/" + at.object.String(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, "; ") + ", which Eureka's clients have yet to forget"
}
