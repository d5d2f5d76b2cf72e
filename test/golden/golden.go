// Package golden holds what a test gets to a file that people have read and agreed to.
package golden

import (
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write what was got into the golden files")

// Expect compares got with the file at path, byte by byte. With -update it writes the file instead: read the difference
// before you commit it.
func Expect(t *testing.T, path, got string) {
	t.Helper()
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
		t.Errorf("%s is another (go test -update writes it anew); got\n%s\nwant\n%s", path, got, want)
	}
}
