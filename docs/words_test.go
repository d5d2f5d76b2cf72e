package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	gate      = regexp.MustCompile(`\bGate(?::|, w\.\w+ =) "(\w+)"`)
	condition = regexp.MustCompile(`\bCondition\w+ +(?:string )?= "(\w+)"`)
)

// TestTroubleshootingHasEveryGateAndCondition compares its tables with what reconcile and controller/api say.
func TestTroubleshootingHasEveryGateAndCondition(t *testing.T) {
	text, err := os.ReadFile("troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		words *regexp.Regexp
		files string
		// row is how one begins, %s being the word.
		row  string
		some int
	}{
		{gate, "../reconcile/*.go", "\n| `%s` |", 18},
		{condition, "../controller/api/*.go", "\n| %s |", 9},
	} {
		paths, err := filepath.Glob(test.files)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]bool{}
		for _, path := range paths {
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			for _, word := range test.words.FindAllStringSubmatch(string(source), -1) {
				found[word[1]] = true
			}
		}
		for word := range found {
			if !strings.Contains(string(text), strings.Replace(test.row, "%s", word, 1)) {
				t.Errorf("troubleshooting.md has no row for %s", word)
			}
		}
		if len(found) < test.some {
			t.Errorf("%d words in %s; there are more, so the test does not see them", len(found), test.files)
		}
	}
}
