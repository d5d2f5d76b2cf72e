package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/segue-dev/segue/controller/api"
)

// Lock takes the directory for this process until unlock is called or the process ends. holder is what another one is
// told, as "pid 812, owner 3f9c, segue run"; the refusal is an *api.Refusal of kind Locked.
func Lock(dir, holder string) (unlock func() error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	path := filepath.Join(dir, "lock")
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		other, readErr := os.ReadFile(path)
		return nil, errors.Join(locked(dir, string(other), readErr), file.Close())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", dir, err), file.Close())
	}
	if err := sign(file, holder); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", dir, err), file.Close())
	}
	return file.Close, nil
}

func locked(dir, holder string, err error) error {
	holder = strings.TrimSpace(holder)
	if err != nil || holder == "" {
		holder = "a process that has yet to say who it is"
	}
	return &api.Refusal{Kind: api.Locked, Message: fmt.Sprintf("%s is in use by %s", dir, holder)}
}

// sign writes who holds the lock over what an earlier holder wrote. That takes no room on the disk but the first time; where
// it is full the lock holds all the same.
func sign(file *os.File, holder string) error {
	text := []byte(holder + "\n")
	_, err := file.WriteAt(text, 0)
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
		return nil
	}
	if err != nil {
		return err
	}
	return file.Truncate(int64(len(text)))
}
