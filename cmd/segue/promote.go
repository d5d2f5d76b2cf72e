package main

import (
	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/api"
)

func (c *cli) promoteCommand() *cobra.Command {
	command, _ := c.intentCommand(api.Promote, "promote NAME...", "Switch to the green set that waits, ready and dark")
	return command
}
