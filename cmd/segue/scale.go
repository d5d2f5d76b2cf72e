package main

import (
	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/api"
)

func (c *cli) scaleCommand() *cobra.Command {
	command, i := c.intentCommand(api.Scale, "scale NAME... --replicas N", "Change how many instances serve")
	command.Example = "  segue scale deployment/orders --replicas 5 --wait"
	replicas := command.Flags().Int("replicas", -1, "how many; 0: routes answer 503")
	i.make = func(intent *api.Intent) error {
		if *replicas < 0 {
			return usage("error: say how many: --replicas N")
		}
		intent.Replicas = *replicas
		return nil
	}
	return command
}
