package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/segue-dev/segue/controller/docker"
	"github.com/segue-dev/segue/controller/eureka"
	"github.com/segue-dev/segue/spec"
)

const (
	// ownImage is the image that holds nothing but this binary. Its number grows when the registry itself changes: a
	// new segue alone is no reason to start it anew: nobody can register meanwhile. Nobody can push under .invalid
	// (RFC 2606).
	ownImage = "segue.invalid/registry:2"
	// registryPort is Eureka's customary one.
	registryPort = 8761
	// keptAt is where the container has the directory of its leases.
	keptAt = "/leases"
)

// ownRegistry is the Eureka server that segue runs itself where a Eureka object names none: this binary, in a
// container. The engine keeps it running; the end of segue does not touch it.
type ownRegistry struct {
	*drivers
	name   spec.Name
	caches spec.Caches
}

func (o *ownRegistry) container() string { return "segue-eureka-" + o.name.String() }

// url is how instances on the network segue reach it; segue itself finds the address through the engine.
func (o *ownRegistry) url() string {
	return fmt.Sprintf("http://%s:%d/eureka", o.container(), registryPort)
}

// ownDriver is the driver of an ownRegistry.
type ownDriver struct {
	*eureka.Driver
	own *ownRegistry
}

// Discard removes the container and its leases: the object is gone.
func (d *ownDriver) Discard(ctx context.Context) error {
	if err := d.own.engine.RemoveOwn(ctx, d.own.container()); err != nil {
		return err
	}
	if err := os.RemoveAll(d.own.dir()); err != nil {
		return fmt.Errorf("remove leases: %w", err)
	}
	return nil
}

// dir outlasts the container: another one in its place goes on with its leases.
func (o *ownRegistry) dir() string { return filepath.Join(o.stateDir, "eureka", o.name.String()) }

func (o *ownRegistry) ensure(ctx context.Context) error {
	if err := os.MkdirAll(o.dir(), 0o700); err != nil {
		return fmt.Errorf("make directory of leases: %w", err)
	}
	return o.ensureThisBinary(ctx, o.wanted(), ", or name servers in the Eureka object")
}

func (o *ownRegistry) wanted() docker.OwnContainer {
	command := []string{"eureka", "--listen", ":" + strconv.Itoa(registryPort), "--keep", keptAt + "/leases.json"}
	if seconds := o.caches.ResponseSeconds; seconds != nil {
		command = append(command, "--response-cache", strconv.Itoa(*seconds)+"s")
	}
	return docker.OwnContainer{
		Name: o.container(), Image: ownImage, Command: command, Role: "eureka/" + o.name.String(),
		Mounts: []docker.Mount{{Source: o.dir(), Target: keptAt}},
	}
}
