package docker

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/docker/docker/api/types/mount"

	"github.com/segue-dev/segue/reconcile"
)

// filesDir holds the files of one instance, as this process and as the engine's host know it.
func (r *Runtime) filesDir(instance string) (here, onHost string) {
	return filepath.Join(r.options.StateDir, "files", instance), filepath.Join(r.options.HostStateDir, "files", instance)
}

// writeFiles writes an instance's files anew and gives their mounts, read-only one by one. The directories are 0700: who
// may read a file in the container is its own mode's business. What is sealed goes to the directory of secrets.
func (r *Runtime) writeFiles(instance string, files map[string]reconcile.LaunchFile) ([]mount.Mount, error) {
	if len(files) == 0 {
		return nil, nil
	}
	if err := r.removeFiles(instance); err != nil {
		return nil, err
	}
	here, onHost := r.filesDir(instance)
	mounts := make([]mount.Mount, 0, len(files))
	for i, target := range slices.Sorted(maps.Keys(files)) {
		name := strconv.Itoa(i) + "-" + filepath.Base(target)
		dir, source := here, filepath.Join(onHost, name)
		if files[target].Sealed {
			dir = r.secretsDir(instance)
			source = filepath.Join(dir, name)
			if err := r.CheckSecretDir(); err != nil {
				return nil, fmt.Errorf("write file %s: %w", target, err)
			}
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make files directory: %w", err)
		}
		if err := writeFile(filepath.Join(dir, name), files[target]); err != nil {
			return nil, fmt.Errorf("write file %s: %w", target, err)
		}
		mounts = append(mounts, mount.Mount{Type: mount.TypeBind, Source: source, Target: target, ReadOnly: true})
	}
	return mounts, nil
}

// writeFile gives the file its mode whatever the umask.
func writeFile(path string, file reconcile.LaunchFile) error {
	if err := os.WriteFile(path, file.Content, 0o600); err != nil {
		return err
	}
	mode := fs.FileMode(file.Mode).Perm()
	if mode == 0 {
		mode = 0o444
	}
	return os.Chmod(path, mode)
}

func (r *Runtime) removeFiles(instance string) error {
	here, _ := r.filesDir(instance)
	err := os.RemoveAll(here)
	if r.options.SecretDir != "" {
		err = errors.Join(err, os.RemoveAll(r.secretsDir(instance)))
	}
	if err != nil {
		return fmt.Errorf("remove files of %s: %w", instance, err)
	}
	return nil
}
