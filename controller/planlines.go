package controller

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
)

// forecast tells what lies ahead of one Deployment in the words of a plan.
type forecast struct {
	p       *pass
	planned []reconcile.PlannedStep
	costs   reconcile.Costs
	// measured: costs.Boot was seen, not guessed.
	measured bool
	// free is the memory of the machine that nobody uses; 0 when not known.
	free     int64
	switches []switching
	caches   caches

	lines []planLine
	// delayed: the old set is kept warm before what is stopped next.
	delayed bool
	removed bool
	// fronted are the kinds of steps with nginx in place of instances that were told.
	fronted []reconcile.StepKind
}

// planLine is a line of the plan, and how many instances it is about.
type planLine struct {
	api.PlanStep
	instances int
}

// totalOf is when the last step is done: an accept is at once, a change of nginx when all servers have made it.
func (f *forecast) totalOf(planned []reconcile.PlannedStep) time.Duration {
	if len(planned) == 0 {
		return 0
	}
	last := planned[len(planned)-1]
	if last.Step.Kind == reconcile.Route {
		takes, _ := switchTimes(f.switches)
		return last.At + takes
	}
	return last.At
}

// tell gives the lines: steps of one kind and moment in one, each with the gate behind it, waves that repeat in one.
func (f *forecast) tell() []api.PlanStep {
	for i := 0; i < len(f.planned); {
		j := i + 1
		for j < len(f.planned) && f.planned[j].Step.Kind == f.planned[i].Step.Kind && f.planned[j].At == f.planned[i].At && isFront(f.planned[j]) == isFront(f.planned[i]) {
			j++
		}
		f.group(f.planned[i:j])
		i = j
	}
	lines := folded(f.lines)
	longest := -1
	for i, line := range lines {
		if line.Max > 0 && (longest < 0 || line.Max > lines[longest].Max) {
			longest = i
		}
	}
	if longest >= 0 {
		lines[longest].Longest = true
	}
	return lines
}

func (f *forecast) say(instances int, step api.PlanStep) {
	f.lines = append(f.lines, planLine{step, instances})
}

// group tells steps of one kind and moment. What an exited instance leaves behind is tidied up without a word.
func (f *forecast) group(steps []reconcile.PlannedStep) {
	first, n := steps[0], len(steps)
	for _, wait := range first.Waits {
		f.delayed = f.delayed || wait.Gate == "delay"
	}
	if first.Promote {
		f.say(0, api.PlanStep{Name: "promote", What: fmt.Sprintf("waits for `segue promote %s`", f.p.name)})
	}
	if isFront(first) {
		f.frontLine(first.Step.Kind)
		return
	}
	switch first.Step.Kind {
	case reconcile.Pull:
		f.say(0, api.PlanStep{Name: "pull", What: f.p.target.Deployment.Spec.Template.Image + " (not on this host)", Min: f.costs.Pull, Max: f.costs.Pull, Basis: guess})
	case reconcile.Start:
		f.say(n, api.PlanStep{Name: "start", What: f.starting(steps), Note: f.room(first, n)})
		takes := f.readyTime()
		f.say(n, api.PlanStep{Name: "gate", What: f.readyWords(), Min: takes, Max: takes, Basis: f.basis()})
	case reconcile.Register:
		f.say(n, api.PlanStep{Name: "open", What: f.caches.opening(), Max: f.costs.Response})
	case reconcile.Route:
		takes, _ := switchTimes(f.switches)
		f.say(0, api.PlanStep{Name: "route", What: f.routing(first.Step), Min: takes, Max: takes})
	case reconcile.Retire:
		f.peers()
		f.stopping(steps)
	case reconcile.Remove:
		if f.p.desired.Deleted && !f.removed {
			f.removed = true
			f.say(0, api.PlanStep{Name: "remove", What: "the containers, their leases and addresses; volumes stay"})
		}
	case reconcile.Accept:
		f.say(0, api.PlanStep{Name: "accept", What: fmt.Sprintf("revision %d: it alone serves, everywhere", f.p.revisionOf(first.Step.Revision).Number)})
	}
}

// peers tells what a Eureka server waits for before it goes.
func (f *forecast) peers() {
	var urls []string
	var grace time.Duration
	for _, peer := range f.p.observed.Peers {
		urls, grace = append(urls, peer.URL), max(grace, peer.Grace)
	}
	if len(urls) > 0 {
		f.say(0, api.PlanStep{Name: "gate", What: "whole: " + strings.Join(urls, ", ") + " has all that the other Eureka servers have", Max: grace})
	}
}

// stopping tells how instances come to their end: the delay in which they are kept warm, the drain, the signal.
func (f *forecast) stopping(steps []reconcile.PlannedStep) {
	n := len(steps)
	who := count(n, "instance")
	if !f.isTarget(steps[0].Step.Instance) {
		who = fmt.Sprintf("%d old", n)
	}
	var delay time.Duration
	if f.delayed {
		f.delayed = false
		if s := f.p.target.Deployment.Spec.Strategy.BlueGreen; s != nil {
			delay = secondsOf(s.ScaleDownDelaySeconds, 60)
		} else {
			delay = secondsOf(nil, 60)
		}
		f.say(n, api.PlanStep{Name: "delay", What: who + " warm for scaleDownDelaySeconds", Min: delay, Max: delay})
	}
	if line, drains := f.draining(who, steps[0].Step.Instance, delay); drains {
		f.say(n, line)
	}
	f.say(n, api.PlanStep{Name: "stop", What: f.signal(steps[0].Step.Instance)})
}

// folded replaces the waves that look like the first one by "2–7 for 2 more". Of all ways the one that spares most
// lines, and of those the shortest wave.
func folded(lines []planLine) []api.PlanStep {
	names := make([]string, len(lines))
	for i, line := range lines {
		names[i] = line.Name
	}
	from, length, times := 0, 0, 0
	for first := range lines {
		for wave := 2; wave <= (len(lines)-first)/2; wave++ {
			if n := repeats(names[first:], wave); n*wave > times*length {
				from, length, times = first, wave, n
			}
		}
	}
	var steps []api.PlanStep
	for i, line := range lines {
		if i < from+length || i >= from+length*(times+1) {
			steps = append(steps, line.PlanStep)
		}
		if times > 0 && i == from+length-1 {
			steps = append(steps, api.PlanStep{What: fmt.Sprintf("%d–%d for %d more", from+1, from+length, instancesIn(lines[from+length:from+length*(times+1)]))})
		}
	}
	return steps
}

// instancesIn counts the instances of waves: those that start, else those that stop.
func instancesIn(waves []planLine) int {
	started, stopped := 0, 0
	for _, line := range waves {
		switch line.Name {
		case "start":
			started += line.instances
		case "stop":
			stopped += line.instances
		}
	}
	if started > 0 {
		return started
	}
	return stopped
}

// repeats is how often the first length names come again right after themselves.
func repeats(names []string, length int) int {
	times := 0
	for end := length * (times + 2); end <= len(names) && slices.Equal(names[:length], names[end-length:end]); end = length * (times + 2) {
		times++
	}
	return times
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// isTarget: the instance is of the revision that the steps lead to.
func (f *forecast) isTarget(instance string) bool {
	return strings.HasPrefix(instance, fmt.Sprintf("%s-%s-", f.p.name, f.p.target.Hash))
}
