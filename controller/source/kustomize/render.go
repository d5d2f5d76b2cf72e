package kustomize

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/segue-dev/segue/spec"
)

// one is held while kustomize works: its schemas are the process's, and it reads them while it changes them.
var one sync.Mutex

// Render renders the kustomization in dir. Nothing outside of within is read, but files that manifests name by absolute
// path; "" where there is no such bound.
func Render(dir, within string) Rendering {
	if within != "" {
		within = realPath(within)
	}
	s := newSurvey(within)
	top := s.layer(filepath.Clean(dir), func(format string, args ...any) spec.Problem {
		return (&document{file: dir, node: &yaml.Node{}}).problemAt(&yaml.Node{}, "", format, args...)
	})
	rendering := Rendering{Err: spec.Join(s.problems)}
	if rendering.Err == nil {
		rendering.Manifests, rendering.Err = s.render(top)
	}
	rendering.Dirs = slices.Sorted(maps.Keys(s.dirs))
	return rendering
}

// render has kustomize do its work and reads what comes of it.
func (s *survey) render(top *layer) ([]spec.Manifest, error) {
	fieldSpecs := []byte(FieldSpecs(slices.Collect(maps.Keys(s.routes))...))
	for _, l := range s.loaded {
		if err := s.memory.put(filepath.Join(l.dir, ours), "segue's field specs", fieldSpecs); err != nil {
			return nil, spec.Problems{top.file.problemAt(top.file.node, "", "%v", err)}
		}
	}
	options := krusty.MakeDefaultOptions()
	options.PluginConfig = types.DisabledPluginConfig()
	built, err := build(options, s.memory, spelled(top.dir))
	if err != nil {
		return nil, s.explain(top, err)
	}
	ways := top.ways()
	var objects []*object
	for _, resource := range built.Resources() {
		text, err := resource.RNode.String()
		if err != nil {
			return nil, spec.Problems{top.file.problemAt(top.file.node, "", "read what kustomize made: %v", err)}
		}
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

// build has the library do its work. What it cannot cope with is an error, though it panics.
func build(options *krusty.Options, files filesys.FileSystem, dir string) (built resmap.ResMap, err error) {
	one.Lock()
	defer one.Unlock()
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("it gave up: %v", panicked)
		}
	}()
	return krusty.MakeKustomizer(options).Run(files, dir)
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
