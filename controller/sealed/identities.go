package sealed

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/armor"
)

// largest bounds what an identity file and an opened file may hold: spec reads files up to that.
const largest = 1 << 20

// Identities open what is encrypted for one of them. The files are read anew for each, so that they may be replaced.
type Identities struct{ files []string }

// New checks the files: as age-keygen writes them, or private ssh keys without a passphrase. Nobody but their owner may
// read them.
func New(files []string) (*Identities, error) {
	i := &Identities{files: slices.Clone(files)}
	_, err := i.read()
	return i, err
}

// Open decrypts. Its errors never hold anything of the content.
func (i *Identities) Open(content []byte) ([]byte, error) {
	identities, err := i.read()
	if err != nil {
		return nil, fmt.Errorf("its identity cannot be read: %w", err)
	}
	var from io.Reader = bytes.NewReader(content)
	if trimmed := bytes.TrimLeft(content, " \t\r\n"); bytes.HasPrefix(trimmed, []byte(armor.Header)) {
		from = armor.NewReader(bytes.NewReader(trimmed))
	}
	opened, err := age.Decrypt(from, identities...)
	var foreign *age.NoIdentityMatchError
	if errors.As(err, &foreign) {
		return nil, fmt.Errorf("for others: %s is not among its recipients; encrypt it for that too (age -r), or give the identity that it is for with --age-identity", recipients(identities))
	}
	if err != nil {
		return nil, fmt.Errorf("it is damaged: %w; encrypt it anew", err)
	}
	plain, err := io.ReadAll(io.LimitReader(opened, largest+1))
	if err != nil {
		return nil, fmt.Errorf("it is damaged: %w; encrypt it anew", err)
	}
	if len(plain) > largest {
		return nil, errors.New("it is larger than 1 MiB")
	}
	return plain, nil
}

func (i *Identities) read() ([]age.Identity, error) {
	var all []age.Identity
	for _, file := range i.files {
		identities, err := readFile(file)
		if err != nil {
			return nil, err
		}
		all = append(all, identities...)
	}
	return all, nil
}

func readFile(path string) ([]age.Identity, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was read
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("%s may be read by others than its owner (mode %04o); chmod 600 %s", path, mode, path)
	}
	content, err := io.ReadAll(io.LimitReader(file, largest))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	switch {
	case bytes.HasPrefix(content, []byte("-----BEGIN AGE ENCRYPTED FILE-----")), bytes.HasPrefix(content, []byte("age-encryption.org/")):
		return nil, fmt.Errorf("%s is encrypted with a passphrase, and nobody is there to type it; decrypt it with age -d, and keep it on a disk that is encrypted", path)
	case bytes.HasPrefix(content, []byte("-----BEGIN")):
		identity, err := agessh.ParseIdentity(content)
		if err != nil {
			return nil, fmt.Errorf("%s is no identity: %w; want an ed25519 or RSA key without passphrase, or what age-keygen writes", path, err)
		}
		return []age.Identity{identity}, nil
	default:
		identities, err := age.ParseIdentities(bytes.NewReader(content))
		if err != nil {
			// Its text may hold a line of the file.
			return nil, fmt.Errorf("%s is no identity; want what age-keygen -o %s writes", path, path)
		}
		return identities, nil
	}
}

// recipients are those that the identities are for, in words.
func recipients(identities []age.Identity) string {
	var words []string
	for _, identity := range identities {
		switch known := identity.(type) {
		case *age.X25519Identity:
			words = append(words, known.Recipient().String())
		case *age.HybridIdentity:
			words = append(words, known.Recipient().String())
		default:
			words = append(words, "an ssh key of this host")
		}
	}
	return strings.Join(words, " or ")
}
