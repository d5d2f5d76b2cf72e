package git

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/segue-dev/segue/controller"
	"github.com/segue-dev/segue/controller/api"
	"github.com/segue-dev/segue/controller/source/git/gittest"
)

// refused is the trouble of a reading.
func refused(t *testing.T, got controller.Reading) string {
	t.Helper()
	var trouble *controller.Trouble
	if !errors.As(got.Err, &trouble) || trouble.Reason != api.ReasonUnverified || len(got.Manifests) > 0 {
		t.Errorf("got %s", told(got))
		return ""
	}
	return trouble.Message
}

func TestOnlyListedSignersCommitsAreTaken(t *testing.T) {
	s := newShop(t)
	ann, bob := gittest.NewSigner(t, "ann"), gittest.NewSigner(t, "bob")
	file := filepath.Join(t.TempDir(), "signers")
	list := func(lines string) {
		if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list("ann@shop " + ann.Key() + "\n")
	s.Sign = ann.Sign
	s.put("orders.yaml", "orders:1").Push("first")
	r := s.source(func(o *Options) { o.VerifyFile = file })
	if got := told(r.look(t.Context(), false, false)); got != "first by Ann | orders:1@orders.yaml:1" {
		t.Fatalf("got %s", got)
	}

	s.Sign = nil
	second := s.put("orders.yaml", "orders:2").Push("second")
	for range 2 {
		got := refused(t, r.look(t.Context(), false, false))
		if want := "commit " + short(second) + ` "second" by Ann <ann@shop> is not taken: it is not signed; push a commit on top that is signed`; !strings.HasPrefix(got, want) || !strings.Contains(got, file) {
			t.Errorf("unsigned: got %s", got)
		}
	}
	s.Sign = bob.Sign
	s.put("orders.yaml", "orders:3").Push("third")
	for _, again := range []bool{false, true} {
		if got := refused(t, r.look(t.Context(), again, false)); !strings.Contains(got, "signed by the key "+bob.Fingerprint()+", which is not listed") {
			t.Errorf("foreign: got %s", got)
		}
	}
	// Listing a key is enough: nothing need be pushed.
	list("ann@shop " + ann.Key() + "\nbob@shop namespaces=\"git\" " + bob.Key() + "\n")
	if got := told(r.look(t.Context(), false, false)); got != "third by Ann | orders:3@orders.yaml:1" {
		t.Errorf("listed: got %s", got)
	}
	if got := told(r.look(t.Context(), false, false)); got != "third by Ann | same" {
		t.Errorf("unchanged: got %s", got)
	}
	// A key that is taken out is good for nothing from then on, what holds included.
	list("ann@shop " + ann.Key() + "\n")
	refused(t, r.look(t.Context(), false, false))
	list("ann@shop\n")
	if got := refused(t, r.look(t.Context(), false, false)); !strings.Contains(got, file+":1: want PRINCIPALS") {
		t.Errorf("bad file: got %s", got)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if got := refused(t, r.look(t.Context(), false, false)); !strings.Contains(got, "read who may sign commits") {
		t.Errorf("no file: got %s", got)
	}
}

// TestAnOldSignedCommitIsARewrite, which waits until somebody accepts it.
func TestAnOldSignedCommitIsARewrite(t *testing.T) {
	s := newShop(t)
	ann := gittest.NewSigner(t, "ann")
	s.Sign = ann.Sign
	old := s.put("orders.yaml", "orders:1").Push("first")
	held := s.put("orders.yaml", "orders:2").Push("second")
	file := filepath.Join(t.TempDir(), "signers")
	if err := os.WriteFile(file, []byte("ann@shop "+ann.Key()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := s.source(func(o *Options) { o.VerifyFile = file })
	r.Since(func() string { return held.String() })
	s.Point("main", old)
	if got := told(r.look(t.Context(), false, false)); !strings.Contains(got, "was rewritten") {
		t.Errorf("got %s", got)
	}
}

// TestWhatWasSignedIsWhatIsRead: neither another message nor other files pass under a signature.
func TestWhatWasSignedIsWhatIsRead(t *testing.T) {
	s := newShop(t)
	ann := gittest.NewSigner(t, "ann")
	file := filepath.Join(t.TempDir(), "signers")
	if err := os.WriteFile(file, []byte("ann@shop "+ann.Key()), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Sign = func(payload []byte) string {
		return ann.Sign(bytes.Replace(payload, []byte("first"), []byte("other"), 1))
	}
	s.put("orders.yaml", "orders:1").Push("first")
	r := s.source(func(o *Options) { o.VerifyFile = file })
	if got := refused(t, r.look(t.Context(), false, false)); !strings.Contains(got, "does not fit it") {
		t.Errorf("got %s", got)
	}

	s.Sign = ann.Sign
	tip := s.put("orders.yaml", "orders:2").Push("second")
	evil := s.put("orders.yaml", "orders:666").Commit("evil")
	s.put("orders.yaml", "orders:2")
	swap(t, s, blobOf(t, s, evil), blobOf(t, s, tip))
	got := r.look(t.Context(), false, false)
	if got.Err == nil || !strings.Contains(got.Err.Error(), "its content has another hash") {
		t.Errorf("got %s", told(got))
	}
}

func blobOf(t *testing.T, s *shop, commit plumbing.Hash) plumbing.Hash {
	t.Helper()
	return s.Blob(commit, "orders.yaml")
}

// swap puts the content of one object under the name of another one.
func swap(t *testing.T, s *shop, from, to plumbing.Hash) {
	t.Helper()
	path := func(h plumbing.Hash) string {
		return filepath.Join(s.Dir, "objects", h.String()[:2], h.String()[2:])
	}
	remove(t, path(to))
	if err := os.Rename(path(from), path(to)); err != nil {
		t.Fatal(err)
	}
}
