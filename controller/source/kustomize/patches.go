package kustomize

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"
)

// patches reads the layer's patches, of every spelling, and makes all of them the one that is not deprecated.
func (s *survey) patches(l *layer) {
	says := &l.says
	var all []types.Patch
	for i, one := range says.PatchesStrategicMerge {
		field := fmt.Sprintf("patchesStrategicMerge[%d]", i)
		written := string(one)
		asPatch := types.Patch{Patch: written}
		if _, err := os.Stat(filepath.Join(l.shown, written)); err == nil || !strings.Contains(written, "\n") {
			asPatch = types.Patch{Path: written}
		}
		all = append(all, s.patch(l, field, field, asPatch))
	}
	for i, one := range says.Patches {
		field := fmt.Sprintf("patches[%d]", i)
		all = append(all, s.patch(l, field+".path", field+".patch", one))
	}
	for i, one := range says.PatchesJson6902 {
		field := fmt.Sprintf("patchesJson6902[%d]", i)
		all = append(all, s.patch(l, field+".path", field+".patch", one))
	}
	says.PatchesStrategicMerge, says.PatchesJson6902, says.Patches = nil, nil, all
}

// patch reads one patch, out of a file or as it stands in the kustomization.
func (s *survey) patch(l *layer, pathField, textField string, one types.Patch) types.Patch {
	var documents []*document
	if one.Path != "" {
		e, ok := s.entry(l, pathField, one.Path)
		if !ok {
			return one
		}
		data, ok := s.content(l, pathField, e)
		if !ok {
			return one
		}
		found, problems := documentsOf(e.shown, 0, data)
		s.problem(problems...)
		documents = found
		defer s.write(l, e, documents)
		one.Path = relative(l.dir, e.real)
	} else {
		found, problems := documentsOf(l.file.file, l.file.textBegins(textField), []byte(one.Patch))
		s.problem(problems...)
		documents = found
	}
	if len(documents) == 0 {
		s.problem(l.file.problem(pathField, "this patch says nothing; leave it out"))
	}
	for _, d := range documents {
		s.problem(d.settle()...)
		s.noteRoutes(d)
		l.patches = append(l.patches, patch{document: d, operations: d.node.Kind == yaml.SequenceNode, target: one.Target})
	}
	if one.Path == "" {
		text, err := textOf(documents)
		if err != nil {
			s.problem(l.file.problem(textField, "%v", err))
		}
		one.Patch = text
	}
	return one
}

// textBegins is how many lines stand above the first of a text that a field holds.
func (d *document) textBegins(field string) int {
	_, value := pathOf(field).find(d.node)
	switch {
	case value == nil:
		return d.node.Line
	case value.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return value.Line
	default:
		return max(value.Line-1, 0)
	}
}
