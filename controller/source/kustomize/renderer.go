package kustomize

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/segue-dev/segue/spec"
)

// Renderer renders one kustomization again and again. kustomize, whose time grows with the square of the objects, works
// anew only when something that it reads has changed. It is for one goroutine.
type Renderer struct {
	// sum is of all that kustomize read last, made the objects that it made of it; nil before the first.
	sum  [sha256.Size]byte
	made []string
}

// one is held while kustomize works: its schemas are the process's, and it reads them while it changes them.
var one sync.Mutex

// Render is as the function of that name.
func (r *Renderer) Render(dir, within string) Rendering {
	if within != "" {
		within = realPath(within)
	}
	s := newSurvey(within)
	top := s.layer(filepath.Clean(dir), func(format string, args ...any) spec.Problem {
		return (&document{file: dir, node: &yaml.Node{}}).problemAt(&yaml.Node{}, "", format, args...)
	})
	rendering := Rendering{Err: spec.Join(s.problems)}
	if rendering.Err == nil {
		rendering.Manifests, rendering.Err = s.render(top, r)
	}
	rendering.Dirs = slices.Sorted(maps.Keys(s.dirs))
	return rendering
}

// texts are the objects that kustomize makes of the files in a directory.
func (r *Renderer) texts(files *inMemory, dir string) ([]string, error) {
	sum := files.sum(dir)
	if r.made != nil && r.sum == sum {
		return r.made, nil
	}
	built, err := build(files, dir)
	if err != nil {
		return nil, err
	}
	made := make([]string, 0, built.Size())
	for _, resource := range built.Resources() {
		text, err := resource.RNode.String()
		if err != nil {
			return nil, fmt.Errorf("read what it made: %w", err)
		}
		made = append(made, text)
	}
	r.sum, r.made = sum, made
	return made, nil
}

// build has the library do its work. What it cannot cope with is an error, though it panics.
func build(files *inMemory, dir string) (built resmap.ResMap, err error) {
	one.Lock()
	defer one.Unlock()
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("it gave up: %v", panicked)
		}
	}()
	options := krusty.MakeDefaultOptions()
	options.PluginConfig = types.DisabledPluginConfig()
	return krusty.MakeKustomizer(options).Run(files, dir)
}
