package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

func (c *cli) planCommand() *cobra.Command {
	var files manifestFlags
	output := ""
	command := &cobra.Command{
		Use:   "plan (-f FILE | -k DIRECTORY)",
		Short: "Say what apply would do, step by step, and how long it takes",
		Args:  none,
		RunE: func(command *cobra.Command, _ []string) error {
			if output != "" && output != "json" && output != "yaml" {
				return usage("error: -o %s: there are json and yaml", output)
			}
			return c.planned(command, &files, func(result api.PlanResult) error {
				if output != "" {
					return dump(c.out, output, []any{result}, true)
				}
				for i, p := range result.Items {
					if i > 0 {
						fmt.Fprintln(c.out)
					}
					printPlan(c.out, p)
				}
				return nil
			})
		},
	}
	files.register(command)
	command.Flags().StringVarP(&output, "output", "o", "", "json or yaml")
	return command
}

// planned asks for the plan of manifests.
func (c *cli) planned(command *cobra.Command, files *manifestFlags, do func(api.PlanResult) error) error {
	ctx := command.Context()
	manifests, err := c.read(command, files)
	if err != nil {
		return c.complain(ctx, manifests, err)
	}
	return c.with(ctx, need{}, func(s *session) error {
		if err := c.checkSet(ctx, s, manifests); err != nil {
			return err
		}
		result, err := s.Plan(ctx, api.ApplyRequest{Manifests: manifests, Owner: api.OwnerApply, By: me()})
		if err != nil {
			return err
		}
		return do(result)
	})
}

// printPlan prints a plan as a numbered table; a step without a name is a remark on those above it.
func printPlan(to io.Writer, p api.Plan) {
	head := fmt.Sprintf("%s/%s  %s", lower(p.Kind), p.Name, p.Result)
	if p.Kind == spec.KindDeployment && p.To > 0 && p.Result != "unchanged" && p.Result != "deleted" {
		head = fmt.Sprintf("%s/%s  %s", lower(p.Kind), p.Name, revisionsOf(p))
	}
	if len(p.Changed) > 0 {
		head += "   changed: " + strings.Join(p.Changed, ", ")
	}
	fmt.Fprintln(to, head)
	width := textWidth(p.Steps)
	n := 0
	for _, step := range p.Steps {
		if step.Name == "" {
			fmt.Fprintln(to, "  "+step.What)
			continue
		}
		n++
		line := fmt.Sprintf("%3d %-9s %s   %s", n, step.Name, padded(stepText(step), width), timeOf(step))
		if step.Longest {
			line += "  ← longest"
		}
		fmt.Fprintln(to, strings.TrimRight(line, " "))
	}
	faster := ""
	for _, note := range p.Notes {
		if strings.HasPrefix(note, "Faster:") {
			faster = "  " + note
		}
	}
	if len(p.Steps) > 0 {
		fmt.Fprintln(to, "about "+lasting(p.Total)+until(p)+"."+faster)
	}
	for _, note := range p.Notes {
		if !strings.HasPrefix(note, "Faster:") {
			fmt.Fprintln(to, note)
		}
	}
}

// textWidth is where the times stand: behind the longest text that has one.
func textWidth(steps []api.PlanStep) int {
	width := 0
	for _, step := range steps {
		if timeOf(step) != "" {
			width = max(width, utf8.RuneCountInString(stepText(step)))
		}
	}
	return width
}

// timeOf is a step's time and where it comes from.
func timeOf(step api.PlanStep) string {
	text := between(step.Min, step.Max)
	if step.Name == "delay" {
		text = lasting(step.Max)
	}
	if text != "" && step.Basis != "" {
		text += " (" + step.Basis + ")"
	}
	return text
}

// until is what the total leaves out.
func until(p api.Plan) string {
	if p.Promotion {
		return ", plus the time until someone promotes"
	}
	return ""
}

// stepText is what a step does and, in a column where that fits, the note beside it.
func stepText(step api.PlanStep) string {
	if step.Note == "" {
		return step.What
	}
	return padded(step.What, 28) + "   " + step.Note
}

func padded(text string, width int) string {
	return text + strings.Repeat(" ", max(width-utf8.RuneCountInString(text), 0))
}
