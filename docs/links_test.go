package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// written are pages that a run of the tests writes: they may not be there yet.
var written = map[string]bool{"reliability.md": true, "benchmarks.md": true}

var (
	link     = regexp.MustCompile(`\]\(([^)#\s]*)(#[^)\s]*)?\)`)
	heading  = regexp.MustCompile(`(?m)^#+ (.*)$`)
	dropped  = regexp.MustCompile(`[^\pL\pN _-]`)
	fenced   = regexp.MustCompile("(?ms)^```.*?^```")
	codeSpan = regexp.MustCompile("`[^`\n]*`")
)

// TestLinksLeadSomewhere follows every link within the repository, to its heading.
func TestLinksLeadSomewhere(t *testing.T) {
	for path, text := range pages(t) {
		for _, found := range link.FindAllStringSubmatch(codeSpan.ReplaceAllString(fenced.ReplaceAllString(text, ""), ""), -1) {
			to, anchor := found[1], strings.TrimPrefix(found[2], "#")
			if strings.Contains(to, "://") || written[filepath.Base(to)] {
				continue
			}
			file := path
			if to != "" {
				file = filepath.Join(filepath.Dir(path), to)
			}
			target, err := os.ReadFile(file)
			if info, statErr := os.Stat(file); statErr == nil && info.IsDir() {
				continue
			}
			if err != nil {
				t.Errorf("%s links to %s: %v", path, to, err)
				continue
			}
			if anchor != "" && !anchors(string(target))[anchor] {
				t.Errorf("%s links to %s#%s: no such heading", path, to, anchor)
			}
		}
	}
}

// anchors are the headings as GitHub names them.
func anchors(page string) map[string]bool {
	all := map[string]bool{}
	for _, h := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(page, ""), -1) {
		all[strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-")] = true
	}
	return all
}

// TestReadmeLeadsToEveryPage: a page that nothing leads to is not read.
func TestReadmeLeadsToEveryPage(t *testing.T) {
	readme := pages(t)["../README.md"]
	for path := range pages(t) {
		if !strings.HasPrefix(path, "../") && !strings.Contains(readme, "(docs/"+path+")") {
			t.Errorf("README.md does not link to docs/%s", path)
		}
	}
}

// TestEveryExampleIsShown: manifests.md leads to each file of manifests/.
func TestEveryExampleIsShown(t *testing.T) {
	page := pages(t)["manifests.md"]
	examples, err := filepath.Glob("../manifests/*.yaml")
	if err != nil || len(examples) == 0 {
		t.Fatalf("%d examples, error %v", len(examples), err)
	}
	for _, example := range examples {
		if !strings.Contains(page, "]("+example+")") {
			t.Errorf("manifests.md does not link to %s", example)
		}
	}
}
