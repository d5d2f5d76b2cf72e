package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/api"
)

// reconcileTime is how long a source may take to be read, where --timeout does not say.
const reconcileTime = 4 * time.Minute

func (c *cli) reconcileCommand() *cobra.Command {
	var retry, rewrite bool
	timeout := reconcileTime
	command := &cobra.Command{
		Use:   "reconcile [SOURCE...]",
		Short: "Read sources now, and say what became of it",
		Long: `Read sources now instead of at their interval, and say what became of it: exit code 0 when what they
say is applied, 1 when it is refused or cannot be read. Rollouts are begun, not waited for.`,
		Example: `  segue reconcile shop
  segue reconcile shop --accept-rewrite     # take a branch that was force-pushed
  segue reconcile shop --retry              # try a commit of an atomic source again that went back`,
		ValidArgsFunction: c.completeSources,
		RunE: func(command *cobra.Command, args []string) error {
			verb := api.Reconcile
			switch {
			case retry && rewrite:
				return usage("error: --retry and --accept-rewrite: one at a time")
			case (retry || rewrite) && len(args) == 0:
				return usage("error: name the source")
			case retry:
				verb = api.RetrySource
			case rewrite:
				verb = api.AcceptRewrite
			}
			ctx, cancel := timed(command.Context(), timeout)
			defer cancel()
			return c.steer(ctx, verb, args)
		},
	}
	command.Flags().BoolVar(&retry, "retry", false, "try a commit again that went back")
	command.Flags().BoolVar(&rewrite, "accept-rewrite", false, "take a branch that was rewritten as it is")
	command.Flags().DurationVar(&timeout, "timeout", reconcileTime, "how long to wait; 0: no limit")
	return command
}

func (c *cli) suspendCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "suspend SOURCE...",
		Short: "Apply nothing of a source, and let its objects be changed by hand, until resume",
		Args:  atLeast(1), ValidArgsFunction: c.completeSources,
		RunE: func(command *cobra.Command, args []string) error {
			return c.steer(command.Context(), api.Suspend, args)
		},
	}
}

func (c *cli) resumeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "resume SOURCE...",
		Short: "Apply a suspended source again; it takes its objects back",
		Args:  atLeast(1), ValidArgsFunction: c.completeSources,
		RunE: func(command *cobra.Command, args []string) error {
			return c.steer(command.Context(), api.ResumeSource, args)
		},
	}
}

// steer gives an order about each source, about all of them where none is named.
func (c *cli) steer(ctx context.Context, verb string, names []string) error {
	if len(names) == 0 {
		names = []string{""}
	}
	return c.with(ctx, need{changes: true}, func(s *session) error {
		bad := false
		for _, name := range names {
			result, err := s.Steer(ctx, api.SourceOrder{Verb: verb, Name: name, By: me()})
			if errors.Is(err, context.DeadlineExceeded) {
				return &ended{code: exitTimedOut, text: fmt.Sprintf("error: source %s was not read in time; segue get sources says how it is", name)}
			}
			if err != nil {
				return err
			}
			for _, one := range result.Items {
				text := "source/" + one.Name + " " + one.Result
				if one.Note != "" {
					text += ": " + one.Note
				}
				if one.Result == api.SourceRefused || one.Result == api.SourceUnreadable {
					bad = true
					fmt.Fprintln(c.err, text)
				} else {
					fmt.Fprintln(c.out, text)
				}
			}
			if len(result.Items) == 0 {
				fmt.Fprintln(c.err, "No sources found.")
			}
		}
		if bad {
			return &ended{code: exitFailed}
		}
		return nil
	})
}

// completeSources offers the names of sources.
func (c *cli) completeSources(command *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	return c.names(command.Context(), resources, sources.singular), cobra.ShellCompDirectiveNoFileComp
}
