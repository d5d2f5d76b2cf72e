package main

import (
	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/api"
)

func (c *cli) abortCommand() *cobra.Command {
	command, i := c.intentCommand(api.Abort, "abort NAME...", "Give up the rollout and go back to the last accepted revision")
	i.back = true
	return command
}
