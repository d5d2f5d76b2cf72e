package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestWhatGoesWrongIsToldOfThePathThatWasMeant(t *testing.T) {
	for text, err := range map[string]error{
		"write /segue/swaps: no space left on device": &fs.PathError{Op: "write", Path: "/segue/.swaps4711", Err: syscall.ENOSPC},
		"by somebody else":                            errors.New("by somebody else"),
	} {
		if got := meant("/segue/swaps", err); got.Error() != text {
			t.Errorf("%s, want %s", got, text)
		}
	}
	absent := filepath.Join(t.TempDir(), "absent")
	for what, err := range map[string]error{
		"file": Write(filepath.Join(absent, "file"), nil, 0o600),
		"link": Symlink("/x", filepath.Join(absent, "link")),
	} {
		var told *fs.PathError
		if !errors.Is(err, fs.ErrNotExist) || errors.As(err, &told) && told.Path != filepath.Join(absent, what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestAFileIsReplacedAsAWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for _, content := range []string{"old", "new"} {
		if err := Write(path, []byte(content), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	info, failed := os.Stat(path)
	if err != nil || failed != nil || string(got) != "new" || info.Mode().Perm() != 0o640 {
		t.Errorf("%q, %v, %v", got, info, errors.Join(err, failed))
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("beside it: %v, %v", left, err)
	}
}
