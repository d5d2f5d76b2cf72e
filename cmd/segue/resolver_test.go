package main

import (
	"context"
	"errors"
	"net/netip"
	"syscall"
	"testing"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/docker"
	"github.com/segue-dev/segue/spec"
)

func TestHostsOfEurekaURLs(t *testing.T) {
	ended := 0
	deployment := func(name string, template spec.Template, adopt []spec.Adopt, instances ...api.Instance) api.Status {
		d := &spec.Deployment{Metadata: spec.Metadata{Name: name}, Spec: spec.DeploymentSpec{Template: template, Adopt: adopt}}
		return api.Status{
			Kind: spec.KindDeployment, Name: spec.ParseName(name), Manifest: spec.Manifest{Deployment: d},
			Deployment: &api.DeploymentStatus{Instances: instances},
		}
	}
	items := []api.Status{
		deployment("eureka-1", spec.Template{Aliases: []string{"registry"}}, []spec.Adopt{{Container: "old"}},
			api.Instance{Address: "10.83.0.2", ExitCode: &ended}, api.Instance{Address: "10.83.0.3"}, api.Instance{Address: "10.83.0.4", Ready: true}),
		deployment("eureka-2", spec.Template{}, nil),
	}
	containers := map[string]docker.ContainerInfo{
		"alone": {Running: true, Addresses: []netip.Addr{netip.MustParseAddr("10.83.0.9")}},
		"host":  {Running: true},
		"old":   {}, "stopped": {},
	}
	r := &resolver{
		info: func(_ context.Context, name string) (docker.ContainerInfo, error) {
			found, there := containers[name]
			found.Missing = !there
			return found, nil
		},
		list: func(context.Context, api.Query) (api.List, error) { return api.List{Items: items}, nil },
	}
	for host, want := range map[string]string{
		"alone": "10.83.0.9", "host": "127.0.0.1", "eureka-1": "10.83.0.4", "registry": "10.83.0.4", "old": "10.83.0.4",
		"eureka.example": "eureka.example",
	} {
		if got, err := r.find(t.Context(), host); err != nil || got != want {
			t.Errorf("%s: %s, %v", host, got, err)
		}
	}
	for _, host := range []string{"stopped", "eureka-2"} {
		if got, err := r.find(t.Context(), host); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("%s: %s, %v", host, got, err)
		}
	}
}

func TestHostsAreFoundByDriversOfObjectsThatAreKeptFromBefore(t *testing.T) {
	d := &drivers{}
	r := d.resolver()
	r.info = func(context.Context, string) (docker.ContainerInfo, error) { return docker.ContainerInfo{}, nil }
	d.list = func(context.Context, api.Query) (api.List, error) { return api.List{}, nil }
	if got, err := r.find(t.Context(), "segue-eureka-main"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a container that does not run: %s, %v, want a refused connection", got, err)
	}
}
