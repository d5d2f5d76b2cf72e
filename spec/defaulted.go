package spec

import (
	"maps"
	"slices"
	"strings"
)

// The defaults that more than one place needs.
const (
	defaultHostIP = "127.0.0.1"
	// DefaultNginxImage is what segue runs where an Nginx object names no server: the first stable line that has
	// keepalive_min_timeout (1.27.4) in it.
	DefaultNginxImage = "nginx:1.30.6-alpine"
	// DefaultConfDir is segue's directory in nginx's configuration.
	DefaultConfDir = "/etc/nginx/segue"
	// DefaultInternalPorts is the range of segue's internal listeners.
	DefaultInternalPorts = "21000-21999"
)

// Defaulted is what is meant: d with every default that needs nothing but the manifest. Replicas is 1 when nil: fill in
// the live count first. What stays nil or empty depends on the world: minReadySeconds without a readinessProbe (on the
// image's HEALTHCHECK), a route's nginx and a registration's registry (on the objects: NginxOf, RegistryOf). d is left
// as it was.
func (d Deployment) Defaulted() Deployment {
	d.Metadata.Namespace = d.Metadata.ObjectName().Namespace
	s := &d.Spec
	given(&s.Replicas, 1)
	s.Strategy = s.Strategy.defaulted()
	if s.Template.ReadinessProbe != nil {
		given(&s.MinReadySeconds, 0)
	}
	given(&s.ProgressDeadlineSeconds, 600)
	given(&s.DrainTimeoutSeconds, 60)
	given(&s.AutoRollback, s.Strategy.Type != Recreate || len(s.Template.writableVolumes()) == 0)
	given(&s.RevisionHistoryLimit, 10)
	given(&s.Paused, false)
	routes := maps.Clone(s.Routes)
	for name, route := range routes {
		routes[name] = route.defaulted(s.Template, name)
	}
	s.Routes = routes
	grace := s.gracePeriod()
	if s.Eureka != nil {
		registration := s.Eureka.defaulted(s.Template, d.Metadata.Name)
		s.Eureka = &registration
	}
	s.Template = s.Template.defaulted()
	s.Template.TerminationGracePeriodSeconds = &grace
	if s.Strategy.Type == Recreate && s.Template.Aliases == nil && !s.Named() {
		s.Template.Aliases = []string{d.Metadata.ObjectName().String()}
	}
	return d
}

// given fills in what was not written; what was written is left alone, shared with the original.
func given[T any](field **T, value T) {
	if *field == nil {
		*field = &value
	}
}

func otherwise[T ~string](field *T, value T) {
	if *field == "" {
		*field = value
	}
}

// gracePeriod is the time between SIGTERM and SIGKILL in seconds.
func (s DeploymentSpec) gracePeriod() int {
	switch {
	case s.Template.TerminationGracePeriodSeconds != nil:
		return *s.Template.TerminationGracePeriodSeconds
	case s.Eureka != nil:
		return 45
	default:
		return 30
	}
}

func (s Strategy) defaulted() Strategy {
	otherwise(&s.Type, RollingUpdate)
	switch s.Type {
	case RollingUpdate:
		var rolling RollingUpdateStrategy
		if s.RollingUpdate != nil {
			rolling = *s.RollingUpdate
		}
		given(&rolling.MaxSurge, "1")
		given(&rolling.MaxUnavailable, "0")
		s.RollingUpdate = &rolling
	case BlueGreen:
		var blueGreen BlueGreenStrategy
		if s.BlueGreen != nil {
			blueGreen = *s.BlueGreen
		}
		given(&blueGreen.AutoPromote, true)
		given(&blueGreen.ScaleDownDelaySeconds, 60)
		slots := maps.Clone(blueGreen.Slots)
		for name, slot := range slots {
			if slot.HostPort != 0 {
				otherwise(&slot.HostIP, defaultHostIP)
			}
			slots[name] = slot
		}
		blueGreen.Slots = slots
		s.BlueGreen = &blueGreen
	case Recreate:
	}
	return s
}

func (r Route) defaulted(t Template, name string) Route {
	if port, err := r.PortOf(t, name); err == nil {
		otherwise(&r.Port, port.Name) // stays empty where the only port has no name
	}
	otherwise(&r.Balance, RoundRobin)
	given(&r.TimeoutSeconds, 60)
	if r.Kind() == RouteOwned {
		if len(r.Paths) == 0 {
			r.Paths = []string{"/"}
		}
		given(&r.StripPrefix, false)
		otherwise(&r.MaxBodySize, "1Gi")
	}
	return r
}

func (r Registration) defaulted(t Template, deployment string) Registration {
	otherwise(&r.App, strings.ToUpper(deployment))
	otherwise(&r.Mode, SelfRegistered)
	if port, err := r.PortOf(t); err == nil {
		otherwise(&r.Port, port.Name)
	}
	given(&r.Inject, true)
	if r.Mode == ProxiedRegistration {
		otherwise(&r.Balance, RoundRobin)
		given(&r.TimeoutSeconds, 60)
	}
	return r
}

// Defaulted is what is meant. Empty Servers stay empty: segue runs one itself. n is left as it was.
func (n Nginx) Defaulted() Nginx {
	n.Metadata.Namespace = n.Metadata.ObjectName().Namespace
	s := &n.Spec
	if len(s.Servers) == 0 {
		otherwise(&s.Image, DefaultNginxImage)
	}
	s.Servers = slices.Clone(s.Servers)
	for i := range s.Servers {
		if s.Servers[i].SSH != nil {
			otherwise(&s.Servers[i].Reach, ReachHost)
		}
		otherwise(&s.Servers[i].Reach, ReachContainer)
	}
	given(&s.HTTPPort, 80)
	given(&s.HTTPSPort, 443)
	otherwise(&s.InternalPorts, DefaultInternalPorts)
	otherwise(&s.ConfDir, DefaultConfDir)
	otherwise(&s.Switch, SwitchAuto)
	given(&s.KeepaliveMinTimeoutSeconds, 2)
	given(&s.LameSeconds, 3)
	return n
}

// Defaulted is what is meant. Empty Servers stay empty: segue runs one itself. e is left as it was.
func (e Eureka) Defaulted() Eureka {
	e.Metadata.Namespace = e.Metadata.ObjectName().Namespace
	e.Spec.Servers = slices.Clone(e.Spec.Servers)
	otherwise(&e.Spec.Reach, ReachContainer)
	given(&e.Spec.Caches.ResponseSeconds, 30)
	given(&e.Spec.Caches.FetchSeconds, 30)
	given(&e.Spec.Caches.LoadBalancerSeconds, 35)
	return e
}
