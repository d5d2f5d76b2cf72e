package kustomize

import "github.com/segue-dev/segue/spec"

// Rendering is a kustomization as it was rendered once.
type Rendering struct {
	// Manifests are its objects, each checked by itself; their Origin is where the manifest stands that an object is of.
	// With an Err, those whose kind and name could be read.
	Manifests []spec.Manifest
	// Dirs are the directories, below which all was read but files that manifests name by an absolute path or one that
	// leads out of them. One that does not exist is among them when it was looked for.
	Dirs []string
	// Err is spec.Problems, nil when all is well.
	Err error
}
