package kustomize

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/segue-dev/segue/spec"
)

// Render renders the kustomization in dir. Nothing outside of within is read, but files that manifests name by absolute
// path; "" where there is no such bound.
func Render(dir, within string) Rendering { return new(Renderer).Render(dir, within) }

// render has kustomize do its work and reads what comes of it.
func (s *survey) render(top *layer, with *Renderer) ([]spec.Manifest, error) {
	fieldSpecs := []byte(FieldSpecs(slices.Collect(maps.Keys(s.routes))...))
	for _, l := range s.loaded {
		if err := s.memory.put(filepath.Join(l.dir, ours), "segue's field specs", fieldSpecs); err != nil {
			return nil, spec.Problems{top.file.problemAt(top.file.node, "", "%v", err)}
		}
	}
	texts, err := with.texts(s.memory, spelled(top.dir))
	if err != nil {
		return nil, s.explain(top, err)
	}
	ways := top.ways()
	var objects []*object
	for _, text := range texts {
		o, err := s.object(text, top, ways)
		if err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	follow(objects)
	var manifests []spec.Manifest
	var problems error
	for _, o := range objects {
		read, err := o.read(s.within)
		manifests, problems = append(manifests, read...), spec.Join(problems, err)
	}
	return manifests, problems
}

// object reads one that kustomize made.
func (s *survey) object(text string, top *layer, ways [][]*layer) (*object, error) {
	documents, problems := documentsOf(top.file.file, 0, []byte(text))
	if len(problems) > 0 || len(documents) != 1 {
		return nil, spec.Join(problems, spec.Problems{top.file.problemAt(top.file.node, "", "kustomize made no object of this: %s", strings.TrimSpace(text))})
	}
	o := &object{made: documents[0], top: top}
	number := unmark(o.made.node)
	if number < 0 || number >= len(s.marked) {
		o.stands = [][]*layer{{top}}
		return o, nil
	}
	o.origin = s.marked[number]
	for _, way := range ways {
		if slices.Contains(way[len(way)-1].resources, o.origin) {
			o.stands = append(o.stands, way)
		}
	}
	return o, nil
}
