package main

import (
	"os"
	"path/filepath"
	"regexp"
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

var (
	// What is to be typed stands in a span of code, or is a line of a block: fenced, indented, or in an example's comment.
	span   = regexp.MustCompile("`segue ([^`\n]+)`")
	fenced = regexp.MustCompile("(?ms)^```.*?^```")
	typed  = regexp.MustCompile(`(?m)^(?:[$#>] | {4}|#   )?segue ([a-z][^\n]*)$`)
	indent = regexp.MustCompile(`(?m)^(?: {4}|#   )segue [^\n]*$`)
	option = regexp.MustCompile(`^(?:--([a-z][a-z-]+)|-([a-zA-Z]))(?:=|$)`)
)

// TestTheDocsNameNoOtherCommandOrFlag: whatever a page says to type exists.
func TestTheDocsNameNoOtherCommandOrFlag(t *testing.T) {
	var pages []string
	for _, pattern := range []string{"../../*.md", "../../docs/*.md", "../../docs/migrate/*.md", "../../packaging/*", "../../manifests/*.yaml", "../../manifests/*/*.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	lines := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		blocks := strings.Join(append(fenced.FindAllString(string(text), -1), indent.FindAllString(string(text), -1)...), "\n")
		for _, found := range append(span.FindAllStringSubmatch(string(text), -1), typed.FindAllStringSubmatch(blocks, -1)...) {
			line, _, _ := strings.Cut(found[1], " # ")
			if verb, _, _ := strings.Cut(line, " "); verb == "COMMAND" || strings.Contains(verb, "|") {
				continue
			}
			if wrong := notThere(strings.Fields(line)); wrong != "" {
				t.Errorf("%s: segue %s: there is no %s", page, line, wrong)
			}
			lines++
		}
	}
	if lines < 100 {
		t.Errorf("%d command lines found; there are more, so the test does not see them", lines)
	}
}

// notThere is the first word of a command line that is neither a command nor a flag of it; "" where all are.
func notThere(words []string) string {
	root := (&cli{}).root()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	command, rest, err := root.Find(words)
	if err != nil || command == root {
		return words[0]
	}
	for _, word := range rest {
		found := option.FindStringSubmatch(strings.TrimRight(word, ".,;:)"))
		if found == nil || found[1] == "help" {
			continue
		}
		known := command.Flags().Lookup(found[1]) != nil || command.InheritedFlags().Lookup(found[1]) != nil
		if found[2] != "" {
			known = command.Flags().ShorthandLookup(found[2]) != nil || command.InheritedFlags().ShorthandLookup(found[2]) != nil
		}
		if !known {
			return word + " of " + command.CommandPath()
		}
	}
	return ""
}
