package controller

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
)

// planWords are how the steps are called in a plan.
var planWords = map[reconcile.StepKind]string{
	reconcile.Pull: "pull", reconcile.Seed: "seed", reconcile.Start: "start", reconcile.Warm: "warm",
	reconcile.Register: "open", reconcile.Route: "route", reconcile.Deregister: "close", reconcile.Retire: "stop",
	reconcile.Remove: "remove", reconcile.Accept: "accept", reconcile.Reject: "reject",
}

func totalOf(planned []reconcile.PlannedStep) time.Duration {
	if len(planned) == 0 {
		return 0
	}
	return planned[len(planned)-1].At
}

// planLines are the lines of a plan: a gate before what waits for it, steps of one kind and moment in one line, waves
// that repeat in one. words say what a gate of that name waits for, where the planner's own are not for people.
func planLines(planned []reconcile.PlannedStep, words map[string]string) []api.PlanStep {
	var lines []api.PlanStep
	for i := 0; i < len(planned); {
		j := i + 1
		for j < len(planned) && planned[j].Step.Kind == planned[i].Step.Kind && planned[j].At == planned[i].At {
			j++
		}
		if gate, waited := gateLine(planned[i], words); waited {
			lines = append(lines, gate)
		}
		lines = append(lines, stepLine(planned[i:j]))
		i = j
	}
	lines = fold(lines)
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

// gateLine is the wait before a step.
func gateLine(step reconcile.PlannedStep, words map[string]string) (api.PlanStep, bool) {
	if step.Waited < time.Second {
		return api.PlanStep{}, false
	}
	name, what := "gate", step.Gate.Reason
	switch step.Gate.Gate {
	case "propagation", "connections", "drain":
		name = "drain"
	}
	if own := words[step.Gate.Gate]; own != "" {
		what = own
	}
	if what == "" {
		what = "until what was begun is done"
	}
	return api.PlanStep{Name: name, What: what, Min: step.Waited, Max: step.Waited}, true
}

// stepLine is one line for steps of one kind and moment.
func stepLine(steps []reconcile.PlannedStep) api.PlanStep {
	first := steps[0]
	line := api.PlanStep{Name: planWords[first.Step.Kind], What: first.Step.Reason}
	switch first.Step.Kind {
	case reconcile.Start, reconcile.Seed:
		line.What = count(len(steps), "instance")
		if first.Step.Kind == reconcile.Start {
			line.Note = fmt.Sprintf("%d live of %d allowed", first.Live+len(steps), first.MaxLive)
		}
	case reconcile.Retire, reconcile.Remove, reconcile.Register, reconcile.Deregister, reconcile.Warm:
		line.What = count(len(steps), "instance") + ": " + first.Step.Reason
	}
	return line
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// fold replaces waves that look like the one before by one line: start, gate, route, stop, start, gate, route, stop is
// start, gate, route, stop and "the same once more".
func fold(lines []api.PlanStep) []api.PlanStep {
	names := make([]string, len(lines))
	for i, line := range lines {
		names[i] = line.Name
	}
	for from := range lines {
		for length := (len(lines) - from) / 2; length >= 2; length-- {
			times := repeats(names[from:], length)
			if times == 0 {
				continue
			}
			folded := slices.Clone(lines[:from+length])
			again := api.PlanStep{Name: "repeat", What: fmt.Sprintf("%d–%d, %s", from+1, from+length, strings.Replace(count(times, "more time"), "1 more time", "once more", 1))}
			for _, line := range lines[from+length : from+length*(times+1)] {
				again.Min += line.Min
				again.Max += line.Max
			}
			return append(append(folded, again), lines[from+length*(times+1):]...)
		}
	}
	return lines
}

// repeats is how often the first length names come again right after themselves.
func repeats(names []string, length int) int {
	times := 0
	for end := length * (times + 2); end <= len(names) && slices.Equal(names[:length], names[end-length:end]); end = length * (times + 2) {
		times++
	}
	return times
}
