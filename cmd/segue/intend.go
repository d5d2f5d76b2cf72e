package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/api"
)

// intention is a verb that says something about Deployments beside their manifests.
type intention struct {
	cli  *cli
	wait waitFlags
	// make fills in the rest of the intent; nil: nothing is missing. back: going back is what is asked for.
	make func(*api.Intent) error
	back bool
}

// intentCommand is a command for one verb; use is its line in the help.
func (c *cli) intentCommand(verb, use, short string) (*cobra.Command, *intention) {
	i := &intention{cli: c}
	command := &cobra.Command{
		Use:               use,
		Short:             short,
		Args:              atLeast(1),
		ValidArgsFunction: c.completeDeployments,
		RunE:              func(command *cobra.Command, args []string) error { return i.run(command, verb, args) },
	}
	i.wait.register(command.Flags())
	return command, i
}

func (i *intention) run(command *cobra.Command, verb string, args []string) error {
	if err := i.wait.check(); err != nil {
		return err
	}
	names, err := i.cli.deploymentNames(args)
	if err != nil {
		return err
	}
	intent := api.Intent{Verb: verb, By: me()}
	if i.make != nil {
		if err := i.make(&intent); err != nil {
			return err
		}
	}
	ctx, cancel := timed(command.Context(), i.wait.timeout)
	defer cancel()
	return i.cli.with(ctx, need{changes: true, only: names, timeout: i.wait.timeout}, func(s *session) error {
		var goals []goal
		for _, name := range names {
			intent.Name = name
			result, err := s.Intend(ctx, intent)
			if err != nil {
				return err
			}
			for _, item := range result.Items {
				if i.wait.output == "json" {
					fmt.Fprintln(i.cli.err, resultLine(item))
				} else {
					fmt.Fprintln(i.cli.out, resultLine(item))
				}
				goals = append(goals, goal{kind: item.Kind, name: item.Name, generation: item.Generation, back: i.back, promoted: verb == api.Promote})
			}
		}
		if verb == api.Pause || !i.wait.asked() && !s.inside {
			return nil
		}
		return i.cli.follow(ctx, s, goals, &i.wait)
	})
}
