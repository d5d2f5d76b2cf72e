package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// deleting is one invocation of delete.
type deleting struct {
	cli           *cli
	manifests     manifestFlags
	wait          waitFlags
	orphans       bool
	ignoreMissing bool
	dryRun        string
}

func (c *cli) deleteCommand() *cobra.Command {
	d := &deleting{cli: c}
	command := &cobra.Command{
		Use:   "delete (-f FILE | -k DIRECTORY | TYPE NAME... | TYPE/NAME...)",
		Short: "Drain and remove objects; volumes stay",
		Long: `Drain and remove objects. As with kubectl, it returns when they are gone; --wait=false returns at
once. Volumes and networks stay. Nginx and Eureka objects that a Deployment uses are not deleted.`,
		Example: `  segue delete deployment orders
  segue delete -f shop/ --wait=false
  segue delete deployment orders --orphans     # containers that no object claims`,
		ValidArgsFunction: c.completeTargets([]resource{deployments, nginxes, eurekas}),
		RunE:              func(command *cobra.Command, args []string) error { return d.run(command, args) },
	}
	d.manifests.register(command)
	d.wait.register(command.Flags())
	command.Flags().Lookup("wait").DefValue = "true"
	d.wait.wait = "true"
	command.Flags().BoolVar(&d.orphans, "orphans", false, "the containers of a Deployment that no object claims")
	command.Flags().StringVar(&d.dryRun, "dry-run", "none", "server: say what would happen, step by step, and delete nothing; none")
	command.Flags().BoolVar(&d.ignoreMissing, "ignore-not-found", false, "what is not there counts as deleted")
	return command
}

func (d *deleting) run(command *cobra.Command, args []string) error {
	if err := d.wait.check(); err != nil {
		return err
	}
	named, err := d.targets(command, args)
	if err != nil {
		return err
	}
	ctx, cancel := timed(command.Context(), d.wait.timeout)
	defer cancel()
	switch d.dryRun {
	case "server":
		return d.plan(ctx, named)
	case "none":
	default:
		return usage("error: --dry-run=%s: say server or none", d.dryRun)
	}
	n := need{changes: true, timeout: d.wait.timeout}
	for _, t := range named {
		if t.resource.same(deployments) {
			n.only = append(n.only, t.name)
		}
	}
	return d.cli.with(ctx, n, func(s *session) error {
		// What Deployments use goes when they have.
		servers := slices.IndexFunc(named, func(t target) bool { return !t.resource.same(deployments) })
		if servers < 0 {
			servers = len(named)
		}
		if err := d.delete(ctx, s, named[:servers], servers < len(named)); err != nil {
			return err
		}
		return d.delete(ctx, s, named[servers:], false)
	})
}

// plan says what deleting would lead to.
func (d *deleting) plan(ctx context.Context, named []target) error {
	var request api.ApplyRequest
	for _, t := range named {
		if t.resource.same(deployments) {
			request.Deletions = append(request.Deletions, api.DeleteRequest{Kind: t.resource.kind, Name: t.name, Owner: api.OwnerApply, By: me()})
		}
	}
	return d.cli.with(ctx, need{}, func(s *session) error {
		result, err := s.Plan(ctx, request)
		if err != nil {
			return err
		}
		for _, p := range result.Items {
			printPlan(d.cli.out, p)
		}
		for _, t := range named[len(request.Deletions):] {
			fmt.Fprintf(d.cli.out, "%s/%s  deleted\n", lower(t.resource.kind), t.name)
		}
		return nil
	})
}

// delete deletes some, and waits for their end when that is asked for or needed. What others among them depend on goes
// when those have.
func (d *deleting) delete(ctx context.Context, s *session, some []target, needed bool) error {
	for {
		goals, later, err := d.ask(ctx, s, some)
		if err != nil {
			return err
		}
		if len(goals) > 0 && (d.wait.asked() || s.inside || needed || len(later) > 0) {
			if err := d.cli.follow(ctx, s, goals, &d.wait); err != nil {
				return err
			}
		}
		if len(later) == 0 {
			return nil
		}
		some = later
	}
}

// ask asks for the end of some. later are those that another Deployment uses; an error when there are no others.
func (d *deleting) ask(ctx context.Context, s *session, some []target) (goals []goal, later []target, err error) {
	var used error
	for _, t := range some {
		request := api.DeleteRequest{Kind: t.resource.kind, Name: t.name, Owner: api.OwnerApply, By: me(), Orphans: d.orphans}
		result, err := s.Delete(ctx, request)
		var refusal *api.Refusal
		switch {
		case err == nil:
		case errors.As(err, &refusal) && refusal.Kind == api.NotFound && d.ignoreMissing:
			continue
		case errors.As(err, &refusal) && refusal.Kind == api.Invalid:
			used, later = cmp.Or(used, err), append(later, t)
			continue
		default:
			return nil, nil, err
		}
		for _, item := range result.Items {
			fmt.Fprintln(d.prose(), resultLine(item))
			goals = append(goals, goal{kind: item.Kind, name: item.Name, gone: true})
		}
	}
	if len(later) == len(some) {
		return nil, nil, used
	}
	return goals, later, nil
}

func (d *deleting) prose() interface{ Write([]byte) (int, error) } {
	if d.wait.output == "json" {
		return d.cli.err
	}
	return d.cli.out
}

// targets are what -f or the arguments name: Deployments first, since what they use cannot go before them.
func (d *deleting) targets(command *cobra.Command, args []string) ([]target, error) {
	if d.manifests.given() && len(args) > 0 {
		return nil, usage("error: say -f, -k or names, not several of them")
	}
	var named []target
	if d.manifests.given() {
		manifests, err := d.cli.read(command, &d.manifests)
		if err != nil {
			return nil, err
		}
		for _, m := range manifests {
			r := deployments
			if m.Kind() == spec.KindNginx {
				r = nginxes
			} else if m.Kind() == spec.KindEureka {
				r = eurekas
			}
			named = append(named, target{r, m.Name()})
		}
	} else {
		_, some, err := d.cli.targets(args)
		if err != nil {
			return nil, err
		}
		if len(some) == 0 {
			return nil, usage("error: name what to delete: TYPE NAME or TYPE/NAME")
		}
		named = some
	}
	for _, t := range named {
		if t.resource.same(instances) {
			return nil, usage("error: an instance is not deleted by itself: segue restart replaces all of a Deployment's, docker rm -f ends one and segue replaces it")
		}
		if t.resource.kind == "" || t.resource.same(revisions) {
			return nil, usage("error: %s cannot be deleted", t.resource.plural)
		}
	}
	slices.SortStableFunc(named, func(a, b target) int {
		return boolInt(b.resource.same(deployments)) - boolInt(a.resource.same(deployments))
	})
	return named, nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
