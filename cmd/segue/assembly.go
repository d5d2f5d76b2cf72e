package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/docker"
	"github.com/segue-dev/segue/controller/probe"
	"github.com/segue-dev/segue/controller/store"
	"github.com/segue-dev/segue/spec"
)

// assembly is a controller and what it drives. This file, drivers.go and their companions own*.go are the only ones
// that make drivers.
type assembly struct {
	controller *controller.Controller
	engine     *docker.Runtime
	store      *store.Store
	owner      string
}

// wishes are what a command asks of its controller beyond the flags that every command has.
type wishes struct {
	// sources are what is followed; nil: nothing is.
	sources *followed
	// readOnly: look, and change nothing at all.
	readOnly bool
	only     func(spec.Name) bool
	log      logr.Logger
}

// assemble makes a controller and its drivers. It starts nothing.
func (c *cli) assemble(ctx context.Context, w wishes) (*assembly, error) {
	network, err := netip.ParsePrefix(c.instanceCIDR)
	if err != nil {
		return nil, usage("error: --instance-cidr %q: want a subnet such as 10.83.0.0/16", c.instanceCIDR)
	}
	advertise, err := c.advertised()
	if err != nil {
		return nil, err
	}
	ports, err := readHostPorts(c.hostPorts)
	if err != nil {
		return nil, err
	}
	owner, err := c.ownerID()
	if err != nil {
		return nil, err
	}
	stateDir, err := filepath.Abs(c.stateDir)
	if err != nil {
		return nil, fmt.Errorf("find state directory: %w", err)
	}
	kept, err := store.Open(stateDir)
	if errors.Is(err, os.ErrPermission) {
		return nil, usage("error: %v; use sudo, or name a directory of yours with --state-dir", err)
	}
	if err != nil {
		return nil, err
	}
	secrets, err := c.secrets()
	if err != nil {
		return nil, err
	}
	engine, err := w.engine(ctx, docker.Options{
		Owner: owner, StateDir: stateDir, SecretDir: secrets.dir, InstanceCIDR: network, Log: w.log.WithName("docker"),
	}, secrets.open != nil)
	if err != nil {
		return nil, err
	}
	if w.sources == nil {
		w.sources = &followed{}
	}
	parts := &drivers{engine: engine, gateway: docker.Gateway(network), advertise: advertise, owner: owner, stateDir: stateDir, readOnly: w.readOnly, readFile: secrets.readFile, log: w.log}
	made, err := controller.New(controller.Options{
		Owner: owner, Runtime: engine, Prober: probe.New(engine.Exec, w.log.WithName("probe")),
		NewRouter: parts.router, NewRegistry: parts.registry, FreeMemory: freeMemory,
		Store: kept, Sources: w.sources.sources, Policies: w.sources.policies, ReportDrift: w.sources.reportDrift, Network: network,
		Advertise: advertise, HostPorts: ports, Open: secrets.open,
		Only: w.only, ReadOnly: w.readOnly, Version: release(), Log: w.log,
	})
	if err != nil {
		return nil, err
	}
	parts.list, parts.reportsDrift = made.List, made.ReportsDrift
	return &assembly{controller: made, engine: engine, store: kept, owner: owner}, nil
}

// engine connects to the Docker Engine. secret: files will be decrypted, and so there must be memory to keep them in.
func (w *wishes) engine(ctx context.Context, options docker.Options, secret bool) (*docker.Runtime, error) {
	engine, err := docker.New(options)
	if err != nil {
		return nil, fmt.Errorf("connect to Docker: %w", err)
	}
	if w.readOnly {
		return engine, nil
	}
	if secret {
		if err := engine.CheckSecretDir(); err != nil {
			return nil, usage("error: --age-identity: %v", err)
		}
	}
	if err := engine.Prepare(ctx); err != nil {
		return nil, fmt.Errorf("prepare Docker: %w", err)
	}
	return engine, nil
}
