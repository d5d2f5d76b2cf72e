package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/store"
)

func open(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhatWasPutIsThereAfterwards(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for key, value := range map[string]string{"Deployment/orders": `{"a":1}`, "Deployment/shop.orders": `{"a":2}`, "Record/orders": `{}`} {
		if err := s.Put(key, []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Put("Deployment/orders", []byte(`{"a":3}`)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Delete("Record/orders"), s.Delete("Record/never")); err != nil {
		t.Fatal(err)
	}
	all, err := open(t, dir).All()
	if err != nil || len(all) != 2 || string(all["Deployment/orders"]) != `{"a":3}` || string(all["Deployment/shop.orders"]) != `{"a":2}` {
		t.Errorf("read %q, %v", all, err)
	}
}

func TestKeysCannotLeaveTheDirectory(t *testing.T) {
	s := open(t, t.TempDir())
	for _, key := range []string{"", "orders", "../x/y", "A/../b", "A/b/c", "A/.b", "A/b c"} {
		if err := s.Put(key, []byte("{}")); err == nil {
			t.Errorf("%q was taken", key)
		}
	}
}

func TestDamagedFileIsAnErrorThatNamesIt(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.Put("Deployment/orders", []byte(`{"a":1}`)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "objects", "Deployment", "orders.json")
	for _, content := range []string{"", `{"a":`} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if all, err := s.All(); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%q was read as %q, %v", content, all, err)
		}
	}
}

func TestBlobsAreKeptByTheirSum(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	sum, err := s.PutBlob([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.PutBlob([]byte("secret")); err != nil || again != sum {
		t.Errorf("put again: %s, %v", again, err)
	}
	if content, err := s.Blob(sum); err != nil || string(content) != "secret" {
		t.Errorf("read %q, %v", content, err)
	}
	if info, err := os.Stat(s.BlobPath(sum)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(s.BlobPath(sum), []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	if content, err := s.Blob(sum); err == nil {
		t.Errorf("damaged bytes were read as %q", content)
	}
	for _, sum := range []string{"", "../../etc/passwd", strings.Repeat("0", 64)} {
		if _, err := s.Blob(sum); err == nil {
			t.Errorf("%q was read", sum)
		}
	}
}

func TestLockHasOneHolder(t *testing.T) {
	dir := t.TempDir()
	unlock, err := store.Lock(dir, "pid 812, owner me, segue run")
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.Lock(dir, "pid 813")
	var refusal *api.Refusal
	if !errors.As(err, &refusal) || refusal.Kind != api.Locked || !strings.Contains(refusal.Message, "pid 812, owner me, segue run") {
		t.Errorf("the second holder got %v", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	unlock, err = store.Lock(dir, "x")
	if err != nil {
		t.Fatal(err)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
}
