package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/spec"
)

// sourceColumns are the headings of sources after NAME.
func sourceColumns(wide bool) []string {
	if wide {
		return []string{"READY", "COMMIT", "AUTHOR", "AGE", "OBJECTS", "CHECKED", "FROM", "STATUS"}
	}
	return []string{"READY", "COMMIT", "AUTHOR", "AGE", "OBJECTS", "STATUS"}
}

func sourceRow(s api.Status, wide bool, now time.Time) row {
	one := s.Source
	applied := 0
	for _, o := range one.Objects {
		if o.State == api.ObjectApplied {
			applied++
		}
	}
	ready, status := "Unknown", ""
	for _, c := range one.Conditions {
		if c.Type == api.ConditionReady {
			line, _, more := strings.Cut(c.Message, "\n")
			if more {
				line += " …"
			}
			ready, status = c.Status, c.Reason+": "+line
		}
	}
	commit, author := "-", "-"
	if one.Applied != nil {
		commit, author = one.Applied.Short(), one.Applied.Author
	}
	cells := []string{ready, commit, author, since(one.AppliedAt, now), fmt.Sprintf("%d/%d", applied, len(one.Objects))}
	if wide {
		cells = append(cells, since(one.CheckedAt, now), dash(one.From))
	}
	return row{s.Name, append(cells, status), objectOf(s)}
}

// source prints what is known of one.
func (d *describing) source(status api.Status) {
	s := status.Source
	d.field("From", "%s", s.From)
	if s.Suspended {
		d.field("Suspended", "by %s, %s ago: nothing of it is applied, and its objects may be changed by hand", s.SuspendedBy, since(s.SuspendedAt, d.now))
	}
	policy := []string{"drift: " + strings.ToLower(s.Drift)}
	if s.Atomic {
		policy = append(policy, "atomic: a commit of which a rollout fails goes back as a whole")
	}
	if s.Prune {
		policy = append(policy, "prune: what it no longer holds is deleted")
	}
	d.field("Policy", "%s", strings.Join(policy, "; "))
	if s.Applied != nil {
		d.field("Applied", "%s, taken %s ago", commitLine(*s.Applied), since(s.AppliedAt, d.now))
	}
	if s.Seen != nil && (s.Applied == nil || s.Seen.Hash != s.Applied.Hash) {
		d.field("Seen", "%s", commitLine(*s.Seen))
	}
	if !s.CheckedAt.IsZero() {
		d.field("Checked", "%s ago", since(s.CheckedAt, d.now))
	}
	d.conditions(s.Conditions)
	if len(s.Objects) == 0 {
		return
	}
	fmt.Fprintln(d.to, "Objects:")
	lines := [][]string{{"  NAME", "COMMIT", "STATE", "REASON"}}
	for _, o := range s.Objects {
		commit := api.Commit{Hash: o.Commit}
		lines = append(lines, []string{"  " + lower(o.Kind) + "/" + o.Name.String(), dash(commit.Short()), o.State, o.Reason})
	}
	(&table{}).print(d.to, lines...)
}

// commitLine is a commit on one line.
func commitLine(c api.Commit) string {
	return fmt.Sprintf("%s %q by %s, %s", c.Short(), c.Message, c.Author, c.Time.Format(time.RFC3339))
}

// called says whether a person means the source by word: its name, with or without its scheme.
func called(name spec.Name, word string) bool {
	_, short, _ := strings.Cut(name.Name, ":")
	return name.Name == word || short == word
}
