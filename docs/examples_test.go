package docs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/segue-dev/segue/spec"
)

// pages are README.md and every page in docs/, by path.
func pages(t *testing.T) map[string]string {
	t.Helper()
	var paths []string
	for _, pattern := range []string{"*.md", "migrate/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	texts := map[string]string{}
	for _, path := range append(paths, "../README.md", "../CHANGELOG.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[path] = string(text)
	}
	return texts
}

// block is a fenced part of a page.
type block struct {
	language, text string
	line           int
}

func blocks(page string) []block {
	var all []block
	open := -1
	for i, line := range strings.Split(page, "\n") {
		fence, isFence := strings.CutPrefix(line, "```")
		switch {
		case !isFence && open >= 0:
			all[open].text += line + "\n"
		case isFence && open >= 0:
			open = -1
		case isFence:
			all = append(all, block{language: strings.TrimSpace(fence), line: i + 2})
			open = len(all) - 1
		}
	}
	return all
}

// TestEveryManifestInThePagesIsOne reads each yaml block as segue apply would.
func TestEveryManifestInThePagesIsOne(t *testing.T) {
	found := 0
	for path, text := range pages(t) {
		var whole []spec.Manifest
		for _, b := range blocks(text) {
			if b.language != "yaml" {
				continue
			}
			found++
			manifests, err := spec.Read(path, []byte(b.text))
			if err != nil {
				t.Errorf("%s, the block at line %d: %v", path, b.line, err)
			}
			for _, m := range manifests {
				if err := m.Validate(); err != nil {
					t.Errorf("%s, the block at line %d: %v", path, b.line, err)
				}
			}
			whole = append(whole, manifests...)
		}
		together(t, path, whole)
	}
	if found < 8 {
		t.Errorf("%d yaml blocks found; there are more, so the test does not see them", found)
	}
}

// together checks that the objects of a page fit each other. Of one that is shown twice the last counts, as for a
// reader who follows the page; what is used and not shown is there already.
func together(t *testing.T, path string, manifests []spec.Manifest) {
	t.Helper()
	last := map[string]spec.Manifest{}
	for _, m := range manifests {
		last[m.Kind()+" "+m.Name().String()] = m
	}
	given := []spec.Manifest{
		{Nginx: &spec.Nginx{Metadata: spec.Metadata{Name: "edge"}}},
		{Eureka: &spec.Eureka{Metadata: spec.Metadata{Name: "main"}}},
	}
	var set []spec.Manifest
	for _, m := range last {
		set = append(set, m)
	}
	if err := spec.ValidateSet(set, given); err != nil {
		t.Errorf("%s: the examples do not fit each other: %v", path, err)
	}
}
