package source

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/controller"
)

// change is a deed, and what a directory's reading says before it and after it.
type change struct {
	prepare, change deed
	before, after   string
}

// followEach: whatever way people change a directory, the reading that follows says what is there then.
func followEach(t *testing.T, changes map[string]change) {
	t.Helper()
	for name, test := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "manifests")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if test.prepare != nil {
				test.prepare(t, dir)
			}
			follow(t, dir, time.Hour, func(next func() string) {
				if first := next(); first != test.before {
					t.Fatalf("the first reading is %s, want %s", first, test.before)
				}
				test.change(t, dir)
				for next() != test.after { // what is half done may be read, too
				}
			})
		})
	}
}

// follow runs a Directory while tell asks for its readings, one after the other, in words.
func follow(t *testing.T, dir string, poll time.Duration, tell func(next func() string)) {
	t.Helper()
	d := NewDirectory(dir, logr.Discard())
	d.debounce, d.poll = 10*time.Millisecond, poll
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	readings := make(chan string)
	ended := make(chan error)
	go func() {
		ended <- d.Run(ctx, func(r controller.Reading) {
			select {
			case readings <- describe(r, dir):
			case <-ctx.Done():
			}
		})
	}()
	tell(func() string {
		select {
		case r := <-readings:
			return r
		case <-ctx.Done():
			t.Fatal("no reading says what was waited for")
			return ""
		}
	})
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Run ended with %v", err)
	}
}

// describe is a reading in one line: NAME:TAG("FILE") of each Deployment, then what failed.
func describe(r controller.Reading, dir string) string {
	var words []string
	for _, m := range r.Manifests {
		_, tag, _ := strings.Cut(m.Deployment.Spec.Template.Image, ":")
		word := m.Name().String() + ":" + tag
		for _, file := range slices.Sorted(maps.Keys(m.Files)) {
			word += fmt.Sprintf("(%q)", m.Files[file])
		}
		words = append(words, word)
	}
	slices.Sort(words)
	for _, file := range slices.Sorted(maps.Keys(r.Failed)) {
		lines := strings.Split(r.Failed[file].Error(), "\n")
		words = append(words, fmt.Sprintf("failed %s (%s)", file, strings.Join(lines[:len(lines)-1], "; ")))
	}
	if r.Err != nil {
		words = append(words, "err "+r.Err.Error())
	}
	return strings.NewReplacer(dir, "DIR", filepath.Join(filepath.Dir(dir), "base"), "BASE").Replace(strings.Join(words, " "))
}
