package main

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

func (c *cli) logsCommand() *cobra.Command {
	var query api.LogQuery
	command := &cobra.Command{
		Use:   "logs (INSTANCE | deployment/NAME)",
		Short: "Print the log of an instance, or of a Deployment's newest one",
		Example: `  segue logs orders-6f8d4c2a-3 -f
  segue logs deployment/orders --revision 8 --previous     # the kept log of the one that failed`,
		Args:              exactlyOne,
		ValidArgsFunction: c.completeTargets([]resource{instances, deployments}),
		RunE: func(command *cobra.Command, args []string) error {
			ctx := command.Context()
			return c.with(ctx, need{}, func(s *session) error {
				if err := c.chooseLog(ctx, s, args[0], &query); err != nil {
					return err
				}
				err := s.Logs(ctx, query, c.out)
				if query.Follow && errors.Is(err, context.Canceled) {
					return nil
				}
				return err
			})
		},
	}
	flags := command.Flags()
	flags.BoolVarP(&query.Follow, "follow", "f", false, "go on and print what is logged")
	flags.BoolVarP(&query.Previous, "previous", "p", false, "the kept log of the last instance that failed")
	flags.IntVar(&query.Revision, "revision", 0, "of an instance of this revision")
	flags.IntVar(&query.Tail, "tail", -1, "only the last lines; -1: all")
	flags.BoolVar(&query.Timestamps, "timestamps", false, "with the time of each line")
	return command
}

// chooseLog reads instance/NAME, deployment/NAME, or a name alone: a Deployment's if there is one of that name.
func (c *cli) chooseLog(ctx context.Context, s *session, word string, query *api.LogQuery) error {
	kind, name, typed := strings.Cut(word, "/")
	switch {
	case typed && deployments.is(kind):
		query.Deployment = c.name(name)
		return nil
	case typed && instances.is(kind):
		query.Instance = name
		return nil
	case typed:
		return usage("error: %q has no log: say INSTANCE or deployment/NAME", word)
	}
	object := c.name(word)
	list, err := s.List(ctx, api.Query{Kind: spec.KindDeployment, Namespace: object.Namespace, Name: object.Name})
	if err != nil {
		return err
	}
	if len(list.Items) > 0 {
		query.Deployment = object
	} else {
		query.Instance = word
	}
	return nil
}
