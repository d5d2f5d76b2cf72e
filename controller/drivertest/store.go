package drivertest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"sync"
)

// Store is a controller's store in memory. It outlives the controllers that are made over it.
type Store struct {
	mu     sync.Mutex
	values map[string][]byte
	blobs  map[string][]byte
	puts   int
	fail   error
}

// NewStore is an empty store.
func NewStore() *Store {
	return &Store{values: map[string][]byte{}, blobs: map[string][]byte{}}
}

// SetFail says what every write ends with from now on; nil when they work.
func (s *Store) SetFail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

// All gives every value by key.
func (s *Store) All() (map[string][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.values), nil
}

// Put keeps a value.
func (s *Store) Put(key string, value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	s.puts++
	s.values[key] = bytes.Clone(value)
	return nil
}

// Puts counts the writes.
func (s *Store) Puts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.puts
}

// Delete forgets a key.
func (s *Store) Delete(key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	delete(s.values, key)
	return nil
}

// PutBlob keeps bytes by their SHA-256.
func (s *Store) PutBlob(content []byte) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := sha256.Sum256(content)
	name := hex.EncodeToString(sum[:])
	s.blobs[name] = bytes.Clone(content)
	return name, s.fail
}

// Blob reads bytes by their sum.
func (s *Store) Blob(sum string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	content, ok := s.blobs[sum]
	if !ok {
		return nil, fmt.Errorf("read blob %s: not found", sum)
	}
	return content, nil
}

// Blobs are all of them by their sums.
func (s *Store) Blobs() map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.blobs)
}
