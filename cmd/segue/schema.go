package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/spec"
)

func (c *cli) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of manifests, for editors",
		Example: "  segue schema > segue.schema.json     # then in a manifest: # yaml-language-server: $schema=segue.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(c.out, "%s\n", spec.Schema())
			return err
		},
	}
}
