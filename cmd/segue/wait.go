package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/api"
)

// awaited is what wait waits for: the end of an object, or a condition's value.
type awaited struct {
	gone             bool
	condition, value string
}

// parseAwaited reads delete, condition=TYPE and condition=TYPE=VALUE.
func parseAwaited(text string) (awaited, error) {
	if text == "delete" {
		return awaited{gone: true}, nil
	}
	condition, found := strings.CutPrefix(text, "condition=")
	if !found || condition == "" {
		return awaited{}, usage("error: --for %q: want condition=TYPE, condition=TYPE=VALUE or delete", text)
	}
	kind, value, found := strings.Cut(condition, "=")
	if !found {
		value = "True"
	}
	return awaited{condition: kind, value: value}, nil
}

// holds says whether the status has the condition. What was said of an older generation does not count.
func (a awaited) holds(s api.Status) bool {
	var conditions []api.Condition
	var observed int64
	switch {
	case s.Deployment != nil:
		conditions, observed = s.Deployment.Conditions, s.Deployment.ObservedGeneration
	case s.Nginx != nil:
		conditions, observed = s.Nginx.Conditions, s.Nginx.ObservedGeneration
	case s.Eureka != nil:
		conditions, observed = s.Eureka.Conditions, s.Eureka.ObservedGeneration
	}
	return observed >= s.Generation && slices.ContainsFunc(conditions, func(c api.Condition) bool {
		return strings.EqualFold(c.Type, a.condition) && strings.EqualFold(c.Status, a.value)
	})
}

func (c *cli) waitCommand() *cobra.Command {
	text, timeout := "", 30*time.Second
	command := &cobra.Command{
		Use:   "wait --for=condition=TYPE[=VALUE]|delete (TYPE NAME... | TYPE/NAME...)",
		Short: "Wait for a condition, or for the end of an object",
		Example: `  segue wait --for=condition=Available deployment/orders --timeout 5m
  segue wait --for=delete deployment orders`,
		ValidArgsFunction: c.completeTargets([]resource{deployments, nginxes, eurekas}),
		RunE: func(command *cobra.Command, args []string) error {
			a, err := parseAwaited(text)
			if err != nil {
				return err
			}
			_, named, err := c.targets(args)
			if err != nil {
				return err
			}
			if len(named) == 0 || slices.ContainsFunc(named, func(t target) bool {
				return t.resource.kind == "" || t.resource.same(instances) || t.resource.same(revisions)
			}) {
				return usage("error: name deployments, nginx or eureka objects to wait for")
			}
			ctx, cancel := timed(command.Context(), timeout)
			defer cancel()
			return c.with(ctx, need{}, func(s *session) error { return c.await(ctx, s, a, named) })
		},
	}
	command.Flags().StringVar(&text, "for", "", "condition=TYPE, condition=TYPE=VALUE or delete")
	command.Flags().DurationVar(&timeout, "timeout", timeout, "how long to wait; 0: no limit")
	return command
}

// await waits for one after the other: what holds once has been met.
func (c *cli) await(ctx context.Context, s *session, a awaited, named []target) error {
	for _, t := range named {
		var err error
		if a.gone {
			err = awaitEnd(ctx, s, t)
		} else {
			err = awaitCondition(ctx, s, a, t)
		}
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			return &ended{code: exitTimedOut, text: fmt.Sprintf("error: timed out waiting for %s on %s; segue describe %s says what it waits for", a, t, t)}
		case err != nil:
			return err
		case a.gone:
			fmt.Fprintf(c.out, "%s deleted\n", t)
		default:
			fmt.Fprintf(c.out, "%s condition met\n", t)
		}
	}
	return nil
}

func (a awaited) String() string {
	if a.gone {
		return "the end"
	}
	return "condition " + a.condition + "=" + a.value
}

func queryOf(t target) api.Query {
	return api.Query{Kind: t.resource.kind, Namespace: t.name.Namespace, Name: t.name.Name}
}

// errMet ends a watch that has seen enough.
var errMet = errors.New("met")

func awaitCondition(ctx context.Context, s *session, a awaited, t target) error {
	list, err := s.List(ctx, queryOf(t))
	if err != nil {
		return err
	}
	if len(list.Items) == 0 {
		return notFound(t.resource, t.name)
	}
	err = s.Watch(ctx, queryOf(t), func(status api.Status) error {
		if a.holds(status) {
			return errMet
		}
		return nil
	})
	if errors.Is(err, errMet) {
		return nil
	}
	return err
}

func awaitEnd(ctx context.Context, s *session, t target) error {
	tick := time.NewTicker(redraw)
	defer tick.Stop()
	for {
		list, err := s.List(ctx, queryOf(t))
		if err != nil {
			return err
		}
		if len(list.Items) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
