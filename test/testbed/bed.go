package testbed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The images that images.sh makes.
const (
	OldNginx = "segue-testbed/nginx:old"
	NewNginx = "segue-testbed/nginx:new"
)

// Sample is the sample service's image of a version from 1 to 9.
func Sample(version int) string { return fmt.Sprintf("segue-testbed/sample:%d", version) }

// Instances is the network on which segue's instances live.
var Instances = netip.MustParsePrefix("10.83.0.0/16")

// Nets are the networks on which a bed's containers live: what load may aim at beside loopback.
var Nets = []netip.Prefix{Instances, subnet, hostNet}

var subnet = netip.MustParsePrefix("10.84.0.0/24")

// gateway is this machine on that network; containers of every network reach it there.
const gateway = "10.84.0.1"

// label is on every container and network that a bed makes.
const label = "segue.dev/testbed"

// Bed is a place for one run of tests. One at a time per engine: the network segue belongs to one controller.
type Bed struct {
	// Name is the prefix of what it makes, and the owner id of its controller.
	Name string
	// Dir holds everything on disk. Containers of the engine may bind it.
	Dir string
	// Binary is the segue to be tested.
	Binary string
	hosts  int
	// registries counts those that were started.
	registries int
}

// New makes a bed; what an interrupted one of this name left is removed first. Its directory is made in $SEGUE_E2E_DIR,
// or where temporary files are.
func New(ctx context.Context, name, binary string) (*Bed, error) {
	bed := &Bed{Name: name, Binary: binary}
	if err := bed.sweep(ctx); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(os.Getenv("SEGUE_E2E_DIR"), name+"-")
	if err != nil {
		return nil, fmt.Errorf("make directory: %w", err)
	}
	// nginx's workers, who are not root, read flags below it.
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, fmt.Errorf("open directory: %w", err)
	}
	bed.Dir = dir
	if _, err := Docker(ctx, "network", "create", "--label", label+"="+name, "--subnet", subnet.String(), name); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return bed, nil
}

// Close removes everything. Processes have been stopped before.
func (b *Bed) Close(ctx context.Context) error {
	return errors.Join(b.sweep(ctx), os.RemoveAll(b.Dir))
}

// sweep removes the containers of the bed and of its controller, then their networks.
func (b *Bed) sweep(ctx context.Context) error {
	var failed []error
	for _, filter := range []string{label + "=" + b.Name, "segue.dev/owner=" + b.Name} {
		ids, err := Docker(ctx, "ps", "-aq", "--filter", "label="+filter)
		if err != nil {
			return err
		}
		if len(strings.Fields(ids)) > 0 {
			_, err := Docker(ctx, append([]string{"rm", "-f", "-v"}, strings.Fields(ids)...)...)
			failed = append(failed, err)
		}
	}
	for _, filter := range []string{label + "=" + b.Name, "segue.dev/owner=" + b.Name} {
		ids, err := Docker(ctx, "network", "ls", "-q", "--filter", "label="+filter)
		if err != nil {
			return err
		}
		for id := range strings.FieldsSeq(ids) {
			_, err := Docker(ctx, "network", "rm", id)
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// Leftovers lists the containers of the bed's controller: NAME STATE, one a line.
func (b *Bed) Leftovers(ctx context.Context) (string, error) {
	return Docker(ctx, "ps", "-a", "--filter", "label=segue.dev/owner="+b.Name, "--format", "{{.Names}} {{.State}}")
}

// Path is a path below Dir.
func (b *Bed) Path(parts ...string) string {
	return filepath.Join(append([]string{b.Dir}, parts...)...)
}

// Docker runs the docker command and gives its standard output, trimmed.
func Docker(ctx context.Context, args ...string) (string, error) {
	ctx, done := context.WithTimeout(ctx, time.Minute)
	defer done()
	command := exec.CommandContext(ctx, "docker", args...)
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("docker %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(errs.String()))
	}
	return strings.TrimSpace(out.String()), nil
}

// Repository is the directory with go.mod above the working directory.
func Repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod above the working directory")
		}
		dir = parent
	}
}
