package atomicfile

import (
	"errors"
	"io/fs"

	"github.com/google/renameio/v2"
)

// Write has content at path, with these permissions, and on the disk before it is there. Options are renameio's.
func Write(path string, content []byte, mode fs.FileMode, options ...renameio.Option) error {
	return meant(path, renameio.WriteFile(path, content, mode, options...))
}

// Symlink has a link to target at path.
func Symlink(target, path string) error { return meant(path, renameio.Symlink(target, path)) }

func meant(path string, err error) error {
	var wrong *fs.PathError
	if errors.As(err, &wrong) {
		return &fs.PathError{Op: wrong.Op, Path: path, Err: wrong.Err}
	}
	return err
}
