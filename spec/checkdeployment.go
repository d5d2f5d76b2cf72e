package spec

import (
	"encoding/json"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

func (c checker) deployment(d Deployment) {
	c.metadata(d.Metadata)
	s := d.Spec
	c.atLeast("spec.replicas", s.Replicas, 0)
	c.atLeast("spec.minReadySeconds", s.MinReadySeconds, 0)
	c.atLeast("spec.progressDeadlineSeconds", s.ProgressDeadlineSeconds, 1)
	c.atLeast("spec.drainTimeoutSeconds", s.DrainTimeoutSeconds, 0)
	c.atLeast("spec.revisionHistoryLimit", s.RevisionHistoryLimit, 0)
	if s.ProgressDeadlineSeconds != nil && s.MinReadySeconds != nil && *s.ProgressDeadlineSeconds >= 1 && *s.ProgressDeadlineSeconds <= *s.MinReadySeconds {
		c.problem("spec.progressDeadlineSeconds", "must be more than minReadySeconds (%d), or no instance could ever be ready in time", *s.MinReadySeconds)
	}
	c.strategy(s)
	c.hostPorts(s)
	c.dependsOn(d)
	for i, a := range s.Adopt {
		c.adopt(item("spec.adopt", i), a)
	}
	c.routes(s)
	c.registration(s)
	c.template(s)
}

func (c checker) dependsOn(d Deployment) {
	seen := map[string]bool{}
	for i, name := range d.Spec.DependsOn {
		path := item("spec.dependsOn", i)
		switch {
		case name == "":
			c.problem(path, "empty; write a Deployment's name")
		case seen[name]:
			c.problem(path, "%q is named twice", name)
		case !c.fits(path, name, referGrammar, "NAME or NAMESPACE.NAME"):
		case ReferTo(name, d.Metadata.ObjectName().Namespace) == d.Metadata.ObjectName():
			c.problem(path, "it depends on itself")
		}
		seen[name] = true
	}
}

func (c checker) adopt(path string, a Adopt) {
	c.exactlyOne(path, map[string]bool{"container": a.Container != "", "address": a.Address != ""})
	c.fits(below(path, "container"), a.Container, containerGrammar, "a container's name")
	c.fits(below(path, "eurekaId"), a.EurekaID, eurekaIDGrammar, "an instance id as Eureka shows it")
	if a.Port != 0 {
		c.port(below(path, "port"), a.Port)
	}
	if a.Address == "" {
		return
	}
	if a.Port != 0 {
		c.problem(below(path, "port"), "only with container; an address has its port already")
	}
	at, err := netip.ParseAddrPort(a.Address)
	switch {
	case err != nil && strings.HasPrefix(a.Address, "localhost:"):
		c.problem(below(path, "address"), "want an IP address; write %q", "127.0.0.1:"+strings.TrimPrefix(a.Address, "localhost:"))
	case err != nil:
		c.problem(below(path, "address"), "%q is not ADDRESS:PORT, as 127.0.0.1:8081", a.Address)
	case at.Port() == 0 || at.Addr().IsUnspecified() || at.Addr().Zone() != "":
		c.problem(below(path, "address"), "%q cannot be dialled; want an address and a port, as 127.0.0.1:8081", a.Address)
	}
}

func (c checker) registration(s DeploymentSpec) {
	if s.Eureka == nil {
		return
	}
	r, path := *s.Eureka, "spec.eureka"
	c.fits(below(path, "registry"), r.Registry, referGrammar, "NAME or NAMESPACE.NAME of a Eureka object")
	c.fits(below(path, "app"), r.App, eurekaGrammar, "letters, digits, - _ and .")
	enum(c, below(path, "mode"), r.Mode)
	if _, err := r.PortOf(s.Template); err != nil {
		c.problem(below(path, "port"), "%s", err)
	}
	for _, key := range slices.Sorted(maps.Keys(r.Metadata)) {
		// Eureka servers answer in XML, too, where the key is an element's name.
		if !envNameGrammar.MatchString(key) {
			c.problem(below(below(path, "metadata"), key), "%q is not allowed; want letters, digits, _ . and -, not a digit first", key)
		}
	}
	c.proxied(s)
	c.springJSON(s)
}

// proxied checks what is for mode Proxied only, and what that mode excludes.
func (c checker) proxied(s DeploymentSpec) {
	r, path := *s.Eureka, "spec.eureka"
	if s.Proxied() {
		c.fits(below(path, "nginx"), r.Nginx, referGrammar, "NAME or NAMESPACE.NAME of an Nginx object")
		enum(c, below(path, "balance"), r.Balance)
		c.atLeast(below(path, "timeoutSeconds"), r.TimeoutSeconds, 1)
		if _, taken := s.Routes[EurekaRoute]; taken {
			c.problem(below("spec.routes", EurekaRoute), "mode Proxied has a route of this name of its own; give yours another one")
		}
		return
	}
	for name, written := range map[string]bool{"nginx": r.Nginx != "", "balance": r.Balance != "", "timeoutSeconds": r.TimeoutSeconds != nil} {
		if written {
			c.problem(below(path, name), "only for mode: Proxied, in which Eureka's clients call nginx; leave it out or say so")
		}
	}
}

// springJSON reports a SPRING_APPLICATION_JSON into which nothing can be merged.
func (c checker) springJSON(s DeploymentSpec) {
	const name = "SPRING_APPLICATION_JSON"
	written, given := s.Template.Env[name]
	if !given || s.Eureka.Inject != nil && !*s.Eureka.Inject {
		return
	}
	var object map[string]any
	if err := json.Unmarshal([]byte(written), &object); err != nil || object == nil {
		c.problem(below("spec.template.env", name), "not a JSON object, and segue merges into it what makes dark start and drain safe; mend it, or say spec.eureka.inject: false")
	}
}
