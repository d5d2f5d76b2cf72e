package controller

import (
	"errors"
	"fmt"

	"github.com/segue-dev/segue/spec"
)

// contents are files by their paths as written.
type contents struct {
	bytes map[string][]byte
	// sealed are those that were decrypted: their bytes may lie on no disk.
	sealed map[string]bool
}

// files reads the bytes that a revision or an object names, and decrypts what is sealed. The store has that sealed.
func (o *objects) files(sums map[string]string) (contents, error) {
	files := contents{bytes: make(map[string][]byte, len(sums)), sealed: map[string]bool{}}
	for path, sum := range sums {
		content, err := o.store.Blob(sum)
		if err != nil {
			return contents{}, fmt.Errorf("read %s: %w", path, err)
		}
		if spec.Sealed(content) {
			files.sealed[path] = true
			if content, err = o.open(content); err != nil {
				return contents{}, fmt.Errorf("%s is encrypted with age, and %w", path, err)
			}
		}
		files.bytes[path] = content
	}
	return files, nil
}

// noIdentity opens nothing.
func noIdentity([]byte) ([]byte, error) {
	return nil, errors.New("segue has no identity to decrypt it with; name one with --age-identity FILE where segue runs")
}
