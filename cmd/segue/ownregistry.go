package main

import (
	"context"
	"debug/elf"
	"fmt"
	"os"
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

// ensure makes the container what it should be. One that is there keeps the binary that it has, if that will do.
func (o *ownRegistry) ensure(ctx context.Context) error {
	info, err := o.engine.Info(ctx, o.container())
	if err != nil {
		return fmt.Errorf("look for the registry's container: %w", err)
	}
	if !info.Missing && o.engine.EnsureOwn(ctx, o.wanted()) == nil {
		return nil // an error may be one that the image cures, so it is made and asked again
	}
	binary, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this binary: %w", err)
	}
	if err := checkStatic(binary); err != nil {
		return err
	}
	if err := o.engine.ImportBinary(ctx, ownImage, binary, nil); err != nil {
		return fmt.Errorf("make image of the registry: %w", err)
	}
	return o.engine.EnsureOwn(ctx, o.wanted())
}

func (o *ownRegistry) wanted() docker.OwnContainer {
	command := []string{"eureka", "--listen", ":" + strconv.Itoa(registryPort)}
	if seconds := o.caches.ResponseSeconds; seconds != nil {
		command = append(command, "--response-cache", strconv.Itoa(*seconds)+"s")
	}
	return docker.OwnContainer{Name: o.container(), Image: ownImage, Command: command, Role: "eureka/" + o.name.String()}
}

// checkStatic refuses a binary that would need a libc in its container.
func checkStatic(binary string) error {
	file, err := elf.Open(binary)
	if err != nil {
		return fmt.Errorf("read this binary: %w", err)
	}
	defer func() { _ = file.Close() }() // it was read
	for _, program := range file.Progs {
		if program.Type == elf.PT_INTERP {
			return fmt.Errorf("%s is linked dynamically and cannot run as the registry's container; build it with CGO_ENABLED=0, or name servers in the Eureka object", binary)
		}
	}
	return nil
}
