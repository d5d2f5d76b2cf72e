package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// applying is one invocation of apply.
type applying struct {
	cli       *cli
	manifests manifestFlags
	wait      waitFlags
	dryRun    string
	cause     string
}

func (c *cli) applyCommand() *cobra.Command {
	a := &applying{cli: c}
	command := &cobra.Command{
		Use:   "apply (-f FILE | -k DIRECTORY)",
		Short: "Make what runs equal to manifests",
		Long: `Make what runs equal to manifests: all of them are kept, or, when one of them is bad, none.
Prints what it will do and what the longest wait is. Returns when the manifests are kept; --wait
waits for the rollouts. Without a running controller it always waits, and does the work itself.`,
		Example: `  segue apply -f shop/ --wait --timeout 15m
  segue apply -f orders.yaml --dry-run=server
  segue apply -k overlays/prod
  segue apply -f orders.yaml --change-cause "#1423 faster search" --wait=promotable`,
		Args: none,
		RunE: func(command *cobra.Command, _ []string) error { return a.run(command) },
	}
	a.manifests.register(command)
	a.wait.register(command.Flags())
	command.Flags().StringVar(&a.dryRun, "dry-run", "none", "client: read and check only; server: let the controller check, too; none")
	command.Flags().Lookup("dry-run").NoOptDefVal = "client"
	command.Flags().StringVar(&a.cause, "change-cause", "", "why, for the history")
	return command
}

func (a *applying) run(command *cobra.Command) error {
	if err := a.wait.check(); err != nil {
		return err
	}
	manifests, err := a.cli.read(command, &a.manifests)
	var problems spec.Problems
	if err != nil && !errors.As(err, &problems) {
		return err
	}
	ctx, cancel := timed(command.Context(), a.wait.timeout)
	defer cancel()
	switch {
	case a.dryRun == "client":
		return a.client(manifests, err)
	case a.dryRun != "none" && a.dryRun != "server":
		return usage("error: --dry-run=%s: say client, server or none", a.dryRun)
	case err != nil:
		return a.cli.complain(ctx, manifests, err)
	}
	n := need{changes: a.dryRun == "none", only: deploymentsIn(manifests), manifests: manifests, timeout: a.wait.timeout}
	return a.cli.with(ctx, n, func(s *session) error {
		if err := a.cli.checkSet(ctx, s, manifests); err != nil {
			return err
		}
		return a.apply(ctx, s, manifests)
	})
}

// complain adds to what is wrong with manifests by themselves what is wrong beside those that a running controller
// has, so that every problem is told at once.
func (c *cli) complain(ctx context.Context, manifests []spec.Manifest, err error) error {
	var problems spec.Problems
	running, askErr := c.running(ctx)
	if askErr != nil || !errors.As(err, &problems) {
		return err
	}
	err = spec.Join(err, c.checkSet(ctx, running, manifests))
	return errors.Join(err, running.close())
}

// checkSet checks the manifests beside those that the controller has.
func (c *cli) checkSet(ctx context.Context, s *session, manifests []spec.Manifest) error {
	list, err := s.List(ctx, api.Query{})
	if err != nil {
		return err
	}
	var existing []spec.Manifest
	for _, status := range list.Items {
		if m := status.Manifest; m.Deployment != nil || m.Nginx != nil || m.Eureka != nil {
			existing = append(existing, m)
		}
	}
	return spec.ValidateSet(manifests, existing)
}

// client reads and checks, and asks nobody.
func (a *applying) client(manifests []spec.Manifest, err error) error {
	if err := spec.Join(err, spec.ValidateSet(manifests, nil)); err != nil {
		return err
	}
	for _, m := range manifests {
		fmt.Fprintf(a.cli.out, "%s/%s is good (dry run, client)\n", lower(m.Kind()), m.Name())
	}
	return nil
}

func (a *applying) apply(ctx context.Context, s *session, manifests []spec.Manifest) error {
	request := api.ApplyRequest{Manifests: manifests, Owner: api.OwnerApply, By: me(), Cause: a.cause, DryRun: a.dryRun == "server"}
	prose := a.cli.out
	if a.wait.output == "json" {
		prose = a.cli.err
	}
	plans, err := s.Plan(ctx, request)
	if err != nil {
		return err
	}
	for _, plan := range plans.Items {
		if text := announcement(plan); text != "" {
			fmt.Fprintln(prose, text)
		}
	}
	result, err := s.Apply(ctx, request)
	if err != nil {
		return err
	}
	suffix := ""
	if request.DryRun {
		suffix = " (dry run, server)"
	}
	var goals []goal
	for _, item := range result.Items {
		fmt.Fprintln(prose, resultLine(item)+suffix)
		goals = append(goals, goal{kind: item.Kind, name: item.Name, generation: item.Generation})
	}
	if request.DryRun || !a.wait.asked() && !s.inside {
		return nil
	}
	return a.cli.follow(ctx, s, goals, &a.wait)
}

// announcement says before anything happens what will, and what the longest wait is and why.
func announcement(p api.Plan) string {
	if len(p.Steps) == 0 {
		return ""
	}
	text := fmt.Sprintf("%s/%s: %s", lower(p.Kind), p.Name, revisionsOf(p))
	if len(p.Changed) > 0 {
		text += ": " + strings.Join(p.Changed, ", ")
	}
	text += "; about " + lasting(p.Total) + until(p)
	for _, step := range p.Steps {
		if step.Longest {
			text += fmt.Sprintf(", the longest wait %s: %s, %s", timeOf(step), step.Name, step.What)
		}
	}
	return text
}

func revisionsOf(p api.Plan) string {
	if p.From == p.To {
		return fmt.Sprintf("revision %d", p.To)
	}
	if p.From == 0 {
		return fmt.Sprintf("first revision %d", p.To)
	}
	return fmt.Sprintf("revision %d → %d", p.From, p.To)
}

// resultLine is kubectl's, and one more sentence where there is one to say.
func resultLine(item api.Applied) string {
	line := fmt.Sprintf("%s/%s %s", lower(item.Kind), item.Name, item.Result)
	if item.Note != "" {
		line += " (" + item.Note + ")"
	}
	return line
}
