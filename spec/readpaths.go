package spec

import (
	"fmt"
	"io"
)

// ReadPaths reads files, directories (recursively) and, for "-", stdin, and the bytes of every file that an object
// names: relative to the manifest, or to the working directory for stdin. A file that a manifest names as its own and
// that lies in the same directory is not read as a manifest. Objects are checked by themselves and against doubles,
// not against what a controller already has: call ValidateSet too, and Join the errors. With an error, which is
// Problems, the manifests are those whose kind and name could be read: good for ValidateSet and for nothing else.
func ReadPaths(paths []string, stdin io.Reader) ([]Manifest, error) {
	var manifests []Manifest
	var errs []error
	var files []string
	for _, path := range paths {
		if path != "-" {
			files = append(files, path)
			continue
		}
		data, err := io.ReadAll(io.LimitReader(stdin, 16*maxFile))
		if err != nil {
			errs = append(errs, fmt.Errorf("read stdin: %w", err))
			continue
		}
		read := readManifests("stdin", ".", data, map[string]bool{})
		manifests, errs = append(manifests, read.Manifests...), append(errs, read.Err)
	}
	for _, read := range readFiles(files) {
		manifests, errs = append(manifests, read.Manifests...), append(errs, read.Err)
	}
	errs = append(errs, doubles(manifests))
	if len(manifests) == 0 && Join(errs...) == nil {
		errs = append(errs, fmt.Errorf("no manifests in %v", paths))
	}
	return manifests, Join(errs...)
}
