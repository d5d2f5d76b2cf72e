package main

import (
	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/api"
)

func (c *cli) restartCommand() *cobra.Command {
	command, _ := c.intentCommand(api.Restart, "restart NAME...", "Replace every instance, as a new revision would")
	return command
}
