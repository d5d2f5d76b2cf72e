package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/segue-dev/segue/controller/docker"
	"github.com/segue-dev/segue/controller/eureka"
	"github.com/segue-dev/segue/spec"
)

const (
	// ownImage is the image that holds nothing but this binary. Its number grows when the registry itself changes: a
	// new segue alone is no reason to start it anew, since that empties it. Nobody can push under .invalid (RFC 2606).
	ownImage = "segue.invalid/registry:1"
	// registryPort is Eureka's customary one.
	registryPort = 8761
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

// Discard removes the container: the object is gone.
func (d *ownDriver) Discard(ctx context.Context) error {
	return d.own.engine.RemoveOwn(ctx, d.own.container())
}

func (o *ownRegistry) ensure(ctx context.Context) error {
	return o.ensureThisBinary(ctx, o.wanted(), ", or name servers in the Eureka object")
}

func (o *ownRegistry) wanted() docker.OwnContainer {
	command := []string{"eureka", "--listen", ":" + strconv.Itoa(registryPort)}
	if seconds := o.caches.ResponseSeconds; seconds != nil {
		command = append(command, "--response-cache", strconv.Itoa(*seconds)+"s")
	}
	return docker.OwnContainer{Name: o.container(), Image: ownImage, Command: command, Role: "eureka/" + o.name.String()}
}
