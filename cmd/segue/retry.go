package main

import (
	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/api"
)

func (c *cli) retryCommand() *cobra.Command {
	command, _ := c.intentCommand(api.Retry, "retry NAME...", "Try a rejected or aborted revision again")
	return command
}
