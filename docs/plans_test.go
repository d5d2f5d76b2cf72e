package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// announcement is the line with which apply says what it will do.
var announcement = regexp.MustCompile(`(?m)^deployment/\S+: (?:first )?revision .*$`)

// TestThePlansInThePagesAreWhatIsPrinted compares each transcript of segue plan, and what apply says before it acts, with
// what the tests of cmd/segue hold in testdata/plan-*.txt. Whoever changes a plan's words copies them from there.
func TestThePlansInThePagesAreWhatIsPrinted(t *testing.T) {
	goldens, err := filepath.Glob("../cmd/segue/testdata/plan-*.txt")
	if err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	for _, path := range goldens {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		printed.Write(text)
	}
	found := 0
	for path, text := range pages(t) {
		for _, b := range blocks(text) {
			shown := announcement.FindAllString(b.text, -1)
			for _, transcript := range strings.Split("\n"+b.text, "\n$ ") {
				if command, output, _ := strings.Cut(transcript, "\n"); strings.HasPrefix(command, "segue plan") && output != "" {
					shown = append(shown, strings.TrimRight(output, "\n"))
				}
			}
			found += len(shown)
			for _, plan := range shown {
				if !strings.Contains(printed.String(), plan+"\n") {
					t.Errorf("%s, the block at line %d: no test of cmd/segue prints this:\n%s", path, b.line, plan)
				}
			}
		}
	}
	if found < 3 {
		t.Errorf("%d plans found; there are more, so the test does not see them", found)
	}
}
