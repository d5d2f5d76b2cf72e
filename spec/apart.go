package spec

import (
	"fmt"
	"slices"
	"strings"
)

// claimNames reports names that have no namespace, where Deployments of different ones would meet: DNS names, applications
// in Eureka, and volumes that both write to. Within a namespace that may be meant.
func (s *objectSet) claimNames(m Manifest) {
	d := *m.Deployment
	meant := d.Defaulted().Spec
	if meant.Strategy.Type == Recreate {
		for i, alias := range meant.Template.Aliases {
			path := "metadata.name"
			if i < len(d.Spec.Template.Aliases) {
				path = item("spec.template.aliases", i)
			}
			s.claimApart(m, path, "the DNS name "+alias, "callers would get instances of both; name another here")
		}
	}
	for i, written := range d.Spec.Template.Volumes {
		if v, err := ParseVolume(written); err == nil && !v.IsPath() && !v.ReadOnly {
			s.claimApart(m, item("spec.template.volumes", i), "the volume "+v.Source, "both would write to it; name another here")
		}
	}
	if d.Spec.Eureka == nil {
		return
	}
	registry, err := d.Spec.Eureka.RegistryOf(m.Name().Namespace, s.names[KindEureka])
	if err != nil {
		return // reported as a reference
	}
	where := "Eureka " + registry.String()
	if e := s.byKey[KindEureka+"/"+registry.String()].Eureka; e != nil && len(e.Spec.Servers) > 0 {
		where = strings.Join(slices.Sorted(slices.Values(e.Spec.Servers)), ", ")
	}
	path := "spec.eureka"
	if d.Spec.Eureka.App != "" {
		path += ".app"
	}
	s.claimApart(m, path, fmt.Sprintf("the application %s in %s", strings.ToUpper(meant.Eureka.App), where),
		"its callers would get instances of both; give this namespace a Eureka of its own, or the application another name")
}

// claimApart is claim between Deployments of different namespaces, with a remedy.
func (s *objectSet) claimApart(m Manifest, path, what, remedy string) {
	before, taken := s.claimed[what]
	if !taken {
		s.claimed[what] = claim{m, path}
		return
	}
	if s.changed[m.key()] && before.by.Name().Namespace != m.Name().Namespace {
		s.problem(m, path, "%s is %s's already (%s, %s): %s", what, before.by.title(), before.path, before.by.whereIs(before.path), remedy)
	}
}
