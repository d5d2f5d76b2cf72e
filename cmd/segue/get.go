package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// getting is one invocation of get.
type getting struct {
	cli      *cli
	output   string
	selector string
	watch    bool
	all      bool
	headings bool

	types []resource
	named []target
}

func (c *cli) getCommand() *cobra.Command {
	g := &getting{cli: c}
	noHeadings := false
	command := &cobra.Command{
		Use:   "get TYPE[,TYPE] [NAME...]",
		Short: "List deployments, instances, nginx, eureka, events, revisions, sources, or all",
		Example: `  segue get deployments
  segue get po -o wide -l tier=web
  segue get deployment/orders -o json
  segue get all -A`,
		Args:              listed,
		ValidArgsFunction: c.completeTargets(resources),
		RunE: func(command *cobra.Command, args []string) (err error) {
			g.headings = !noHeadings
			if g.types, g.named, err = c.targets(args); err != nil {
				return err
			}
			if !slices.Contains([]string{"", "wide", "json", "yaml", "name"}, g.output) {
				return usage("error: -o %s: there are wide, json, yaml and name", g.output)
			}
			if g.types[0].same(events) {
				return c.showEvents(command.Context(), api.EventQuery{Namespace: g.namespace(), Follow: g.watch}, g.output, nil)
			}
			if slices.ContainsFunc(g.types, events.same) {
				return usage("error: events are listed alone: segue get events")
			}
			return c.with(command.Context(), need{}, func(s *session) error {
				if g.watch {
					return g.follow(command.Context(), s)
				}
				return g.list(command.Context(), s)
			})
		},
	}
	flags := command.Flags()
	flags.StringVarP(&g.output, "output", "o", "", "wide, json, yaml or name")
	flags.StringVarP(&g.selector, "selector", "l", "", "labels to select by, as KEY=VALUE,KEY!=VALUE,KEY,!KEY")
	flags.BoolVarP(&g.watch, "watch", "w", false, "go on and print what changes")
	flags.BoolVarP(&g.all, "all-namespaces", "A", false, "of all namespaces")
	flags.BoolVar(&noHeadings, "no-headers", false, "leave out the headings")
	return command
}

// listed wants a type.
func listed(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return errors.New("say what to list: " + resourceWords)
	}
	return nil
}

func (g *getting) namespace() string {
	if g.all {
		return ""
	}
	return g.cli.namespace
}

// query selects the objects in which a type's rows are; names in other namespaces are possible, so names are picked
// from the rows.
func (g *getting) query(r resource) api.Query {
	query := api.Query{Kind: r.kind, Namespace: g.namespace(), Selector: g.selector}
	if len(g.named) > 0 || r.same(sources) {
		query.Namespace = ""
	}
	return query
}

// wants says whether a row was asked for. A revision goes by its Deployment's name.
func (g *getting) wants(r resource, name spec.Name) bool {
	return len(g.named) == 0 || slices.ContainsFunc(g.named, func(t target) bool {
		return t.resource.same(r) && (t.name == name || r.same(sources) && called(name, t.name.Name) || r.same(instances) && t.name.String() == name.Name)
	})
}

func (g *getting) rows(ctx context.Context, s *session, r resource) ([]row, error) {
	list, err := s.List(ctx, g.query(r))
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, status := range list.Items {
		for _, one := range rowsOf(r, status, g.output == "wide", time.Now()) {
			if g.wants(r, one.name) {
				rows = append(rows, one)
			}
		}
	}
	return rows, nil
}

func (g *getting) list(ctx context.Context, s *session) error {
	var objects []any
	blocks := 0
	for _, r := range g.types {
		rows, err := g.rows(ctx, s, r)
		if err != nil {
			return err
		}
		for _, one := range rows {
			objects = append(objects, one.object)
		}
		switch {
		case len(rows) == 0 || g.output == "json" || g.output == "yaml":
		case g.output == "name":
			for _, one := range rows {
				fmt.Fprintln(g.cli.out, g.typed(r, one))
			}
		default:
			if blocks > 0 {
				fmt.Fprintln(g.cli.out)
			}
			g.print(&table{}, r, rows, g.headings)
		}
		if len(rows) > 0 {
			blocks++
		}
	}
	if g.output == "json" || g.output == "yaml" {
		if err := dump(g.cli.out, g.output, objects, len(g.named) == 1); err != nil {
			return err
		}
	}
	if err := g.missing(objects); err != nil {
		return err
	}
	if blocks == 0 && g.output != "json" && g.output != "yaml" {
		g.none()
	}
	return nil
}

