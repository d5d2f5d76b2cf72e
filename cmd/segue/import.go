package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/docker"
	"github.com/segue-dev/segue/controller/importer"
)

func (c *cli) importCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "import (CONTAINER... | compose.yaml)",
		Short: "Print the manifest of what runs today",
		Long: `Print the manifest of containers, or of the services of a compose file, as the engine has them: image,
environment, ports, mounts, networks, limits, health check, and what the environment says of Eureka.
The manifest adopts what runs. What a manifest has no word for, and what you have to decide, stands in
a comment above each object. Values that look like secrets are in it: keep the file to yourself.

It changes nothing and needs no segue run.`,
		Example: `  segue import orders > orders.yaml
  segue import shop/compose.yaml > shop.yaml`,
		Args: atLeast(1),
		RunE: func(command *cobra.Command, args []string) error { return c.importWhat(command.Context(), args) },
	}
}

func (c *cli) importWhat(ctx context.Context, args []string) error {
	text, err := c.imported(ctx, args)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "%s", text)
	return err
}

func (c *cli) imported(ctx context.Context, args []string) ([]byte, error) {
	engine, err := docker.New(docker.Options{Owner: "import", StateDir: c.stateDir})
	if err != nil {
		return nil, fmt.Errorf("connect to Docker: %w", err)
	}
	from := importer.Engine{Examine: engine.Examine, Labelled: engine.Labelled}
	files := slices.IndexFunc(args, isFile) >= 0
	switch {
	case files && len(args) > 1:
		return nil, usage("error: one compose file, or containers")
	case !files:
		return importer.Containers(ctx, from, args)
	}
	if _, err := engine.Version(ctx); err != nil {
		fmt.Fprintf(c.err, "warning: Docker does not answer (%v), so nothing is adopted\n", err)
		from.Labelled = nil
	}
	return importer.Compose(ctx, from, args[0])
}

// isFile: a compose file rather than a container's name.
func isFile(arg string) bool {
	if extension := filepath.Ext(arg); extension == ".yaml" || extension == ".yml" {
		return true
	}
	_, err := os.Stat(arg)
	return filepath.Base(arg) != arg && !errors.Is(err, os.ErrNotExist)
}
