package reconcile

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/segue-dev/segue/test/golden"
)

// TestStories compares what a person would see with the transcripts in testdata.
func TestStories(t *testing.T) {
	for name, tell := range stories {
		t.Run(name, func(t *testing.T) {
			s := tell(t)
			golden.Expect(t, filepath.Join("testdata", name+".txt"), strings.Join(s.lines, "\n")+"\n")
		})
	}
}

// TestTranscripts: every transcript has its story.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".txt"); stories[name] == nil {
			t.Errorf("%s has no story", file)
		}
	}
}
