package controller

import (
	"fmt"
	"strings"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// Where a time in a plan comes from.
const (
	guess    = "a guess"
	asBefore = "as last time"
)

func (f *forecast) basis() string {
	if f.measured {
		return asBefore
	}
	return guess
}

// starting is what a start says: how many, where, and that nobody sends to them yet.
func (f *forecast) starting(steps []reconcile.PlannedStep) string {
	what := count(len(steps), "instance")
	if slot := steps[0].Step.Slot; slot != "" {
		what += " in " + slot
	}
	if d := f.p.target.Deployment.Spec; len(d.AllRoutes()) > 0 || d.Eureka != nil {
		what += ", dark"
	}
	return what
}

// room says how much of what may be live is, and what that costs in memory.
func (f *forecast) room(first reconcile.PlannedStep, n int) string {
	note := fmt.Sprintf("%d live of %d allowed", first.Live+n, first.MaxLive)
	if extra := f.memory(n); extra > 0 {
		note += " · +" + memoryWords(extra)
		if f.free > 0 {
			note += ", " + memoryWords(f.free) + " free"
		}
	}
	return note
}

// memory is the limit of n instances of the target; 0 where it has none.
func (f *forecast) memory(n int) int64 {
	bytes, err := spec.ParseMemory(f.p.target.Deployment.Spec.Template.Resources.Limits.Memory)
	if err != nil {
		return 0
	}
	return bytes * int64(n)
}

// memoryWords is a size in the manifest's units: 512Mi, 9.8Gi.
func memoryWords(bytes int64) string {
	if bytes >= 1<<30 {
		return fmt.Sprintf("%.1fGi", float64(bytes)/(1<<30))
	}
	return fmt.Sprintf("%dMi", bytes>>20)
}

// readyWords are what the target's own gates wait for.
func (f *forecast) readyWords() string {
	how := f.p.probing(f.p.target.Hash)
	probe := how.readiness
	words := "ready: "
	switch {
	case probe == nil && f.p.desired.ImageHealth:
		words += "the image's HEALTHCHECK"
	case probe == nil && how.fallback == nil:
		words += "it runs"
	case probe == nil:
		words += "TCP " + string(how.fallback.TCPSocket.Port)
	case probe.HTTPGet != nil:
		words += "GET " + orElse(probe.HTTPGet.Path, "/")
	case probe.TCPSocket != nil:
		words += "TCP " + string(probe.TCPSocket.Port)
	case probe.Exec != nil:
		words += "its command succeeds"
	}
	requests := 0
	for _, w := range how.warmup {
		requests += max(1, numberOr(w.Repeat, 1))
	}
	if requests > 0 {
		words += ", " + count(requests, "warm-up request")
	}
	if stays := f.minReady(); stays > 0 {
		words += ", stays so for " + inSeconds(stays)
	}
	return words
}

func numberOr(v *int, otherwise int) int {
	if v == nil {
		return otherwise
	}
	return *v
}

func (f *forecast) minReady() time.Duration {
	s := f.p.target.Deployment.Spec
	if s.Template.ReadinessProbe == nil && !f.p.desired.ImageHealth {
		return secondsOf(s.MinReadySeconds, 10)
	}
	return secondsOf(s.MinReadySeconds, 0)
}

// readyTime is how long an instance takes from its start to its admission.
func (f *forecast) readyTime() time.Duration {
	takes := f.costs.Boot + f.minReady()
	if len(f.p.target.Deployment.Spec.Template.Warmup) > 0 {
		takes += f.costs.Warm
	}
	return takes
}

// draining is the wait between the end of new traffic to instances and their stop. delay is how long they are kept
// anyway. It answers false for those that nobody sends to.
func (f *forecast) draining(who, instance string, delay time.Duration) (api.PlanStep, bool) {
	line := api.PlanStep{Name: "drain"}
	_, worker := switchTimes(f.switches)
	routed := len(f.p.target.Deployment.Spec.AllRoutes()) > 0
	left := "open requests ≤ " + inSeconds(secondsOf(f.p.target.Deployment.Spec.DrainTimeoutSeconds, 60))
	switch {
	case f.registers(instance) && f.p.target.Deployment.Spec.Strategy.Type != spec.Recreate:
		line.What = who + ": " + f.caches.closing()
		line.Min, line.Max = max(f.p.desired.PropagationTime-delay, 0), max(f.p.desired.PropagationTime+f.costs.Response-delay, 0)
		if line.Max == 0 {
			line.What += ", all of it in the delay"
		}
		if routed {
			line.What += "; " + left
		}
	case routed && worker == 0:
		line.What = who + ": " + left
	case routed:
		line.What = who + ": nginx's old workers gone; " + left
		line.Min, line.Max = max(worker-delay, 0), max(worker-delay, 0)
	default:
		return line, false
	}
	return line, true
}

// registers: the instance has leases, or will.
func (f *forecast) registers(instance string) bool {
	if i := f.p.instance(instance); i != nil {
		return i.EurekaID != ""
	}
	return f.p.target.Deployment.Spec.Eureka != nil && !f.p.target.Deployment.Spec.Proxied()
}

// signal is how an instance is told to end, and how long it may take.
func (f *forecast) signal(instance string) string {
	revision := f.p.target
	kept := ""
	if i := f.p.instance(instance); i != nil {
		revision = f.p.revisionOf(i.Revision)
		if i.Adopted {
			kept = "; " + i.Name + " is kept"
		}
	}
	t := revision.Deployment.Defaulted().Spec.Template
	signal, grace := "SIGTERM", secondsOf(t.TerminationGracePeriodSeconds, 30)
	if t.Lifecycle != nil && t.Lifecycle.StopSignal != "" {
		signal = t.Lifecycle.StopSignal
	}
	if t.Lifecycle != nil && t.Lifecycle.PreStop != nil {
		signal = "preStop, then " + signal
	}
	return fmt.Sprintf("%s, %s grace%s", signal, inSeconds(grace), kept)
}

// routing is what a change of nginx does, and how.
func (f *forecast) routing(step reconcile.Step) string {
	var where []string
	for _, s := range f.switches {
		where = append(where, s.words())
	}
	what := strings.Join(where, "; ")
	if len(where) == 0 {
		what = f.formerNginx()
	}
	old := 0
	for _, instance := range step.Serving {
		if !f.isTarget(instance) {
			old++
		}
	}
	switch {
	case len(step.Serving) == 0 && f.p.desired.Deleted:
		what += ", to nobody: 503 with Retry-After"
	case len(step.Serving) == 0:
		what += ": 503 with Retry-After until it serves"
	case old > 0 && old < len(step.Serving):
		what += fmt.Sprintf(", beside %d old", old)
	case old > 0:
		what += fmt.Sprintf(", to the %d old that stay", old)
	}
	return what
}

// caches is what a plan knows of a registry.
type caches struct {
	name    spec.Name
	servers int
	managed bool
	// fetch and balancer are how long consumers remember.
	fetch, balancer time.Duration
}

func (c caches) opening() string {
	how := "; gate: "
	if c.managed {
		how = ": registered; gate: "
	}
	return fmt.Sprintf("eureka/%s, %s%sthe consumers' view shows it", c.name, count(c.servers, "server"), how)
}

func (c caches) closing() string {
	how := "OUT_OF_SERVICE"
	if c.managed {
		how = "taken out of eureka/" + c.name.String()
	}
	return fmt.Sprintf("%s; gone from that view, then %s (fetch %d + LB %d)", how, inSeconds(c.fetch+c.balancer), int(c.fetch.Seconds()), int(c.balancer.Seconds()))
}
