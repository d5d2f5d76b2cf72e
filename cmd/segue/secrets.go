package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/segue-dev/segue/controller/sealed"
	"github.com/segue-dev/segue/spec"
)

// secrets is how files that are encrypted with age are decrypted. Without an identity open is nil.
type secrets struct {
	open func([]byte) ([]byte, error)
	// dir is where decrypted files of instances lie.
	dir string
}

// secrets reads what --age-identity names.
func (c *cli) secrets() (*secrets, error) {
	dir, err := filepath.Abs(c.secretDir)
	if err != nil {
		return nil, fmt.Errorf("find directory of secrets: %w", err)
	}
	if len(c.ageIdentities) == 0 {
		return &secrets{dir: dir}, nil
	}
	identities, err := sealed.New(c.ageIdentities)
	if err != nil {
		return nil, usage("error: --age-identity: %v", err)
	}
	return &secrets{open: identities.Open, dir: dir}, nil
}

// readFile reads a file, and decrypts it if it is encrypted.
func (s *secrets) readFile(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	if err != nil || !spec.Sealed(content) {
		return content, err
	}
	if s.open == nil {
		return nil, fmt.Errorf("%s is encrypted with age, and there is no identity to decrypt it with; name one with --age-identity FILE", path)
	}
	content, err = s.open(content)
	if err != nil {
		return nil, fmt.Errorf("%s is encrypted with age, and %w", path, err)
	}
	return content, nil
}
