package kustomize

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/segue-dev/segue/spec"
)

// object is one that kustomize made.
type object struct {
	made *document
	top  *layer
	// origin is the document that it is of, as it was; nil where somebody took the mark away.
	origin *document
	// stands are the layers that it went through, the topmost first; several lists where there are several ways.
	stands [][]*layer
}

// writer is what wrote a value: a document of a layer.
type writer struct {
	*document
	layer *layer
	// key and value are the nodes there.
	key, value *yaml.Node
}

// read reads the object as strictly as a manifest, and the files that it names. Problems are told at the place that
// wrote what they are about.
func (o *object) read(within string) ([]spec.Manifest, error) {
	text, err := textOf([]*document{o.made})
	if err != nil {
		return nil, err
	}
	// Places in the text that is read, not in the one that kustomize gave.
	again, problems := documentsOf("", 0, []byte(text))
	if len(problems) > 0 || len(again) != 1 {
		return nil, spec.Join(problems)
	}
	o.made = again[0]
	manifests, err := spec.Read("", []byte(text))
	problem := o.placed(err)
	for i := range manifests {
		m := &manifests[i]
		m.Origin = o.where()
		for path := range m.Positions {
			if place := o.place(path, false); o.origin != nil && place.File == o.origin.file {
				m.Positions[path] = spec.Position{Line: place.Line, Column: place.Column}
			} else {
				delete(m.Positions, path)
			}
		}
		var lost spec.Problems
		err := m.LoadFiles(func(path, name string) string {
			found, err := o.locate(path, name, within)
			if err != nil {
				lost = append(lost, spec.Problem{Path: path, Message: err.Error()})
			}
			return found
		})
		if len(lost) > 0 {
			err = lost
		}
		problem = spec.Join(problem, o.placed(err))
	}
	return manifests, problem
}

// where is FILE:LINE of the object's manifest.
func (o *object) where() string {
	if o.origin == nil {
		return fmt.Sprintf("%s:%d", o.top.file.file, o.top.file.node.Line)
	}
	return fmt.Sprintf("%s:%d", o.origin.file, o.origin.node.Line)
}

// names are all that the object is known to have been called.
func (o *object) names() []string {
	names := []string{o.made.name()}
	if o.origin != nil {
		names = append(names, o.origin.name())
	}
	return names
}

// writerOf is who wrote the value at a path: the topmost patch that has it there, else the manifest; nil where it is of
// neither's making.
func (o *object) writerOf(way []*layer, path fieldPath) *writer {
	_, value := path.find(o.made.node)
	if value == nil {
		return nil
	}
	for _, l := range way {
		for _, p := range slices.Backward(l.patches) {
			if !p.concerns(o.made.kind(), o.names()...) {
				continue
			}
			if key, written := p.find(path); written != nil && equal(written, value) {
				return &writer{document: p.document, layer: l, key: key, value: written}
			}
		}
	}
	if o.origin == nil {
		return nil
	}
	if key, written := path.find(o.origin.node); written != nil && equal(written, value) {
		return &writer{document: o.origin, layer: way[len(way)-1], key: key, value: written}
	}
	return nil
}

// find is the value that a patch writes at a path.
func (p patch) find(path fieldPath) (key, value *yaml.Node) {
	if !p.operations {
		return path.find(p.node)
	}
	for _, operation := range slices.Backward(p.node.Content) {
		at := pointerPath(textAt(operation, "path"))
		if len(at) > len(path) || !slices.Equal(at, path[:len(at)]) {
			continue
		}
		if _, written := (fieldPath{"value"}).find(operation); written != nil {
			if key, value := path[len(at):].find(written); value != nil {
				return key, value
			}
		}
	}
	return nil, nil
}

func equal(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && (a.Kind != yaml.ScalarNode || a.Value == b.Value)
}

// locate is where the file lies that a field names: relative to the document that names it, and, where a kustomization
// above that has a file at the same path below its own directory, that.
func (o *object) locate(path, name, within string) (string, error) {
	if filepath.IsAbs(name) {
		return name, nil
	}
	var found []string
	for _, way := range o.stands {
		at := o.locateBy(way, pathOf(path), name)
		if !slices.Contains(found, at) {
			found = append(found, at)
		}
	}
	if len(found) > 1 {
		return "", fmt.Errorf("%s may be %s: two kustomizations build on the same manifest and each has its own; give them different names", name, strings.Join(found, " or "))
	}
	if within != "" && !inside(within, nearestReal(found[0])) {
		return "", fmt.Errorf("%s leads out of the repository; put the file into it, or give its whole path on the host", name)
	}
	return found[0], nil
}

// nearestReal is the real path of a file, or of the nearest directory above it that is there.
func nearestReal(path string) string {
	for {
		if _, err := os.Stat(path); err == nil || path == filepath.Dir(path) {
			return realPath(path)
		}
		path = filepath.Dir(path)
	}
}

func (o *object) locateBy(way []*layer, path fieldPath, name string) string {
	by := o.writerOf(way, path)
	if by == nil {
		by = &writer{document: way[0].file, layer: way[0]}
		if o.origin != nil {
			by = &writer{document: o.origin, layer: way[len(way)-1]}
		}
	}
	own := filepath.Join(filepath.Dir(by.file), name)
	below, err := filepath.Rel(by.layer.shown, own)
	if err != nil || strings.HasPrefix(below, "..") {
		return own
	}
	for _, l := range way {
		if l == by.layer {
			break
		}
		copied := filepath.Join(l.shown, below)
		if info, err := os.Stat(copied); err == nil && info.Mode().IsRegular() {
			return copied
		}
	}
	return own
}
