package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	encryption "filippo.io/age"
)

func TestSecrets(t *testing.T) {
	identity, err := encryption.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var sealed bytes.Buffer
	w, err := encryption.Encrypt(&sealed, identity.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("hunter2")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	secret, plain := write("secret", sealed.String(), 0o600), write("plain", "shown", 0o600)

	none, err := (&cli{secretDir: "/run/x"}).secrets()
	if err != nil || none.open != nil || none.dir != "/run/x" {
		t.Fatalf("without an identity: %+v, %v", none, err)
	}
	if _, err := none.readFile(secret); err == nil || !strings.Contains(err.Error(), "name one with --age-identity FILE") {
		t.Errorf("without an identity: %v", err)
	}
	given, err := (&cli{ageIdentities: []string{write("key", identity.String(), 0o600)}, secretDir: "/run/x"}).secrets()
	if err != nil || given.dir != "/run/x" {
		t.Fatalf("with one: %+v, %v", given, err)
	}
	for path, want := range map[string]string{secret: "hunter2", plain: "shown"} {
		if got, err := given.readFile(path); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	_, err = (&cli{ageIdentities: []string{write("open", identity.String(), 0o644)}}).secrets()
	if err == nil || codeOf(err) != exitUsage || !strings.Contains(textOf(err, exitUsage), "chmod 600") {
		t.Errorf("a key that others may read: %v", err)
	}
}
