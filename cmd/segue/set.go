package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/api"
)

func (c *cli) setCommand() *cobra.Command {
	set := &cobra.Command{Use: "set image", Short: "Change the image of a Deployment", Args: known,
		RunE: func(command *cobra.Command, _ []string) error { return command.Help() }}
	command, i := c.intentCommand(api.SetImage, "image NAME IMAGE", "Change the image of a Deployment")
	command.Example = "  segue set image deployment/orders registry.example.com/orders:1.6 --change-cause '#1500' --wait"
	command.Args = atLeast(2)
	cause := command.Flags().String("change-cause", "", "why, for the history")
	run := command.RunE
	command.RunE = func(command *cobra.Command, args []string) error {
		last := len(args) - 1
		image := args[last]
		// kubectl says CONTAINER=IMAGE; an instance here is one container.
		if _, after, found := strings.Cut(image, "="); found {
			image = after
		}
		i.make = func(intent *api.Intent) error {
			intent.Image, intent.Cause = image, *cause
			return nil
		}
		return run(command, args[:last])
	}
	set.AddCommand(command)
	return set
}
