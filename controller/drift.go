package controller

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// deviation is one thing that somebody changed by hand.
type deviation struct {
	// instance is what it is about; what is a container or a lease, on where that is.
	instance, what, on string
	// was and is are the lines of its diff.
	was, is string
}

// diff is the deviation as people read one.
func (d deviation) diff() string {
	return fmt.Sprintf("%s %s%s: -%s +%s", d.what, d.instance, d.on, d.was, d.is)
}

// handExits are how a process ends that was told to end: by itself, or by SIGINT, SIGKILL or SIGTERM.
var handExits = map[int]string{0: "exited (0)", 130: "exited (130, SIGINT)", 137: "exited (137, SIGKILL)", 143: "exited (143, SIGTERM)"}

// deviations are what differs from the calm; nil while there is none to compare with.
func (p *pass) deviations() []deviation {
	c := p.memory.calm
	if c == nil || p.observed.Engine.Name != "" {
		return nil
	}
	if c.Generation != p.object.Generation || c.Wanted != p.desired.Wanted.Hash || p.object.Deleting {
		p.memory.calm = nil
		return nil
	}
	var found []deviation
	for _, name := range slices.Sorted(maps.Keys(c.Up)) {
		i := p.instance(name)
		switch {
		case i == nil:
			found = append(found, deviation{instance: name, what: "container", was: "running", is: "removed"})
		case i.Retired:
		case i.State == reconcile.ContainerExited:
			if words := handExits[i.ExitCode]; words != "" && i.ExitAlone && !i.OOMKilled {
				found = append(found, deviation{instance: name, what: "container", was: "running", is: words})
			}
		case i.State == reconcile.ContainerRunning && ready(*i):
			found = append(found, leaseDeviations(*i, c.Up[name])...)
		}
	}
	return found
}

// leaseDeviations are the servers that say something else of a ready instance than UP. None at all is no hand's work: a
// server that was restarted is empty.
func leaseDeviations(i reconcile.Instance, was map[string]reconcile.LeaseStatus) []deviation {
	var found []deviation
	for _, fact := range i.Eureka {
		now := fact.Lease.Status
		if was[fact.Server] == reconcile.LeaseUp && now != reconcile.LeaseUp && now != reconcile.LeaseNone && fact.State == reconcile.ServerUp {
			found = append(found, deviation{instance: i.Name, what: "lease", on: " at " + fact.Server, was: string(reconcile.LeaseUp), is: string(now)})
		}
	}
	return found
}

func (m *memory) drifted(instance string) bool {
	return slices.ContainsFunc(m.drift, func(d deviation) bool { return d.instance == instance })
}

// reportsDrift: what was changed by hand in what the object describes is left as it is.
func (c *Controller) reportsDrift(o *object) bool {
	switch annotationsOf(o.Manifest)[spec.DriftPolicy] {
	case "report":
		return true
	case "heal":
		return false
	default:
		return c.options.policy(o.Owner).ReportDrift
	}
}

func annotationsOf(m spec.Manifest) map[string]string {
	switch {
	case m.Deployment != nil:
		return m.Deployment.Metadata.Annotations
	case m.Nginx != nil:
		return m.Nginx.Metadata.Annotations
	case m.Eureka != nil:
		return m.Eureka.Metadata.Annotations
	default:
		return nil
	}
}

// noteDrift tells of what was changed by hand, each once for as long as it lasts, and leaves it as it is where it is
// only to be reported: nothing is started, opened or removed for it. What is dead leaves nginx all the same.
func (l *looker) noteDrift(p *pass) {
	before := p.memory.drift
	found := p.deviations()
	report := l.control.reportsDrift(p.object)
	if p.memory.calm != nil && !report {
		// What is being healed stays drift until all is well again.
		for _, d := range before {
			if !slices.Contains(found, d) {
				found = append(found, d)
			}
		}
	}
	p.memory.drift, p.memory.driftReported = found, report
	for _, d := range found {
		if !slices.Contains(before, d) {
			what := "it is put right"
			if report {
				what = "it is only reported (drift: report)"
			}
			if p.memory.calm != nil && p.memory.calm.before {
				what += ", as it was found after segue had not run"
			}
			l.control.journal.note(p.key(), warning, api.ConditionDrift, d.diff()+"; "+what, "")
		}
	}
	if !report || len(found) == 0 {
		return
	}
	p.due = slices.DeleteFunc(p.due, func(step reconcile.Step) bool {
		switch step.Kind {
		case reconcile.Seed, reconcile.Start, reconcile.Register, reconcile.Remove:
			return true
		default:
			return false
		}
	})
}

// drift is the condition.
func (c *conditions) drift(p *pass) {
	if len(p.memory.drift) == 0 {
		return
	}
	var words []string
	for _, d := range p.memory.drift {
		words = append(words, d.diff())
	}
	reason := "Healing"
	if p.memory.driftReported {
		reason = "Reported"
	}
	c.add(api.ConditionDrift, conditionTrue, reason, strings.Join(words, "; "))
}

// noteServerDrift tells of what was changed by hand in the files of nginx servers, when that is new or over.
func (l *looker) noteServerDrift(k key, before, now []api.Condition) {
	was, is := driftIn(before), driftIn(now)
	switch {
	case is.Message == was.Message:
	case is.Status != conditionTrue:
		l.control.journal.note(k, normal, "DriftHealed", "it is as it should be again", "")
	default:
		what := "it is put right"
		if is.Reason == "Reported" {
			what = "it is only reported (drift: report)"
		}
		l.control.journal.note(k, warning, api.ConditionDrift, is.Message+"; "+what, "")
	}
}

func driftIn(conditions []api.Condition) api.Condition {
	for _, c := range conditions {
		if c.Type == api.ConditionDrift {
			return c
		}
	}
	return api.Condition{}
}

// ReportsDrift: what is changed by hand in what an object describes is left as it is.
func (c *Controller) ReportsDrift(kind string, name spec.Name) bool {
	o := c.objects.get(key{kind: kind, name: name})
	return o != nil && c.reportsDrift(o)
}
