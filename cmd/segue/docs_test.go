package main

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestTheDocsMentionEveryCommandAndFlag keeps docs/commands.md from going stale.
func TestTheDocsMentionEveryCommandAndFlag(t *testing.T) {
	text, err := os.ReadFile("../../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for section := range strings.SplitSeq(string(text), "\n#") {
		heading, body, _ := strings.Cut(section, "\n")
		for name := range strings.SplitSeq(strings.Trim(heading, "# "), ", ") {
			sections[strings.Trim(name, "`")] = body
		}
	}
	root := (&cli{}).root()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	root.PersistentFlags().VisitAll(func(flag *pflag.Flag) {
		if !strings.Contains(sections["Flags of every command"], "`--"+flag.Name) {
			t.Errorf("docs/commands.md does not mention --%s among the flags of every command", flag.Name)
		}
	})
	for _, command := range every(root) {
		body, found := sections[command.CommandPath()]
		if !found && command.Runnable() && command != root && len(command.Commands()) == 0 {
			t.Errorf("docs/commands.md has no section on %s", command.CommandPath())
			continue
		}
		command.LocalNonPersistentFlags().VisitAll(func(flag *pflag.Flag) {
			if flag.Name != "help" && !strings.Contains(body, "`--"+flag.Name) {
				t.Errorf("docs/commands.md does not mention %s --%s", command.CommandPath(), flag.Name)
			}
		})
	}
}

func every(command *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{command}
	for _, child := range command.Commands() {
		all = append(all, every(child)...)
	}
	return all
}

// TestTheDocsListTheExitCodes compares the table with exit.go.
func TestTheDocsListTheExitCodes(t *testing.T) {
	text, err := os.ReadFile("../../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"0", "1", "2", "3", "4", "5", "6", "130"} {
		if !strings.Contains(string(text), "\n| "+code+" |") {
			t.Errorf("docs/commands.md does not list exit code %s", code)
		}
	}
}
