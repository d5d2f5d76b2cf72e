package spec

// Read reads every document of one stream of YAML or JSON, and checks each object by itself. It opens no other file:
// Files stays empty. With an error, which is Problems, the manifests are those whose kind and name could be read:
// good for ValidateSet, so that every problem is found at once, and for nothing else.
func Read(file string, data []byte) ([]Manifest, error) {
	return nil, nil
}
