package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/segue-dev/segue/spec"
)

// ask is what people do.
func (s *simulation) ask(f fault, d *worldDeployment) {
	r := &d.desired.Record
	if s.w.serverOf(d) != nil && (f.kind == "scale" || f.kind == "delete" || len(r.Accepted) == 0) {
		return // Without its peer the other server would wait for a person for ever.
	}
	switch f.kind {
	case "apply":
		s.applyNew(d, behaviour{})
	case "move":
		if strings.HasPrefix(d.desired.Name.Name, "eureka") {
			return // A Eureka server is in no registry but its own.
		}
		s.applyNew(d, behaviour{})
		registration := s.drawRegistration()
		d.desired.PropagationTime = longestMemory
		for _, l := range s.loops {
			if l.d == d {
				l.seen = Observed{} // Which servers are read follows from what is wanted when they are.
			}
		}
		s.note("move from %s to %s", wayOf(d.desired.Wanted.Deployment.Spec.Eureka), wayOf(registration))
		s.edit(d, func(c *spec.DeploymentSpec) { c.Eureka = registration })
		s.say("  to %+v", registration)
	case "apply bad":
		bad := []behaviour{
			{neverReady: true}, {crashAfter: time.Second}, {crashAfter: 7 * time.Second}, {noImage: true}, {noCommand: true},
			{sickAfter: 6 * time.Second}, {badWarmup: true, neverReady: len(d.desired.Wanted.Deployment.Spec.Template.Warmup) == 0},
			{neverReady: true}, {neverReady: true},
		}
		if registration := d.desired.Wanted.Deployment.Spec.Eureka; registration != nil && registration.Mode != spec.ManagedRegistration {
			bad = append(bad[:len(bad)-2], behaviour{silent: true}, behaviour{downFor: 24 * time.Hour})
		}
		s.applyNew(d, bad[f.pick%len(bad)])
	case "scale":
		if len(d.slots()) == 0 {
			s.edit(d, func(c *spec.DeploymentSpec) { c.Replicas = ptr(f.pick % 5) })
			s.say("  to %d", f.pick%5)
		}
	case "undo":
		if n := len(r.Accepted); n > 0 {
			d.remember()
			replicas := d.desired.Wanted.Deployment.Spec.Replicas
			d.desired.Wanted = r.Accepted[f.pick%n]
			r.Rejected, r.Aborted = nil, ""
			s.edit(d, func(c *spec.DeploymentSpec) { c.Replicas = replicas })
			s.say("  to %s", d.desired.Wanted.Hash)
		}
	case "undo to 0":
		s.undoToAdopted(f, d)
	case "pause":
		r.Paused = true
	case "resume":
		r.Paused = false
	case "promote":
		r.Promoted = d.desired.Wanted.Hash
	case "abort":
		r.Aborted = d.desired.Wanted.Hash
	case "retry":
		r.Rejected, r.Aborted = nil, ""
	case "delete":
		if f.pick%3 == 0 {
			d.desired.Deleted = true
		}
	case "strategy":
		if len(d.slots()) == 0 {
			strategy := s.drawStrategy()
			s.edit(d, func(c *spec.DeploymentSpec) { c.Strategy = strategy })
			s.say("  %s", strategy.Type)
		}
	case "dependency":
		s.lasting(f, func() { d.dependencies = []string{"default/other"} }, func() { d.dependencies = nil })
	}
}

// wayOf names a way to be found in Eureka.
func wayOf(r *spec.Registration) string {
	switch {
	case r == nil:
		return "none"
	case r.Mode == "" || r.Mode == spec.SelfRegistered:
		return "self"
	default:
		return strings.ToLower(string(r.Mode))
	}
}

// undoToAdopted goes back to what ran before segue came; it is as good as a drawn one.
func (s *simulation) undoToAdopted(f fault, d *worldDeployment) {
	if !slices.ContainsFunc(s.w.containers, func(c *worldContainer) bool { return c.adopted && c.Deployment == d.desired.Name }) {
		return
	}
	d.remember()
	wanted := d.desired.Wanted.Deployment
	if settled, known := d.desired.revision(AdoptedRevision); known {
		replicas := wanted.Spec.Replicas
		wanted = settled.Deployment
		wanted.Spec.Replicas = replicas
	}
	d.desired.Wanted = Revision{Hash: AdoptedRevision, Deployment: wanted}
	d.desired.Record.Rejected, d.desired.Record.Aborted = nil, ""
	if f.pick%4 == 0 {
		d.behaviours[AdoptedRevision] = []behaviour{{neverReady: true}, {crashAfter: time.Second}, {crashAfter: 7 * time.Second}}[f.pick/4%3]
	}
}

func (d *worldDeployment) slots() map[string]spec.Slot {
	if bg := d.desired.Wanted.Deployment.Spec.Strategy.BlueGreen; bg != nil {
		return bg.Slots
	}
	return nil
}

func (s *simulation) edit(d *worldDeployment, change func(*spec.DeploymentSpec)) {
	change(&d.desired.Wanted.Deployment.Spec)
}

// remember keeps what is wanted, before it is another revision.
func (d *worldDeployment) remember() {
	d.desired.Overtaken = append(slices.Clone(d.desired.Overtaken), d.desired.Wanted)
}

// overtake remembers what is wanted, before a new text takes its place.
func (d *worldDeployment) overtake() {
	d.remember()
	d.desired.Record = Supersede(d.desired.Record, d.desired.Wanted)
}

func (s *simulation) applyNew(d *worldDeployment, b behaviour) {
	s.revision++
	hash := fmt.Sprintf("v%d", s.revision+1)
	d.behaviours[hash] = b
	d.overtake()
	d.desired.Record.Rejected, d.desired.Record.Aborted = nil, ""
	d.desired.Wanted = Revision{Hash: hash, Number: s.revision + 1, Deployment: d.desired.Wanted.Deployment}
	s.say("  %s %+v", hash, b)
}
