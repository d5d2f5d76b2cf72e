package sealed_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/armor"
	"golang.org/x/crypto/ssh"

	"github.com/segue-dev/segue/controller/sealed"
	"github.com/segue-dev/segue/spec"
)

const secret = "PASSWORD=correct horse\n"

func key(t *testing.T) *age.X25519Identity {
	t.Helper()
	made, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func written(t *testing.T, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func encrypt(t *testing.T, armored bool, to ...age.Recipient) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(secret)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if !armored {
		return out.Bytes()
	}
	var text bytes.Buffer
	a := armor.NewWriter(&text)
	if _, err := a.Write(out.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

func TestOpen(t *testing.T) {
	ann, bob := key(t), key(t)
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	public, err := ssh.NewPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	sshRecipient, err := agessh.NewEd25519Recipient(public)
	if err != nil {
		t.Fatal(err)
	}
	files := []string{
		written(t, "# created: today\n"+ann.String()+"\n", 0o600), written(t, string(pem.EncodeToMemory(block)), 0o400),
	}
	identities, err := sealed.New(files)
	if err != nil {
		t.Fatal(err)
	}
	damaged := encrypt(t, false, ann.Recipient())
	damaged[len(damaged)-1] ^= 1
	for name, test := range map[string]struct {
		content []byte
		want    string
	}{
		"binary":     {encrypt(t, false, bob.Recipient(), ann.Recipient()), ""},
		"armored":    {append([]byte("\n"), encrypt(t, true, ann.Recipient())...), ""},
		"for ssh":    {encrypt(t, true, sshRecipient), ""},
		"for others": {encrypt(t, true, bob.Recipient()), "for others: " + ann.Recipient().String() + " or an ssh key of this host is not among its recipients"},
		"damaged":    {damaged, "it is damaged"},
		"cut short":  {damaged[:60], "it is damaged"},
	} {
		if !spec.Sealed(test.content) {
			t.Errorf("%s: not seen as sealed", name)
		}
		got, err := identities.Open(test.content)
		switch {
		case test.want == "" && (err != nil || string(got) != secret):
			t.Errorf("%s: %q, %v", name, got, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "horse")):
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
	if err := os.Chmod(files[0], 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := identities.Open(encrypt(t, false, ann.Recipient())); err == nil || !strings.Contains(err.Error(), "chmod 600 "+files[0]) {
		t.Errorf("readable by others: %v", err)
	}
}

func TestIdentitiesThatAreRefused(t *testing.T) {
	ann := key(t)
	for name, test := range map[string]struct {
		path, want string
	}{
		"readable":   {written(t, ann.String(), 0o644), "may be read by others than its owner (mode 0644); chmod 600"},
		"missing":    {filepath.Join(t.TempDir(), "none"), "no such file"},
		"recipient":  {written(t, ann.Recipient().String(), 0o600), "is no identity; want what age-keygen -o"},
		"empty":      {written(t, "", 0o600), "is no identity"},
		"damaged":    {written(t, ann.String()[:40], 0o600), "is no identity"},
		"passphrase": {written(t, "age-encryption.org/v1\n-> scrypt", 0o600), "encrypted with a passphrase"},
		"bad ssh":    {written(t, "-----BEGIN OPENSSH PRIVATE KEY-----\n", 0o600), "is no identity"},
	} {
		if _, err := sealed.New([]string{test.path}); err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), ann.String()[20:40]) {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
}
