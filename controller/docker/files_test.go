package docker

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/segue-dev/segue/reconcile"
)

// TestSealedFilesLieInMemory: what was decrypted is on a tmpfs and nowhere else, until the instance is removed.
func TestSealedFilesLieInMemory(t *testing.T) {
	memory, err := os.MkdirTemp("/dev/shm", "segue-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(memory) })
	state := t.TempDir()
	r := &Runtime{options: Options{Owner: "me", StateDir: state, HostStateDir: state, SecretDir: filepath.Join(memory, "secrets")}}
	files := map[string]reconcile.LaunchFile{
		"/etc/app.conf": {Content: []byte("plain"), Mode: 0o444}, "/run/token": {Content: []byte("hunter2"), Mode: 0o400, Sealed: true},
	}
	mounts, err := r.writeFiles("orders-1", files)
	if err != nil || len(mounts) != 2 {
		t.Fatalf("mounts %+v, %v", mounts, err)
	}
	token := filepath.Join(memory, "secrets", "me", "orders-1", "1-token")
	if mounts[0].Source != filepath.Join(state, "files", "orders-1", "0-app.conf") || mounts[1].Source != token || !mounts[1].ReadOnly {
		t.Errorf("mounts %+v", mounts)
	}
	content, err := os.ReadFile(token)
	info, statErr := os.Stat(token)
	above, aboveErr := os.Stat(filepath.Join(memory, "secrets"))
	if err != nil || statErr != nil || aboveErr != nil || string(content) != "hunter2" || info.Mode().Perm() != 0o400 || above.Mode().Perm() != 0o700 {
		t.Errorf("%q, %v, %v, %v, %v", content, info, above, err, statErr)
	}
	if left := tree(t, state); strings.Contains(left, "token") || strings.Contains(left, "hunter2") {
		t.Errorf("on the disk: %s", left)
	}
	if err := r.removeFiles("orders-1"); err != nil {
		t.Fatal(err)
	}
	if left := tree(t, memory); left != "secrets/ secrets/me/ " {
		t.Errorf("left %s", left)
	}

	for dir, want := range map[string]string{"": "name one with --secret-dir", "/sys": "/sys is on a disk, and secrets are kept in memory only; name a directory on a tmpfs with --secret-dir"} {
		r.options.SecretDir = dir
		if err := r.CheckSecretDir(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", dir, err)
		}
	}
}

// tree is what lies below a directory, with the files' content.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		all.WriteString(strings.TrimPrefix(path, dir+"/"))
		if entry.IsDir() {
			all.WriteString("/ ")
			return nil
		}
		content, err := os.ReadFile(path)
		all.WriteString("=" + string(content) + " ")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
