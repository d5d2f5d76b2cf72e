package controller

import (
	"context"

	"github.com/segue-dev/segue/spec"
)

// Source is where manifests come from. controller/source has the real ones.
type Source interface {
	// Name is the owner of what the source holds, as "dir:/etc/segue".
	Name() string
	// Run reads the source now and whenever it may have changed, until ctx ends. Each reading is handed to read, one
	// after the other.
	Run(ctx context.Context, read func(Reading)) error
}

// Reading is a source as it was read once.
type Reading struct {
	// Manifests are the objects of every file that could be read and parsed, validated each by itself.
	Manifests []spec.Manifest
	// Failed are the files that could not be read or parsed; what they held before stays as it was. Its text names
	// every problem with file, line and remedy.
	Failed map[string]error
	// Err: the source itself could not be read, so it says nothing about anything.
	Err error
}
