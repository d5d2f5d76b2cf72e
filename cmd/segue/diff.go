package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/api"
)

// errDiffers is diff's answer of yes.
var errDiffers = &ended{code: exitFailed}

func (c *cli) diffCommand() *cobra.Command {
	var files manifestFlags
	command := &cobra.Command{
		Use:   "diff (-f FILE | -k DIRECTORY)",
		Short: "Show how manifests differ from what is kept (0 same, 1 differs, 2 error)",
		Args:  none,
		RunE: func(command *cobra.Command, _ []string) error {
			return c.planned(command, &files, func(result api.PlanResult) error {
				differs := false
				for _, p := range result.Items {
					if p.Diff == "" {
						continue
					}
					differs = true
					fmt.Fprintln(c.out, c.colored(strings.TrimRight(p.Diff, "\n")))
				}
				if differs {
					return errDiffers
				}
				return nil
			})
		},
	}
	files.register(command)
	return command
}

// colored paints what goes red and what comes green.
func (c *cli) colored(diff string) string {
	if !c.color {
		return diff
	}
	lines := strings.Split(diff, "\n")
	for i, line := range lines {
		switch {
		case strings.HasPrefix(line, "+"):
			lines[i] = c.paint("32", line)
		case strings.HasPrefix(line, "-"):
			lines[i] = c.paint("31", line)
		}
	}
	return strings.Join(lines, "\n")
}
