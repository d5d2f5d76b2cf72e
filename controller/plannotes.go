package controller

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// notes are what a person should know of the change, the cheaper settings first.
func (f *forecast) notes(from, to int) []string {
	if len(f.planned) == 0 {
		return nil
	}
	var notes []string
	if faster := f.faster(); faster != "" {
		notes = append(notes, faster)
	}
	if failing := f.ifItFails(from, to); failing != "" {
		notes = append(notes, failing)
	}
	if gap := f.gap(); gap != "" {
		notes = append(notes, gap)
	}
	if lost := f.emptied(); lost != "" {
		notes = append(notes, lost)
	}
	reloads := 0
	for _, step := range f.planned {
		reloads += number(step.Step.Kind == reconcile.Route)
	}
	for _, s := range f.switches {
		notes = append(notes, s.losses(reloads)...)
	}
	for _, server := range f.p.observed.Nginx {
		if server.State == reconcile.ServerUp && server.Included == reconcile.No {
			notes = append(notes, fmt.Sprintf("nginx %s does not include segue's files yet, so nothing is sent from there until it does: segue describe nginx", server.Name))
		}
	}
	for _, route := range sortedKeys(f.p.conflicts) {
		notes = append(notes, fmt.Sprintf("route %s belongs to %s, which is older: it stays there until that is deleted", route, f.p.conflicts[route]))
	}
	return notes
}

// ifItFails says what becomes of the service then.
func (f *forecast) ifItFails(from, to int) string {
	s := f.p.desired.Wanted.Deployment.Spec
	rollsBack := f.p.desired.Wanted.Deployment.Defaulted().Spec.AutoRollback
	switch {
	case f.p.desired.Deleted || from == to:
		return ""
	case from == 0:
		return "If it fails: there is no revision to go back to; what is ready stays, and nothing more is started."
	case rollsBack != nil && !*rollsBack:
		return fmt.Sprintf("If it fails: autoRollback is false, so what is ready stays; segue rollout undo %s goes back to revision %d.", f.p.name, from)
	case s.Strategy.Type == spec.Recreate:
		return fmt.Sprintf("If it fails: revision %d is started again by itself.", from)
	default:
		return fmt.Sprintf("If it fails: revision %d serves on and %d is rolled back by itself.", from, to)
	}
}

// emptied says what the replacement of the only Eureka server costs.
func (f *forecast) emptied() string {
	retires := slices.ContainsFunc(f.planned, func(step reconcile.PlannedStep) bool { return step.Step.Kind == reconcile.Retire })
	if len(f.p.observed.Alone) == 0 || !retires {
		return ""
	}
	return strings.Join(f.p.observed.Alone, ", ") + " has no other server: while this one is replaced its clients keep what they know, and once it is back, empty, " +
		"they lose instances until those have registered again, up to 30 s. A second server in another Deployment spares that: segue replaces one at a time."
}

// gap is how long a Recreate leaves nobody to serve.
func (f *forecast) gap() string {
	if f.p.target.Deployment.Spec.Strategy.Type != spec.Recreate || f.p.desired.Deleted {
		return ""
	}
	since, until := time.Duration(-1), time.Duration(-1)
	for _, step := range f.planned {
		switch {
		case since < 0 && (step.Step.Kind == reconcile.Retire || step.Step.Kind == reconcile.Route && len(step.Step.Serving) == 0):
			since = step.At
		case since >= 0 && step.Step.Kind == reconcile.Route && len(step.Step.Serving) > 0, since >= 0 && step.Step.Kind == reconcile.Accept:
			if until < 0 || step.Step.Kind == reconcile.Accept {
				until = step.At
			}
		}
	}
	if since < 0 || until < 0 {
		return ""
	}
	words := "nothing serves"
	if len(f.switches) > 0 {
		words = "requests are answered 503 with Retry-After"
	}
	return fmt.Sprintf("Recreate stops all, then starts: for about %s %s.", inSeconds(until-since), words)
}

// faster names the settings that would spare a fifth of the time or more, each folded for itself.
func (f *forecast) faster() string {
	total := f.totalOf(f.planned)
	var offers []string
	offer := func(words string, d reconcile.Desired, price string) {
		takes := f.totalOf(reconcile.Plan(d, f.p.observed, f.p.began, f.costs))
		if takes > 0 && takes <= total*4/5 {
			offers = append(offers, words+" → "+rounded(takes)+price)
		}
	}
	if d, extra, could := f.withFullSurge(); could {
		price := ""
		if bytes := f.memory(extra); bytes > 0 {
			price = ", +" + memoryWords(bytes)
		}
		offer("maxSurge: 100%", d, price)
	}
	const short = 5 * time.Second
	if d := f.p.desired; d.PropagationTime > 2*short && f.caches.servers > 0 && !d.Deleted {
		d.PropagationTime = 2 * short
		offer(fmt.Sprintf("caches of eureka/%s: fetchSeconds 5, loadBalancerSeconds 5", f.caches.name), d, " (where its consumers are set so)")
	}
	if len(offers) == 0 {
		return ""
	}
	return "Faster: " + strings.Join(offers, " · ")
}

// rounded is a duration in full: 36s, 6m40s, 2m.
func rounded(d time.Duration) string {
	text := d.Round(time.Second).String()
	if strings.HasSuffix(text, "m0s") {
		return strings.TrimSuffix(text, "0s")
	}
	return text
}

// withFullSurge is what is desired with all replicas started at once; extra is how many more are live then.
func (f *forecast) withFullSurge() (d reconcile.Desired, extra int, could bool) {
	d = f.p.desired
	s := d.Wanted.Deployment.Spec
	if s.Strategy.Type != "" && s.Strategy.Type != spec.RollingUpdate || numberOr(s.Replicas, 1) < 2 || d.Deleted {
		return d, 0, false
	}
	all := spec.IntOrPercent("100%")
	rolling := spec.RollingUpdateStrategy{}
	if s.Strategy.RollingUpdate != nil {
		rolling = *s.Strategy.RollingUpdate
	}
	most := 0
	for _, step := range f.planned {
		most = max(most, step.MaxLive)
	}
	rolling.MaxSurge = &all
	d.Wanted.Deployment.Spec.Strategy.RollingUpdate = &rolling
	return d, 2*numberOr(s.Replicas, 1) - most, true
}
