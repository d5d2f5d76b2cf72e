package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/source/kustomize"
	"github.com/segue-dev/segue/spec"
)

func (c *cli) schemaCommand() *cobra.Command {
	forKustomize := false
	command := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of manifests, for editors",
		Example: `  segue schema > segue.schema.json     # then in a manifest: # yaml-language-server: $schema=segue.schema.json
  segue schema --kustomize > segue-fieldspecs.yaml     # for kustomize build: configurations: [segue-fieldspecs.yaml]`,
		Args: none,
		RunE: func(*cobra.Command, []string) error {
			text := string(spec.Schema())
			if forKustomize {
				text = kustomize.FieldSpecs()
			}
			_, err := fmt.Fprintln(c.out, strings.TrimRight(text, "\n"))
			return err
		},
	}
	command.Flags().BoolVar(&forKustomize, "kustomize", false, "what kustomize build has to know of segue's kinds, as a file for configurations")
	return command
}