// missing says which names were not found.
func (g *getting) missing(found []any) error {
	var words []string
	for _, t := range g.named {
		if !slices.ContainsFunc(found, func(o any) bool {
			got := o.(object)
			name := got.Metadata.Name
			if t.resource.same(sources) {
				return called(spec.Name{Name: name}, t.name.Name)
			}
			if t.resource.same(revisions) {
				name, _, _ = cutLast(name, "-")
			}
			return strings.EqualFold(got.Kind, t.resource.singular) && (name == t.name.Name && got.Metadata.Namespace == t.name.Namespace || name == t.name.String())
		}) {
			words = append(words, fmt.Sprintf("error: %s %q not found", t.resource.plural, t.name))
		}
	}
	if len(words) > 0 {
		return &ended{code: exitFailed, text: strings.Join(words, "\n")}
	}
	return nil
}

func cutLast(text, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(text, separator); i >= 0 {
		return text[:i], text[i+len(separator):], true
	}
	return text, "", false
}

// none says that there is nothing, on stderr: nothing is an answer, too.
func (g *getting) none() {
	what := "objects"
	if len(g.types) == 1 {
		what = g.types[0].plural
		if g.types[0].same(nginxes) || g.types[0].same(eurekas) {
			what += " objects"
		}
	}
	if g.all || len(g.types) == 1 && g.types[0].same(sources) {
		fmt.Fprintf(g.cli.err, "No %s found.\n", what)
		return
	}
	fmt.Fprintf(g.cli.err, "No %s found in %s namespace.\n", what, g.cli.namespace)
}

// typed is the row's name with its type.
func (g *getting) typed(r resource, one row) string { return r.singular + "/" + one.name.Name }

func (g *getting) print(t *table, r resource, rows []row, headings bool) {
	var lines [][]string
	if headings {
		head := append([]string{"NAME"}, columns(r, g.output == "wide")...)
		if g.all {
			head = append([]string{"NAMESPACE"}, head...)
		}
		lines = append(lines, head)
	}
	for _, one := range rows {
		name := one.name.Name
		if len(g.types) > 1 {
			name = g.typed(r, one)
		}
		cells := append([]string{name}, one.cells...)
		if g.all {
			cells = append([]string{one.name.Namespace}, cells...)
		}
		lines = append(lines, cells)
	}
	t.print(g.cli.out, lines...)
}

// follow prints each row again when it has changed.
func (g *getting) follow(ctx context.Context, s *session) error {
	if len(g.types) != 1 {
		return usage("error: -w watches one type")
	}
	r, told, t := g.types[0], map[string]string{}, &table{}
	headings := g.headings
	return s.Watch(ctx, g.query(r), func(status api.Status) error {
		for _, one := range rowsOf(r, status, g.output == "wide", time.Now()) {
			text := g.fingerprint(one)
			if !g.wants(r, one.name) || told[one.name.String()] == text {
				continue
			}
			told[one.name.String()] = text
			if err := g.tell(t, r, one, headings); err != nil {
				return err
			}
			headings = false
		}
		return nil
	})
}

// fingerprint changes when the row says something new.
func (g *getting) fingerprint(one row) string {
	text, err := json.Marshal(one.object)
	if err != nil {
		return fmt.Sprint(one.cells)
	}
	return string(text)
}

func (g *getting) tell(t *table, r resource, one row, headings bool) error {
	switch g.output {
	case "json":
		return line(g.cli.out, one.object)
	case "yaml":
		fmt.Fprintln(g.cli.out, "---")
		return dump(g.cli.out, "yaml", []any{one.object}, true)
	case "name":
		fmt.Fprintln(g.cli.out, g.typed(r, one))
	default:
		g.print(t, r, []row{one}, headings)
	}
	return nil
}

// line writes one JSON value on one line.
func line(to io.Writer, value any) error {
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
