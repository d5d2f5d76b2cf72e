package main

import (
	"context"
	"errors"
	"net/netip"
	"path/filepath"

	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/docker"
	"github.com/segue-dev/segue/controller/eureka"
	"github.com/segue-dev/segue/controller/nginx"
	"github.com/segue-dev/segue/controller/nginx/ssh"
	"github.com/segue-dev/segue/spec"
)

// drivers makes the drivers of Nginx and Eureka objects.
type drivers struct {
	engine *docker.Runtime
	// gateway is the machine's address on the network segue.
	gateway netip.Addr
	// advertise is the machine's address for others; invalid when nobody said.
	advertise netip.Addr
	owner     string
	stateDir  string
	// readFile reads a file that an object names, and decrypts it where that is needed.
	readFile func(path string) ([]byte, error)
	readOnly bool
	log      logr.Logger
	// list is the controller's, set before anything runs.
	list func(context.Context, api.Query) (api.List, error)
	// reportsDrift is the controller's too.
	reportsDrift func(kind string, name spec.Name) bool
}

// router makes the switcher of an Nginx object with defaults filled in.
func (d *drivers) router(object spec.Nginx) (controller.Router, error) {
	name := object.Metadata.ObjectName()
	options := nginx.Options{
		Name: name, Spec: object.Spec, Owner: d.owner, Connections: d.engine.Connections, Gateway: d.gateway, Advertise: d.advertise, ReadOnly: d.readOnly,
		Log:         d.log.WithName("nginx").WithValues("nginx", name.String()),
		ReportDrift: func() bool { return d.reportsDrift(spec.KindNginx, name) },
	}
	var own *ownNginx
	engine := nginx.Engine{Info: d.nginxInfo, Exec: d.engine.ExecApart, Tail: d.engine.Tail}
	if len(object.Spec.Servers) == 0 {
		own = &ownNginx{drivers: d, name: name, spec: object.Spec}
		options.Own = true
		options.Servers = []nginx.Server{nginx.NewContainer(own.container(), object.Spec.ConfDir, engine)}
		options.Prepare = own.ensure
	} else {
		var containers []string
		for _, server := range object.Spec.Servers {
			switch {
			case server.SSH != nil:
				machine := ssh.New(ssh.Options{Address: server.SSH.Address, IdentityFile: server.SSH.IdentityFile, Sudo: server.SSH.Sudo})
				options.Servers = append(options.Servers, nginx.NewRemote(server.Name(), object.Spec.ConfDir, machine))
			case server.Container == "":
				options.Servers = append(options.Servers, nginx.NewHost(object.Spec.ConfDir))
			default:
				containers = append(containers, server.Container)
				place := filepath.Join(d.stateDir, "places", server.Container+".json")
				options.Servers = append(options.Servers, nginx.NewContainer(server.Container, object.Spec.ConfDir, engine).Remember(place, d.readOnly))
			}
		}
		options.Prepare = func(ctx context.Context) error { return d.attach(ctx, containers) }
	}
	if d.readOnly {
		options.Prepare = nil
	}
	made, err := nginx.New(options)
	if err != nil {
		return nil, err
	}
	named := &namedRouter{Switcher: made, names: &insideNames{drivers: d, nginx: name, wake: make(chan struct{}, 1), at: map[string]map[string]string{}}}
	if own == nil {
		return named, nil
	}
	return &ownRouter{namedRouter: named, own: own}, nil
}

// attach puts the containers that a manifest names on the network segue: naming them is the consent.
func (d *drivers) attach(ctx context.Context, containers []string) error {
	var failed []error
	for _, container := range containers {
		failed = append(failed, d.engine.Attach(ctx, container))
	}
	return errors.Join(failed...)
}

// nginxInfo says in the switcher's words what the engine knows of a container.
func (d *drivers) nginxInfo(ctx context.Context, container string) (nginx.ContainerInfo, error) {
	info, err := d.engine.Info(ctx, container)
	if err != nil {
		return nginx.ContainerInfo{}, err
	}
	told := nginx.ContainerInfo{Missing: info.Missing, Running: info.Running, Pid: info.Pid, Addresses: info.Addresses, HostNetwork: info.HostNetwork}
	for _, m := range info.Mounts {
		told.Mounts = append(told.Mounts, nginx.Mount{Source: m.Source, Target: m.Target})
	}
	return told, nil
}

// resolver finds the hosts that Eureka objects name. It asks for list at each dial: drivers of objects that are kept from
// before are made earlier than that is set.
func (d *drivers) resolver() *resolver {
	return &resolver{
		info: d.engine.Info,
		list: func(ctx context.Context, query api.Query) (api.List, error) { return d.list(ctx, query) },
	}
}

// registry makes the driver of a Eureka object with defaults filled in.
func (d *drivers) registry(object spec.Eureka) (controller.Registry, error) {
	name := object.Metadata.ObjectName()
	options := eureka.Options{
		Name: name, Spec: object.Spec, Owner: d.owner, Dial: d.resolver().dial, ReadFile: d.readFile, ReadOnly: d.readOnly,
		Log: d.log.WithName("eureka").WithValues("eureka", name.String()),
	}
	if len(object.Spec.Servers) == 0 {
		own := &ownRegistry{drivers: d, name: name, caches: object.Spec.Caches}
		options.Spec.Servers = []string{own.url()}
		if !d.readOnly {
			options.Prepare = own.ensure
		}
		made, err := eureka.New(options)
		if err != nil {
			return nil, err
		}
		return &ownDriver{Driver: made, own: own}, nil
	}
	return eureka.New(options)
}
