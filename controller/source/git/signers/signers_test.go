package signers

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

var commit = []byte("tree 1234\nauthor Ann <ann@shop> 1772366400 +0000\n\nfirst\n")

// day is when the commit says that it was made.
var day = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func keyOf(t *testing.T, key any) ssh.Signer {
	t.Helper()
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func ed(t *testing.T) ssh.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return keyOf(t, key)
}

func sign(t *testing.T, key ssh.Signer, h sshsig.HashAlgorithm, namespace string) string {
	t.Helper()
	signature, err := sshsig.Sign(bytes.NewReader(commit), key, h, namespace)
	if err != nil {
		t.Fatal(err)
	}
	return string(sshsig.Armor(signature))
}

func public(key ssh.Signer) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key.PublicKey())))
}

func TestSSHSignatures(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ann, bob, old, ec := ed(t), ed(t), keyOf(t, rsaKey), keyOf(t, ecKey)
	sha1 := func() string {
		s, err := sshsig.Sign(bytes.NewReader(commit), old, sshsig.HashSHA512, "git")
		if err != nil {
			t.Fatal(err)
		}
		if s.Signature, err = old.(ssh.AlgorithmSigner).SignWithAlgorithm(rand.Reader, commit, ssh.KeyAlgoRSA); err != nil {
			t.Fatal(err)
		}
		return string(sshsig.Armor(s))
	}()
	const git = "git"
	for name, test := range map[string]struct{ lines, signature, want string }{
		"ed25519":               {"ann@shop " + public(ann), sign(t, ann, sshsig.HashSHA512, git), "ann@shop, SHA256:"},
		"sha256":                {"ann@shop " + public(ann), sign(t, ann, sshsig.HashSHA256, git), "ann@shop, SHA256:"},
		"rsa":                   {"ann@shop " + public(old), sign(t, old, sshsig.HashSHA512, git), "ann@shop, SHA256:"},
		"ecdsa":                 {"ann@shop " + public(ec), sign(t, ec, sshsig.HashSHA512, git), "ann@shop, SHA256:"},
		"options and a comment": {"# who\n\n\"ann b@shop\" namespaces=\"file,g*\",valid-after=\"20260301Z\",valid-before=20260302Z " + public(ann) + " the comment", sign(t, ann, sshsig.HashSHA512, git), "ann b@shop, SHA256:"},
		"the second line":       {"ann@shop valid-before=\"20200101\" " + public(ann) + "\nann@home " + public(ann), sign(t, ann, sshsig.HashSHA512, git), "ann@home, SHA256:"},
		"not signed":            {"ann@shop " + public(ann), "", "it is not signed"},
		"another key":           {"ann@shop " + public(ann), sign(t, bob, sshsig.HashSHA512, git), "it is signed by the key " + ssh.FingerprintSHA256(bob.PublicKey()) + ", which is not listed"},
		"another namespace":     {"ann@shop " + public(ann), sign(t, ann, sshsig.HashSHA512, "file"), `was made for "file", not for git`},
		"not for git":           {`ann@shop namespaces="file" ` + public(ann), sign(t, ann, sshsig.HashSHA512, git), "not allowed for the namespace git"},
		"not for git after all": {`ann@shop namespaces="*,!g?t" ` + public(ann), sign(t, ann, sshsig.HashSHA512, git), "not allowed for the namespace git"},
		"too early":             {`ann@shop valid-after="202603011201Z" ` + public(ann), sign(t, ann, sshsig.HashSHA512, git), "is valid after 2026-03-01T12:01:00Z, and the commit is of 2026-03-01T12:00:00Z"},
		"too late":              {`ann@shop valid-before="20260301115959Z" ` + public(ann), sign(t, ann, sshsig.HashSHA512, git), "is valid before 2026-03-01T11:59:59Z"},
		"SHA-1":                 {"ann@shop " + public(old), sha1, `invalid signature format "ssh-rsa"`},
		"cut short":             {"ann@shop " + public(ann), sign(t, ann, sshsig.HashSHA512, git)[:80], "cannot be read"},
		"X.509":                 {"ann@shop " + public(ann), "-----BEGIN SIGNED MESSAGE-----\n", "neither of ssh nor of OpenPGP"},
	} {
		signers, err := Parse("signers", []byte(test.lines))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := signers.Verify(commit, test.signature, day)
		if err != nil {
			got = "refused: " + err.Error()
		}
		if !strings.Contains(got, test.want) || strings.HasPrefix(got, "refused") == strings.HasPrefix(test.want, "ann") {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
		if _, err := signers.Verify(append([]byte("x"), commit...), test.signature, day); err == nil {
			t.Errorf("%s: another text passes", name)
		}
	}
}

func TestBadFilesOfSigners(t *testing.T) {
	key := public(ed(t))
	for lines, want := range map[string]string{
		"":                                   "f names nobody who may sign; write lines like",
		"# nobody\n":                         "f names nobody who may sign",
		"ann@shop\n":                         "f:1: want PRINCIPALS [OPTIONS] KEYTYPE KEY",
		"ann@shop ssh-ed25519 AAAA\n":        "f:1: no key can be read here",
		key + "\n":                           "f:1: no key can be read here",
		"\n*@shop cert-authority " + key:     "f:2: cert-authority is not supported; list the keys that sign themselves",
		"a verify-required " + key + "\nb\n": "f:1: the option verify-required is not known; there are namespaces, valid-after and valid-before\nf:2: want",
		`a valid-after="yesterday" ` + key:   `f:1: "yesterday" is no time; want YYYYMMDD or YYYYMMDDHHMM[SS]`,
		armorBegin + "\n":                    "f:1: the OpenPGP key that begins here has no end",
		armorBegin + "\n\nxx\n" + armorEnd:   "f:1: an OpenPGP key that cannot be read",
	} {
		if _, err := Parse("f", []byte(lines)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", lines, err, want)
		}
	}
}

func entity(t *testing.T, name string) *openpgp.Entity {
	t.Helper()
	made := &packet.Config{Time: func() time.Time { return day.Add(-time.Hour) }, Algorithm: packet.PubKeyAlgoEdDSA, KeyLifetimeSecs: 7200}
	e, err := openpgp.NewEntity(name, "", name+"@shop", made)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func armored(t *testing.T, e *openpgp.Entity) string {
	t.Helper()
	var out bytes.Buffer
	w, err := armor.Encode(&out, openpgp.PublicKeyType, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Serialize(w); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String() + "\n"
}

func TestOpenPGPSignatures(t *testing.T) {
	ann, bob := entity(t, "ann"), entity(t, "bob")
	signature := func(e *openpgp.Entity, h crypto.Hash) string {
		var out bytes.Buffer
		config := &packet.Config{DefaultHash: h, Time: func() time.Time { return day }}
		if err := openpgp.ArmoredDetachSign(&out, e, bytes.NewReader(commit), config); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	signers, err := Parse("f", []byte("# keys\n"+armored(t, entity(t, "eve"))+"ann@shop "+public(ed(t))+"\n"+armored(t, ann)))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		signature string
		at        time.Time
		want      string
	}{
		"good":            {signature(ann, crypto.SHA256), day, "ann <ann@shop>, " + fmt.Sprintf("%X", ann.PrimaryKey.Fingerprint)},
		"another's":       {signature(bob, crypto.SHA256), day, "OpenPGP key " + fmt.Sprintf("%X", bob.PrimaryKey.Fingerprint) + ", which is not listed"},
		"run out by then": {signature(ann, crypto.SHA256), day.Add(3 * time.Hour), "was not good for that at 2026-03-01T15:00:00Z"},
		"no signature":    {"-----BEGIN PGP MESSAGE-----\n", day, "cannot be read"},
	} {
		got, err := signers.Verify(commit, test.signature, test.at)
		if err != nil {
			got = "refused: " + err.Error()
		}
		if !strings.Contains(got, test.want) || (err == nil) != (name == "good") {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
		if _, err := signers.Verify(append([]byte("x"), commit...), test.signature, test.at); err == nil {
			t.Errorf("%s: another text passes", name)
		}
	}
}

// TestWhatTheToolsSign: testdata was signed by ssh-keygen 9.2 (-Y sign -n git) and gpg 2.2 (--detach-sign --armor).
func TestWhatTheToolsSign(t *testing.T) {
	read := func(name string) string {
		t.Helper()
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	for name, want := range map[string]string{
		"ed25519": "ann@shop, SHA256:", "rsa": "ann@shop, SHA256:", "ecdsa": "ann@shop, SHA256:", "gpg": "Ann <ann@shop>, ",
	} {
		listed := read(name + ".pub")
		if name != "gpg" {
			listed = `ann@shop namespaces="git" ` + listed
		}
		signers, err := Parse("f", []byte(listed))
		if err != nil {
			t.Fatal(err)
		}
		if who, err := signers.Verify([]byte(read("commit")), read(name+".sig"), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil || !strings.HasPrefix(who, want) {
			t.Errorf("%s: got %s, %v", name, who, err)
		}
	}
}
