package controller

import (
	"testing"

	"github.com/segue-dev/segue/spec"
)

func TestWhereAnAdoptedInstanceIsProbed(t *testing.T) {
	a := adoptions{
		"old-1": {Container: "old-1", Port: 31234}, "old-2": {Container: "old-2"}, "orders-adopted-3": {Address: "127.0.0.1:8081"},
	}
	for name, want := range map[string]int{"old-1": 31234, "old-2": 0, "orders-adopted-3": 8081, "orders-x-1": 0} {
		if got := a.port(name); got != want {
			t.Errorf("port of %s: %d, want %d", name, got, want)
		}
	}
	get := &spec.Probe{HTTPGet: &spec.HTTPGetAction{Path: "/health", Port: "http"}}
	command := &spec.Probe{Exec: &spec.ExecAction{Command: []string{"true"}}}
	how := probing{readiness: get, liveness: command, ports: []spec.Port{{Name: "http", ContainerPort: 8080}}}
	aimed := how.at(31234)
	if aimed.readiness.HTTPGet.Port != "31234" || aimed.readiness.HTTPGet.Path != "/health" || aimed.liveness != command || aimed.ports[0].ContainerPort != 31234 {
		t.Errorf("aimed %+v", aimed)
	}
	if get.HTTPGet.Port != "http" || how.ports[0].ContainerPort != 8080 {
		t.Error("the template's own probe was changed")
	}
	how.readiness = command
	if left := how.at(8081).readOnly(); left.liveness != nil || left.readiness != nil {
		t.Errorf("a process without a container is asked %+v", left)
	}
}
