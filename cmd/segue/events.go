package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

func (c *cli) eventsCommand() *cobra.Command {
	var object, output string
	var types []string
	var follow, all bool
	command := &cobra.Command{
		Use:   "events [--for TYPE/NAME]",
		Short: "List what happened, oldest first",
		Example: `  segue events --for deployment/orders -w
  segue events --types Warning`,
		Args: none,
		RunE: func(command *cobra.Command, _ []string) error {
			query := api.EventQuery{Namespace: c.namespace, Follow: follow}
			if all {
				query.Namespace = ""
			}
			if object != "" {
				_, named, err := c.targets([]string{object})
				if err != nil {
					return err
				}
				if len(named) != 1 || named[0].resource.kind == "" {
					return usage("error: --for %s: want TYPE/NAME, as deployment/orders", object)
				}
				query.Kind, query.Namespace, query.Name = named[0].resource.kind, named[0].name.Namespace, named[0].name.Name
			}
			return c.showEvents(command.Context(), query, output, types)
		},
	}
	flags := command.Flags()
	flags.StringVar(&object, "for", "", "only of this object, as deployment/orders")
	flags.StringSliceVar(&types, "types", nil, "only of these types: Normal, Warning")
	flags.StringVarP(&output, "output", "o", "", "json: one event a line")
	flags.BoolVarP(&follow, "watch", "w", false, "go on and print what happens")
	flags.BoolVarP(&all, "all-namespaces", "A", false, "of all namespaces")
	return command
}

// showEvents prints events as kubectl does; no types are all types.
func (c *cli) showEvents(ctx context.Context, query api.EventQuery, output string, types []string) error {
	if !slices.Contains([]string{"", "wide", "json"}, output) {
		return usage("error: -o %s: events are shown as a table, or with -o json as one a line", output)
	}
	return c.with(ctx, need{}, func(s *session) error {
		t, told := &table{}, 0
		var waiting [][]string
		flush := func() {
			t.print(c.out, waiting...)
			waiting = nil
		}
		err := s.Events(ctx, query, func(event api.Event) error {
			if len(types) > 0 && !slices.Contains(types, event.Type) {
				return nil
			}
			if output == "json" {
				return line(c.out, event)
			}
			if told == 0 {
				waiting = append(waiting, []string{"LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"})
			}
			told++
			waiting = append(waiting, eventCells(event, time.Now()))
			if query.Follow {
				flush()
			}
			return nil
		})
		flush()
		if err == nil && told == 0 && output != "json" {
			c.noEvents(query)
		}
		return err
	})
}

func (c *cli) noEvents(query api.EventQuery) {
	switch {
	case query.Name != "":
		fmt.Fprintf(c.err, "No events found for %s.\n", lower(query.Kind)+"/"+spec.Name{Namespace: query.Namespace, Name: query.Name}.String())
	case query.Namespace == "":
		fmt.Fprintln(c.err, "No events found.")
	default:
		fmt.Fprintf(c.err, "No events found in %s namespace.\n", query.Namespace)
	}
}

func eventCells(event api.Event, now time.Time) []string {
	seen := since(event.At, now)
	if event.Count > 1 {
		seen = fmt.Sprintf("%s (x%d over %s)", since(event.LastAt, now), event.Count, since(event.At, now))
	}
	message := strings.ReplaceAll(strings.TrimSpace(event.Message), "\n", " ")
	if event.By != "" {
		message += " (by " + event.By + ")"
	}
	return []string{seen, event.Type, event.Reason, lower(event.Kind) + "/" + event.Name.String(), message}
}
