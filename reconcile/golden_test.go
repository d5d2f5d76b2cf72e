package reconcile

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/segue-dev/segue/spec"
)

var update = flag.Bool("update", false, "write the transcripts in testdata anew")

// TestStories compares what a person would see with the transcripts in testdata.
func TestStories(t *testing.T) {
	for name, tell := range stories {
		t.Run(name, func(t *testing.T) {
			s := tell(t)
			got := strings.Join(s.lines, "\n") + "\n"
			path := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the story changed; got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

var stories = map[string]func(*testing.T) *story{
	"rolling": tellRolling,
}

// served is a story whose first revision serves.
func served(t *testing.T, first spec.DeploymentSpec) *story {
	s := newStory(t, first)
	s.settle()
	s.begin()
	return s
}

func tellRolling(t *testing.T) *story {
	s := served(t, settings(3))
	s.apply("v2", behaviour{}, nil)
	s.settle()
	return s
}
