package git

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/storer"
)

// checked gives objects whose content is what their hash says: a signature is over hashes, and a repository that is read
// in place may hold anything under them. What is fetched is hashed as it arrives.
type checked struct{ storer.EncodedObjectStorer }

// EncodedObject reads the whole object, so that nobody changes it afterwards. Files that are too large to be read are
// given as they are.
func (c checked) EncodedObject(kind plumbing.ObjectType, hash plumbing.Hash) (plumbing.EncodedObject, error) {
	found, err := c.EncodedObjectStorer.EncodedObject(kind, hash)
	if err != nil || found.Type() == plumbing.BlobObject && found.Size() > maxFile {
		return found, err
	}
	from, err := found.Reader()
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(from)
	if err := errors.Join(err, from.Close()); err != nil {
		return nil, fmt.Errorf("read object %s: %w", short(hash), err)
	}
	if plumbing.ComputeHash(found.Type(), content) != hash {
		return nil, fmt.Errorf("object %s is damaged: its content has another hash; git fsck says more", short(hash))
	}
	kept := &plumbing.MemoryObject{}
	kept.SetType(found.Type())
	if _, err := kept.Write(content); err != nil {
		return nil, err
	}
	return kept, nil
}
