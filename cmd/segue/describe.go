package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// describing prints what is known of one object.
type describing struct {
	cli *cli
	to  io.Writer
	now time.Time
}

func (c *cli) describeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "describe (TYPE NAME... | TYPE/NAME...)",
		Short: "Say everything about an object: gates open and SHUT, instances, conditions, history, events",
		Example: `  segue describe deployment/orders
  segue describe nginx edge`,
		ValidArgsFunction: c.completeTargets([]resource{deployments, instances, nginxes, eurekas, sources}),
		RunE: func(command *cobra.Command, args []string) error {
			types, named, err := c.targets(args)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(types, func(r resource) bool { return r.same(events) || r.same(revisions) }) {
				return usage("error: %s cannot be described; segue get %s lists them", types[0].plural, types[0].plural)
			}
			ctx := command.Context()
			return c.with(ctx, need{}, func(s *session) error {
				d := &describing{cli: c, to: c.out, now: time.Now()}
				return d.describe(ctx, s, types, named)
			})
		},
	}
}

func (d *describing) describe(ctx context.Context, s *session, types []resource, named []target) error {
	told := 0
	for _, r := range types {
		list, err := s.List(ctx, api.Query{Kind: r.kind})
		if err != nil {
			return err
		}
		for _, status := range list.Items {
			if r.same(instances) {
				told += d.instances(status, named)
				continue
			}
			if !d.wants(r, status.Name, named) {
				continue
			}
			d.gap(told)
			told++
			if err := d.object(ctx, s, status); err != nil {
				return err
			}
		}
	}
	if told < len(named) {
		return d.missing(ctx, s, named)
	}
	if told == 0 {
		fmt.Fprintf(d.cli.err, "No %s found in %s namespace.\n", types[0].plural, d.cli.namespace)
	}
	return nil
}

func (d *describing) gap(told int) {
	if told > 0 {
		fmt.Fprint(d.to, "\n\n")
	}
}

func (d *describing) wants(r resource, name spec.Name, named []target) bool {
	if len(named) == 0 {
		return name.Namespace == d.cli.namespace || r.same(sources)
	}
	return slices.ContainsFunc(named, func(t target) bool {
		return t.resource.same(r) && (t.name == name || r.same(sources) && called(name, t.name.Name))
	})
}

func (d *describing) missing(ctx context.Context, s *session, named []target) error {
	var words []string
	for _, t := range named {
		query := queryOf(t)
		if t.resource.same(instances) {
			query = api.Query{Kind: t.resource.kind}
		}
		list, err := s.List(ctx, query)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(list.Items, func(status api.Status) bool {
			return !t.resource.same(instances) || slices.Contains(namesIn(t.resource, status), t.name.String())
		}) {
			words = append(words, fmt.Sprintf("error: %s %q not found", t.resource.plural, t.name))
		}
	}
	if len(words) == 0 {
		return nil
	}
	return &ended{code: exitFailed, text: strings.Join(words, "\n")}
}

// field prints NAME: VALUE; nothing for an empty value.
func (d *describing) field(name, format string, args ...any) {
	if text := fmt.Sprintf(format, args...); text != "" {
		fmt.Fprintf(d.to, "%-19s %s\n", name+":", text)
	}
}

func (d *describing) object(ctx context.Context, s *session, status api.Status) error {
	written := metadataOf(status.Manifest)
	d.field("Name", "%s", status.Name.Name)
	if status.Source != nil {
		d.source(status)
		return d.events(ctx, s, status)
	}
	d.field("Namespace", "%s", status.Name.Namespace)
	owner := status.Owner
	if owner == "" {
		owner = "nobody: no source holds it, it is healed as it was; apply or delete it"
	}
	d.field("Owner", "%s", owner)
	d.field("Labels", "%s", pairs(written.Labels))
	d.field("Annotations", "%s", pairs(written.Annotations))
	d.field("Age", "%s", since(status.CreatedAt, d.now))
	d.field("Generation", "%d", status.Generation)
	switch {
	case status.Deployment != nil:
		d.deployment(status)
	case status.Nginx != nil:
		d.nginx(status)
	case status.Eureka != nil:
		d.eureka(status)
	}
	return d.events(ctx, s, status)
}

func pairs(values map[string]string) string {
	var words []string
	for key, value := range values {
		words = append(words, key+"="+value)
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

// conditions prints those that there are.
func (d *describing) conditions(conditions []api.Condition) {
	if len(conditions) == 0 {
		return
	}
	fmt.Fprintln(d.to, "Conditions:")
	lines := [][]string{{"  TYPE", "STATUS", "SINCE", "REASON", "MESSAGE"}}
	for _, c := range conditions {
		lines = append(lines, []string{"  " + c.Type, c.Status, since(c.LastTransitionTime, d.now), dash(c.Reason), c.Message})
	}
	(&table{}).print(d.to, lines...)
}

// events prints what happened to the object, the last ten.
func (d *describing) events(ctx context.Context, s *session, status api.Status) error {
	var seen []api.Event
	query := api.EventQuery{Kind: status.Kind, Namespace: status.Name.Namespace, Name: status.Name.Name}
	if err := s.Events(ctx, query, func(event api.Event) error {
		seen = append(seen, event)
		return nil
	}); err != nil {
		return err
	}
	if len(seen) == 0 {
		fmt.Fprintln(d.to, "Events:             none")
		return nil
	}
	fmt.Fprintln(d.to, "Events:")
	lines := [][]string{{"  LAST SEEN", "TYPE", "REASON", "MESSAGE"}}
	for _, event := range seen[max(len(seen)-10, 0):] {
		cells := eventCells(event, d.now)
		lines = append(lines, []string{"  " + cells[0], cells[1], cells[2], cells[4]})
	}
	(&table{}).print(d.to, lines...)
	return nil
}
