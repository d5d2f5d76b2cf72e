package spec

import (
	"fmt"
	"strings"
)

// NginxOf is the Nginx object that a route of a Deployment in namespace goes through, out of those that exist: the one
// named; else the namespace's only one; else the only one there is.
func (r Route) NginxOf(namespace string, existing []Name) (Name, error) {
	return refer(KindNginx, r.Nginx, namespace, existing)
}

// RegistryOf is the Eureka object that a Deployment in namespace registers with, chosen as NginxOf chooses.
func (r Registration) RegistryOf(namespace string, existing []Name) (Name, error) {
	return refer(KindEureka, r.Registry, namespace, existing)
}

// ReferTo reads NAME (in namespace) or NAMESPACE.NAME, as dependsOn, nginx and registry have it.
func ReferTo(written, namespace string) Name {
	if strings.Contains(written, ".") || namespace == "" {
		return ParseName(written)
	}
	return Name{Namespace: namespace, Name: written}
}

func refer(kind, written, namespace string, existing []Name) (Name, error) {
	if written != "" {
		wanted := ReferTo(written, namespace)
		for _, name := range existing {
			if name == wanted {
				return name, nil
			}
		}
		return Name{}, fmt.Errorf("no %s %q", kind, written)
	}
	var here []Name
	for _, name := range existing {
		if name.Namespace == namespace {
			here = append(here, name)
		}
	}
	switch {
	case len(here) == 1:
		return here[0], nil
	case len(existing) == 1:
		return existing[0], nil
	case len(existing) == 0:
		return Name{}, fmt.Errorf("there is no %s object; write one, as: {apiVersion: %s, kind: %s, metadata: {name: main}}", kind, APIVersion, kind)
	}
	var called []string
	for _, name := range existing {
		called = append(called, name.String())
	}
	return Name{}, fmt.Errorf("there are %d %s objects; name one of %s", len(existing), kind, strings.Join(called, ", "))
}
