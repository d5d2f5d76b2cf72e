package signers

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
)

// Signers are those who may sign.
type Signers struct {
	allowed []allowed
	keys    openpgp.EntityList
}

const (
	armorBegin = "-----BEGIN PGP PUBLIC KEY BLOCK-----"
	armorEnd   = "-----END PGP PUBLIC KEY BLOCK-----"
)

// Parse reads a file of signers. name is for errors, which are NAME:LINE with a remedy; there is one for each bad line.
func Parse(name string, data []byte) (*Signers, error) {
	s := &Signers{}
	var problems []error
	var block *bytes.Buffer
	began, number := 0, 0
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		number++
		line := strings.TrimSpace(lines.Text())
		switch {
		case block == nil && line == armorBegin:
			block, began = bytes.NewBufferString(line+"\n"), number
		case block != nil:
			block.WriteString(line + "\n")
			if line != armorEnd {
				continue
			}
			keys, err := openpgp.ReadArmoredKeyRing(block)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s:%d: an OpenPGP key that cannot be read: %w; write it with gpg --export --armor", name, began, err))
			}
			s.keys, block = append(s.keys, keys...), nil
		case line == "" || line[0] == '#':
		default:
			one, err := parseAllowed(line)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s:%d: %w", name, number, err))
			}
			s.allowed = append(s.allowed, one)
		}
	}
	if err := lines.Err(); err != nil {
		problems = append(problems, fmt.Errorf("%s:%d: %w", name, number+1, err))
	}
	if block != nil {
		problems = append(problems, fmt.Errorf("%s:%d: the OpenPGP key that begins here has no end; write it with gpg --export --armor", name, began))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	if len(s.allowed) == 0 && len(s.keys) == 0 {
		return nil, fmt.Errorf("%s names nobody who may sign; write lines like: ann@shop.example namespaces=\"git\" ssh-ed25519 AAAA…", name)
	}
	return s, nil
}

// Verify answers who signed the payload, in words with the key's fingerprint. at is when it says that it was signed. The
// error says what is wrong with the signature, with the fingerprint of its key where it has one.
func (s *Signers) Verify(payload []byte, signature string, at time.Time) (string, error) {
	switch {
	case strings.TrimSpace(signature) == "":
		return "", errors.New("it is not signed")
	case strings.HasPrefix(signature, "-----BEGIN SSH SIGNATURE-----"):
		return s.verifySSH(payload, signature, at)
	case strings.HasPrefix(signature, "-----BEGIN PGP "):
		return s.verifyOpenPGP(payload, signature, at)
	default:
		return "", errors.New("its signature is neither of ssh nor of OpenPGP (X.509 is not supported)")
	}
}
