package spec_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/segue-dev/segue/spec"
)

// TestExamples: every file of manifests/ says what it is, and can be applied by itself.
func TestExamples(t *testing.T) {
	examples, err := filepath.Glob("../manifests/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	migrations, err := filepath.Glob("../manifests/migrate/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	examples = append(append(examples, migrations...), "../manifests/full")
	if len(examples) < 12 {
		t.Errorf("only %d examples: %v", len(examples), examples)
	}
	for _, example := range examples {
		t.Run(filepath.Base(example), func(t *testing.T) {
			manifests, err := spec.ReadPaths([]string{example}, nil)
			if err := spec.Join(err, spec.ValidateSet(manifests, nil)); err != nil {
				t.Fatal(err)
			}
			for _, m := range manifests {
				if err := sent(t, m).Validate(); err != nil {
					t.Errorf("after its travel: %v", err)
				}
				for _, file := range m.FileNames() {
					if len(m.Files[file]) == 0 {
						t.Errorf("%s did not come along", file)
					}
				}
			}
			if strings.HasSuffix(example, ".yaml") {
				text, err := os.ReadFile(filepath.Clean(example))
				if err != nil || !strings.HasPrefix(string(text), "# ") {
					t.Errorf("it does not begin with what it is for (%v)", err)
				}
			}
		})
	}
}

// sent is m as it arrives at the controller.
func sent(t *testing.T, m spec.Manifest) spec.Manifest {
	t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var arrived spec.Manifest
	if err := json.Unmarshal(text, &arrived); err != nil {
		t.Fatal(err)
	}
	return arrived
}
