package spec

import (
	"fmt"
	"strings"
)

// PortOf is the template's port that the route named so leads to: the one that it names; else the one named like the
// route; else the only one.
func (r Route) PortOf(t Template, routeName string) (Port, error) {
	if r.Port != "" {
		return t.portNamed(r.Port)
	}
	for _, port := range t.Ports {
		if port.Name == routeName {
			return port, nil
		}
	}
	return t.onlyPort()
}

// PortOf is the template's port that is registered: the one that it names, else the only one.
func (r Registration) PortOf(t Template) (Port, error) {
	if r.Port != "" {
		return t.portNamed(r.Port)
	}
	return t.onlyPort()
}

// Port resolves a number or a name; the only port when ref is empty. A number need not be among the template's ports.
func (t Template) Port(ref PortRef) (int, error) {
	if n, err := ref.number(); err == nil {
		return n, nil
	}
	port, err := t.onlyPort()
	if ref != "" {
		port, err = t.portNamed(string(ref))
	}
	return port.ContainerPort, err
}

func (t Template) portNamed(name string) (Port, error) {
	for _, port := range t.Ports {
		if port.Name == name {
			return port, nil
		}
	}
	return Port{}, fmt.Errorf("no port %q among spec.template.ports%s", name, t.portNames())
}

func (t Template) onlyPort() (Port, error) {
	switch len(t.Ports) {
	case 0:
		return Port{}, fmt.Errorf("spec.template.ports is empty; write [{containerPort: 8080}]")
	case 1:
		return t.Ports[0], nil
	}
	return Port{}, fmt.Errorf("there are %d ports; name one%s", len(t.Ports), t.portNames())
}

// portNames is " (a, b)"; "" when none has a name.
func (t Template) portNames() string {
	var names []string
	for _, port := range t.Ports {
		if port.Name != "" {
			names = append(names, port.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}
