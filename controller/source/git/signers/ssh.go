package signers

import (
	"bytes"
	"fmt"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

// verifySSH answers by whom an ssh signature is. sshsig refuses RSA signatures with SHA-1.
func (s *Signers) verifySSH(payload []byte, armored string, at time.Time) (string, error) {
	signature, err := sshsig.Unarmor([]byte(armored))
	if err != nil {
		return "", fmt.Errorf("its ssh signature cannot be read: %w", err)
	}
	print := ssh.FingerprintSHA256(signature.PublicKey)
	why := fmt.Errorf("it is signed by the key %s, which is not listed", print)
	for _, one := range s.allowed {
		if !bytes.Equal(one.key.Marshal(), signature.PublicKey.Marshal()) {
			continue
		}
		if signature.Namespace != namespace {
			return "", fmt.Errorf("its signature by the key %s of %s was made for %q, not for git", print, one.principals, signature.Namespace)
		}
		if err := sshsig.Verify(bytes.NewReader(payload), signature, one.key, signature.HashAlgorithm, namespace); err != nil {
			return "", fmt.Errorf("its signature by the key %s of %s does not fit it (%w): it was changed after it was signed", print, one.principals, err)
		}
		if err := one.mayHaveSigned(at); err != nil {
			why = fmt.Errorf("it is signed by the key %s of %s, which %w", print, one.principals, err)
			continue
		}
		return one.principals + ", " + print, nil
	}
	return "", why
}
