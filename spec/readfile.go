package spec

// ReadFile is one file, or one directory that could not be listed, as it was read.
type ReadFile struct {
	Path string
	// Manifests are the file's objects; with an Err, those whose kind and name could be read.
	Manifests []Manifest
	// Err is Problems, nil when all is well.
	Err error
}

// ReadFiles reads like ReadPaths and keeps the files apart. The error is for a path that cannot be opened at all.
func ReadFiles(paths []string) ([]ReadFile, error) {
	return nil, nil
}
