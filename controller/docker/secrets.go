package docker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// secretsDir holds the files of one instance that may lie on no disk.
func (r *Runtime) secretsDir(instance string) string {
	return filepath.Join(r.options.SecretDir, r.options.Owner, instance)
}

// CheckSecretDir makes the directory of secrets and is nil when that lies in memory.
func (r *Runtime) CheckSecretDir() error {
	dir := r.options.SecretDir
	if dir == "" {
		return errors.New("there is no directory for what may lie on no disk; name one with --secret-dir")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make directory of secrets: %w", err)
	}
	var at unix.Statfs_t
	if err := unix.Statfs(dir, &at); err != nil {
		return fmt.Errorf("look at directory of secrets %s: %w", dir, err)
	}
	if at.Type != unix.TMPFS_MAGIC && at.Type != unix.RAMFS_MAGIC {
		return fmt.Errorf("%s is on a disk, and secrets are kept in memory only; name a directory on a tmpfs with --secret-dir, as /dev/shm/segue", dir)
	}
	return nil
}

// sweepSecrets removes the secrets of instances that are gone: somebody removed them while nobody was there to see it.
func (r *Runtime) sweepSecrets(ctx context.Context) error {
	if r.options.SecretDir == "" {
		return nil
	}
	found, err := os.ReadDir(filepath.Join(r.options.SecretDir, r.options.Owner))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("sweep secrets: %w", err)
	}
	for _, one := range found {
		_, err := r.find(ctx, one.Name())
		if !errors.Is(err, errMissing) {
			continue
		}
		if err := os.RemoveAll(r.secretsDir(one.Name())); err != nil {
			return fmt.Errorf("sweep secrets: %w", err)
		}
	}
	return nil
}
