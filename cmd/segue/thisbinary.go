package main

import (
	"context"
	"debug/elf"
	"fmt"
	"os"

	"github.com/segue-dev/segue/controller/docker"
)

// ensureThisBinary makes a container what it should be, of an image that holds nothing but this binary. One that is there
// keeps the binary that it has, if that will do. otherwise ends the refusal of a binary that cannot run in one.
func (d *drivers) ensureThisBinary(ctx context.Context, wanted docker.OwnContainer, otherwise string) error {
	info, err := d.engine.Info(ctx, wanted.Name)
	if err != nil {
		return fmt.Errorf("look for container %s: %w", wanted.Name, err)
	}
	if !info.Missing && d.engine.EnsureOwn(ctx, wanted) == nil {
		return nil // an error may be one that the image cures, so it is made and asked again
	}
	binary, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this binary: %w", err)
	}
	static, err := isStatic(binary)
	if err != nil {
		return err
	}
	if !static {
		return fmt.Errorf("%s is linked dynamically and cannot run as container %s; build it with CGO_ENABLED=0%s", binary, wanted.Name, otherwise)
	}
	if err := d.engine.ImportBinary(ctx, wanted.Image, binary, nil); err != nil {
		return fmt.Errorf("make image of container %s: %w", wanted.Name, err)
	}
	return d.engine.EnsureOwn(ctx, wanted)
}

// isStatic: the binary needs no libc.
func isStatic(binary string) (bool, error) {
	file, err := elf.Open(binary)
	if err != nil {
		return false, fmt.Errorf("read this binary: %w", err)
	}
	defer func() { _ = file.Close() }() // it was read
	for _, program := range file.Progs {
		if program.Type == elf.PT_INTERP {
			return false, nil
		}
	}
	return true, nil
}
