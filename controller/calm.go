package controller

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// calmKind is the kind of the store's keys for calms: what people change while segue does not run is told at its start.
const calmKind = "Calm"

// calm is what the last look saw at which a Deployment was as it should be. Against it drift is told: what differs
// now, though nobody at segue asked for that.
type calm struct {
	Generation int64  `json:"generation"`
	Wanted     string `json:"wanted"`
	// Up are the instances that served, with each Eureka server's status of their leases.
	Up map[string]map[string]reconcile.LeaseStatus `json:"up"`
	// before: an earlier process of segue saw it.
	before bool
}

// settle remembers a look at which all was well. Deviations are over then.
func (m *memory) settle(p *pass) {
	m.calm = &calm{Generation: p.object.Generation, Wanted: p.desired.Wanted.Hash, Up: map[string]map[string]reconcile.LeaseStatus{}}
	for _, i := range p.observed.Instances {
		if i.State != reconcile.ContainerRunning || i.Retired || i.AddressOnly {
			continue
		}
		leases := map[string]reconcile.LeaseStatus{}
		for _, fact := range i.Eureka {
			leases[fact.Server] = fact.Lease.Status
		}
		m.calm.Up[i.Name] = leases
	}
}

// forgetStopped leaves out of the calm what segue itself ends or closes.
func (m *memory) forgetStopped(steps []reconcile.Step) {
	if m.calm == nil {
		return
	}
	for _, step := range steps {
		switch step.Kind {
		case reconcile.Retire, reconcile.Remove:
			if !m.drifted(step.Instance) {
				delete(m.calm.Up, step.Instance)
			}
		case reconcile.Deregister:
			if _, known := m.calm.Up[step.Instance]; known {
				m.calm.Up[step.Instance] = nil
			}
		default:
		}
	}
}

// same says whether two calms say the same; either may be nil.
func (c *calm) same(other *calm) bool {
	if c == nil || other == nil {
		return c == other
	}
	return c.Generation == other.Generation && c.Wanted == other.Wanted && maps.EqualFunc(c.Up, other.Up, maps.Equal)
}

func calmKey(name spec.Name) string { return calmKind + "/" + name.String() }

// calms are what an earlier process saw last of the Deployments that there are. all is what the store holds.
func (o *objects) calms(all map[string][]byte) (map[spec.Name]*calm, error) {
	found := map[spec.Name]*calm{}
	for _, k := range o.keys() {
		value := all[calmKey(k.name)]
		if k.kind != spec.KindDeployment || value == nil {
			continue
		}
		c := &calm{before: true}
		if err := json.Unmarshal(value, c); err != nil {
			return nil, fmt.Errorf("read %s from the store: %w", calmKey(k.name), err)
		}
		found[k.name] = c
	}
	return found, nil
}

// toKeep is the calm without what was told already and is being put right: the next process need not tell it again.
func (m *memory) toKeep() *calm {
	if m.calm == nil {
		return nil
	}
	kept := *m.calm
	kept.Up = maps.Clone(m.calm.Up)
	if !m.driftReported {
		for _, d := range m.drift {
			delete(kept.Up, d.instance)
		}
	}
	return &kept
}

// keepCalm writes the calm where it has changed: when all is well, and before segue itself ends what was well.
func (l *looker) keepCalm(p *pass) {
	now := p.memory.toKeep()
	if now == nil || now.same(p.memory.keptCalm) || !l.control.mayStep(p.name) {
		return
	}
	value, err := json.Marshal(now)
	if err == nil {
		err = l.control.options.Store.Put(calmKey(p.name), value)
	}
	if err != nil {
		l.log.Error(err, "Keeping what is well failed", "deployment", p.name.String())
		return
	}
	p.memory.keptCalm = now
}
