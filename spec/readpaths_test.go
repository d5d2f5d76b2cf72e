package spec_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/segue-dev/segue/spec"
)

// TestTranscript: what segue apply -f shop/ prints.
func TestTranscript(t *testing.T) {
	t.Chdir("testdata")
	manifests, err := spec.ReadPaths([]string{"shop/"}, nil)
	err = spec.Join(err, spec.ValidateSet(manifests, nil))
	golden(t, "shop.txt", fmt.Sprintf("%v; nothing was changed\n", err))
}

// golden compares with a file of testdata, which UPDATE=1 writes.
func golden(t *testing.T, name, got string) {
	t.Helper()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(filepath.Clean(name))
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n--- got\n%s--- want\n%s", name, got, want)
	}
}

// TestBroken: everything that is wrong in a whole directory, at once.
func TestBroken(t *testing.T) {
	t.Chdir("testdata")
	_, err := spec.ReadPaths([]string{"broken"}, nil)
	golden(t, "broken.txt", fmt.Sprintln(err))
}
