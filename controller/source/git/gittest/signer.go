package gittest

import (
	"bytes"
	"crypto/ed25519"
	"strings"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

// Signer is somebody with an ed25519 key who signs commits with it.
type Signer struct {
	t   T
	key ssh.Signer
}

// NewSigner makes a key of a name: the same name has the same key.
func NewSigner(t T, name string) *Signer {
	t.Helper()
	seed := []byte(strings.Repeat(name+" ", ed25519.SeedSize))[:ed25519.SeedSize]
	key, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(seed))
	if err != nil {
		t.Fatalf("%v", err)
	}
	return &Signer{t: t, key: key}
}

// Sign is for Bare.Sign.
func (s *Signer) Sign(payload []byte) string {
	s.t.Helper()
	signature, err := sshsig.Sign(bytes.NewReader(payload), s.key, sshsig.HashSHA512, "git")
	if err != nil {
		s.t.Fatalf("%v", err)
	}
	return string(sshsig.Armor(signature))
}

// Key is the public key, as a line of an allowed signers file ends.
func (s *Signer) Key() string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(s.key.PublicKey())))
}

// Fingerprint is SHA256:….
func (s *Signer) Fingerprint() string { return ssh.FingerprintSHA256(s.key.PublicKey()) }
