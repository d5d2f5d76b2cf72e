package main

import (
	"context"
	"debug/elf"
	"fmt"
	"os"
	"strconv"

	"github.com/segue-dev/segue/controller/docker"
	"github.com/segue-dev/segue/spec"
)

const (
	// ownImage is the image that holds nothing but this binary.
	ownImage = "segue/segue:own"
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

// ensure makes the container what it should be.
func (o *ownRegistry) ensure(ctx context.Context) error {
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
	command := []string{"eureka", "--listen", ":" + strconv.Itoa(registryPort)}
	if seconds := o.caches.ResponseSeconds; seconds != nil {
		command = append(command, "--response-cache", strconv.Itoa(*seconds)+"s")
	}
	return o.engine.EnsureOwn(ctx, docker.OwnContainer{Name: o.container(), Image: ownImage, Command: command, Role: "eureka/" + o.name.String()})
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
