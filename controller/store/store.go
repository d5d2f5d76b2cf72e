package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/google/renameio/v2"

	"github.com/segue-dev/segue/controller/atomicfile"
)

// Store is one directory. Its methods may be called from several goroutines, those on one key from one at a time.
type Store struct {
	dir string
}

// keyGrammar is KIND/NAME; both become names of files.
var keyGrammar = regexp.MustCompile(`^[A-Za-z0-9]+/[A-Za-z0-9][A-Za-z0-9._-]*$`)

var sumGrammar = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Open makes the directory (0700) where it is missing. It takes no lock: Lock does, and readers need none.
func Open(dir string) (*Store, error) {
	for _, part := range []string{"objects", "blobs"} {
		if err := os.MkdirAll(filepath.Join(dir, part), 0o700); err != nil {
			return nil, fmt.Errorf("open store: %w", err)
		}
	}
	return &Store{dir: dir}, nil
}

// All gives every value by key.
func (s *Store) All() (map[string][]byte, error) {
	root := filepath.Join(s.dir, "objects")
	all := map[string][]byte{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		key, isValue := strings.CutSuffix(filepath.ToSlash(relative), ".json")
		if entry.IsDir() || !isValue || strings.HasPrefix(entry.Name(), ".") {
			return nil
		}
		value, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			// A reader beside the holder of the lock: it was deleted just now.
			return nil
		}
		if err != nil {
			return err
		}
		if !json.Valid(value) {
			return fmt.Errorf("%s is damaged: it is not JSON; restore it from a backup, or move it away to forget what it held", path)
		}
		all[key] = value
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read store: %w", err)
	}
	return all, nil
}

// Get gives the value of a key; nil when there is none.
func (s *Store) Get(key string) ([]byte, error) {
	if !keyGrammar.MatchString(key) {
		return nil, fmt.Errorf("get %q: not a key", key)
	}
	value, err := os.ReadFile(s.file(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", key, err)
	}
	return value, nil
}

// Put returns when the value is on disk under its name.
func (s *Store) Put(key string, value []byte) error {
	if !keyGrammar.MatchString(key) {
		return fmt.Errorf("put %q: not a key", key)
	}
	if err := s.write(s.file(key), value); err != nil {
		return fmt.Errorf("put %s: %w", key, err)
	}
	return nil
}

// Delete forgets a key; one that is not there is no error.
func (s *Store) Delete(key string) error {
	if !keyGrammar.MatchString(key) {
		return fmt.Errorf("delete %q: not a key", key)
	}
	err := os.Remove(s.file(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = syncDirectory(filepath.Dir(s.file(key)))
	}
	if err != nil {
		return fmt.Errorf("delete %s: %w", key, err)
	}
	return nil
}

// PutBlob keeps bytes by their SHA-256 in hex, which it gives.
func (s *Store) PutBlob(content []byte) (string, error) {
	digest := sha256.Sum256(content)
	sum := hex.EncodeToString(digest[:])
	path := s.BlobPath(sum)
	if _, err := os.Stat(path); err == nil {
		return sum, nil
	}
	if err := s.write(path, content); err != nil {
		return "", fmt.Errorf("put blob: %w", err)
	}
	return sum, nil
}

// Blob reads bytes by their sum, and checks it.
func (s *Store) Blob(sum string) ([]byte, error) {
	if !sumGrammar.MatchString(sum) {
		return nil, fmt.Errorf("read blob %q: not a sum", sum)
	}
	path := s.BlobPath(sum)
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read blob: %w", err)
	}
	if digest := sha256.Sum256(content); hex.EncodeToString(digest[:]) != sum {
		return nil, fmt.Errorf("read blob: %s is damaged: its content has another sum", path)
	}
	return content, nil
}

// BlobPath is the file that holds the bytes of a sum that PutBlob gave.
func (s *Store) BlobPath(sum string) string { return filepath.Join(s.dir, "blobs", sum) }

func (s *Store) file(key string) string {
	return filepath.Join(s.dir, "objects", filepath.FromSlash(key)+".json")
}

func (s *Store) write(path string, content []byte) error {
	directory := filepath.Dir(path)
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return err
	}
	if err := atomicfile.Write(path, content, 0o600, renameio.WithTempDir(directory)); err != nil {
		return err
	}
	return syncDirectory(directory)
}

// syncDirectory makes a rename or a removal last.
func syncDirectory(directory string) error {
	d, err := os.Open(directory)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
