package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

func (c *cli) rolloutCommand() *cobra.Command {
	rollout := &cobra.Command{
		Use:   "rollout",
		Short: "Follow, pause, resume, undo and restart rollouts; show their history",
		Args:  known,
		RunE:  func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	pause, _ := c.intentCommand(api.Pause, "pause NAME...", "Admit no more instances of the new revision; healing goes on")
	resume, _ := c.intentCommand(api.Resume, "resume NAME...", "Go on with a paused rollout")
	restart, _ := c.intentCommand(api.Restart, "restart NAME...", "Replace every instance, as a new revision would")
	rollout.AddCommand(c.rolloutStatusCommand(), c.rolloutHistoryCommand(), c.rolloutUndoCommand(), pause, resume, restart)
	return rollout
}

func (c *cli) rolloutStatusCommand() *cobra.Command {
	var w waitFlags
	watch := true
	command := &cobra.Command{
		Use:   "status NAME",
		Short: "Follow a rollout to its end, and say what it waits for",
		Long: `Follow a rollout to its end: exit code 0 when it is done, 1 when it failed, 3 when --timeout ended
first, 4 when it waits for promotion, 5 when it was rolled back. It ends at once when the revision
is rejected, as after a crash loop.`,
		Args:              atLeast(1),
		ValidArgsFunction: c.completeDeployments,
		RunE: func(command *cobra.Command, args []string) error {
			if err := w.check(); err != nil {
				return err
			}
			names, err := c.deploymentNames(args)
			if err != nil {
				return err
			}
			ctx, cancel := timed(command.Context(), w.timeout)
			defer cancel()
			return c.with(ctx, need{}, func(s *session) error {
				var goals []goal
				for _, name := range names {
					status, err := found(ctx, s, name)
					if err != nil {
						return err
					}
					goals = append(goals, goal{kind: spec.KindDeployment, name: name, generation: status.Generation})
					if !watch {
						c.glance(status)
					}
				}
				if !watch {
					return nil
				}
				// Nobody works inside this command, so there is nothing to wait to the end for.
				return c.follow(ctx, &session{Service: s.Service}, goals, &w)
			})
		},
	}
	w.register(command.Flags())
	command.Flags().BoolVarP(&watch, "watch", "w", true, "follow until the end")
	return command
}

// glance says once how a rollout is.
func (c *cli) glance(status api.Status) {
	v := goal{kind: status.Kind, name: status.Name, generation: status.Generation}.judge(status, false, false, time.Now())
	if v != nil {
		fmt.Fprintln(c.out, v.text)
		return
	}
	fmt.Fprintln(c.out, headline(status))
	for _, line := range details(status, time.Now()) {
		fmt.Fprintln(c.out, line)
	}
}

func (c *cli) rolloutHistoryCommand() *cobra.Command {
	revision, output := 0, ""
	command := &cobra.Command{
		Use:               "history NAME",
		Short:             "List the revisions: what, who, why, and how they ended",
		Args:              atLeast(1),
		ValidArgsFunction: c.completeDeployments,
		RunE: func(command *cobra.Command, args []string) error {
			names, err := c.deploymentNames(args)
			if err != nil {
				return err
			}
			return c.with(command.Context(), need{}, func(s *session) error {
				for _, name := range names {
					status, err := found(command.Context(), s, name)
					if err != nil {
						return err
					}
					if err := c.printHistory(status, revision, output); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	command.Flags().IntVar(&revision, "revision", 0, "show this revision's manifest")
	command.Flags().StringVarP(&output, "output", "o", "", "json or yaml")
	return command
}

func (c *cli) printHistory(status api.Status, revision int, output string) error {
	if output != "" && output != "json" && output != "yaml" {
		return usage("error: -o %s: there are json and yaml", output)
	}
	if revision != 0 {
		for _, h := range status.Deployment.History {
			if h.Revision == revision && h.Manifest != nil {
				if output == "" {
					output = "yaml"
				}
				return dump(c.out, output, []any{h.Manifest}, true)
			}
		}
		return &ended{code: exitFailed, text: fmt.Sprintf("error: deployment/%s has no revision %d any more; segue rollout history %s lists those that are kept", status.Name, revision, status.Name)}
	}
	if output != "" {
		return dump(c.out, output, []any{status.Deployment.History}, true)
	}
	fmt.Fprintf(c.out, "deployment/%s\n", status.Name)
	lines := [][]string{{"REVISION", "RESULT", "IMAGE", "BY", "AGE", "CHANGE-CAUSE"}}
	for _, one := range revisionRows(status, time.Now()) {
		lines = append(lines, one.cells)
	}
	(&table{}).print(c.out, lines...)
	return nil
}

func (c *cli) rolloutUndoCommand() *cobra.Command {
	command, i := c.intentCommand(api.Undo, "undo NAME...", "Go back to the revision before, or to --to-revision")
	i.back = true
	revision := command.Flags().Int("to-revision", 0, "the revision to go back to; the one before when left out")
	i.make = func(intent *api.Intent) error {
		if intent.HasRevision = command.Flags().Changed("to-revision"); intent.HasRevision && *revision < 0 {
			return usage("error: --to-revision %d: revisions count from 0, which is what was adopted", *revision)
		}
		intent.ToRevision = *revision
		return nil
	}
	return command
}
