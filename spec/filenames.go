package spec

import (
	"maps"
	"slices"
)

// FileNames are the files that the template names, as written, sorted, each once.
func (t Template) FileNames() []string {
	names := map[string]bool{}
	for _, file := range t.Files {
		if file.Source != "" {
			names[file.Source] = true
		}
	}
	for _, from := range t.EnvFrom {
		if from.File != "" {
			names[from.File] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}
