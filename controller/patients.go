package controller

import (
	"reflect"
	"slices"
	"sync"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// patients are the instances that the prober watches, by Deployment.
type patients struct {
	prober Prober

	mu      sync.Mutex
	targets map[spec.Name][]reconcile.ProbeTarget
	// home is the Deployment of an instance.
	home map[string]spec.Name
}

func newPatients(prober Prober) *patients {
	return &patients{prober: prober, targets: map[spec.Name][]reconcile.ProbeTarget{}, home: map[string]spec.Name{}}
}

// watch makes targets the watched instances of a Deployment. The same again costs a comparison.
func (w *patients) watch(name spec.Name, targets []reconcile.ProbeTarget) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.targets[name]
	if slices.EqualFunc(before, targets, func(a, b reconcile.ProbeTarget) bool { return reflect.DeepEqual(a, b) }) {
		return
	}
	for _, t := range before {
		delete(w.home, t.Instance)
	}
	for _, t := range targets {
		w.home[t.Instance] = name
	}
	w.targets[name] = targets
	if len(targets) == 0 {
		delete(w.targets, name)
	}
	w.prober.Watch(name.String(), targets)
}

// homeOf is the Deployment of a watched instance.
func (w *patients) homeOf(instance string) (spec.Name, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	name, ok := w.home[instance]
	return name, ok
}

// probing is how a revision's instances are probed.
type probing struct {
	startup, readiness, liveness *spec.Probe
	warmup                       []spec.Warmup
	ports                        []spec.Port
	// byImage: the template has no readinessProbe, so an image's HEALTHCHECK takes its place, else fallback.
	byImage  bool
	fallback *spec.Probe
}

// probingOf reads a revision's probes, with defaults. Without a readinessProbe it is a TCP probe of the routed or
// registered port; nil where there is neither.
func probingOf(d spec.Deployment) probing {
	t := d.Defaulted().Spec.Template
	how := probing{startup: t.StartupProbe, readiness: t.ReadinessProbe, liveness: t.LivenessProbe, warmup: t.Warmup, ports: t.Ports}
	if how.readiness != nil {
		return how
	}
	how.byImage = true
	if port, ok := trafficPort(d.Spec); ok {
		how.fallback = &spec.Probe{TCPSocket: &spec.TCPSocketAction{Port: portRef(port)}}
	}
	return how
}

// trafficPort is the first routed port, else the registered one.
func trafficPort(s spec.DeploymentSpec) (int, bool) {
	for _, name := range sortedKeys(s.Routes) {
		if port, err := s.Routes[name].PortOf(s.Template, name); err == nil {
			return port.ContainerPort, true
		}
	}
	if s.Eureka != nil {
		if port, err := s.Eureka.PortOf(s.Template); err == nil {
			return port.ContainerPort, true
		}
	}
	return 0, false
}

// target is how one instance is probed.
func (how probing) target(i reconcile.Instance, bornReady bool) reconcile.ProbeTarget {
	t := reconcile.ProbeTarget{
		Instance: i.Name, ContainerID: i.ID, Address: i.Address, Ports: how.ports,
		Startup: how.startup, Readiness: how.readiness, Liveness: how.liveness, Warmup: how.warmup, BornReady: bornReady,
	}
	if how.byImage && i.HasImageHealth {
		t.UseImageHealth, t.ImageHealth = true, i.ImageHealth
	} else if how.byImage {
		t.Readiness = how.fallback
	}
	return t
}
