package git

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/source/git/gittest"
)

// shop is a bare repository that a test pushes to.
type shop struct {
	*gittest.Bare
	t *testing.T
}

func newShop(t *testing.T) *shop {
	t.Helper()
	return &shop{Bare: gittest.NewBare(t, "shop"), t: t}
}

// put is a Deployment, in a file of its own.
func (s *shop) put(file, image string) *shop {
	name, _, _ := strings.Cut(image, ":")
	s.Files[file] = fmt.Sprintf("apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: %s}\nspec:\n  template:\n    image: %s\n", name, image)
	return s
}

// source follows the repository by path.
func (s *shop) source(change ...func(*Options)) *Repository {
	s.t.Helper()
	o := Options{URL: s.Dir, Dir: filepath.Join(s.t.TempDir(), "work"), Interval: time.Hour}
	for _, one := range change {
		one(&o)
	}
	r, err := New(o)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// told is a reading in words.
func told(r controller.Reading) string {
	var words []string
	if r.Commit != nil {
		words = append(words, r.Commit.Message+" by "+r.Commit.Author)
	}
	if r.Same {
		words = append(words, "same")
	}
	for _, m := range r.Manifests {
		word := m.Deployment.Spec.Template.Image + "@" + m.Origin
		for file, content := range m.Files {
			word += fmt.Sprintf("(%s %q)", file, content)
		}
		words = append(words, word)
	}
	for file, err := range r.Failed {
		line, _, _ := strings.Cut(err.Error(), "\n")
		words = append(words, "failed "+file+": "+line)
	}
	if r.Err != nil {
		words = append(words, "err "+r.Err.Error())
	}
	return strings.Join(words, " | ")
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}
