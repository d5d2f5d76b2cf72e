package kustomize

import (
	"regexp"
	"slices"

	"sigs.k8s.io/kustomize/api/types"
)

// layer is one kustomization, with what it names.
type layer struct {
	// dir is the directory's real path, shown the path as people know it.
	dir, shown string
	// file is the kustomization's document.
	file *document
	says types.Kustomization

	// resources are the documents of manifests that it names itself.
	resources []*document
	patches   []patch
	// below are the kustomizations that it builds on, components those that are laid over them.
	below, components []*layer
}

// patch is one document of a patch.
type patch struct {
	*document
	// operations: it is a list of JSON operations, not a part of a manifest.
	operations bool
	target     *types.Selector
}

// concerns says whether the patch may be for an object, by its kind and any name that it ever had.
func (p patch) concerns(kind string, names ...string) bool {
	for _, name := range names {
		if p.target == nil && p.kind() == kind && p.name() == name {
			return true
		}
		if p.target != nil && matches(p.target.Kind, kind) && matches(p.target.Name, name) {
			return true
		}
	}
	return false
}

func matches(pattern, text string) bool {
	if pattern == "" || pattern == text {
		return true
	}
	whole, err := regexp.Compile("^(?:" + pattern + ")$")
	return err == nil && whole.MatchString(text)
}

// ways lists the ways through layers that objects come: the topmost first, the one that names their manifest last. A
// layer that several others build on is the last of several.
func (l *layer) ways(above ...*layer) [][]*layer {
	here := append(slices.Clone(above), l)
	all := [][]*layer{here}
	over := here
	// What is laid over later wins.
	for _, component := range slices.Backward(l.components) {
		all = append(all, component.ways(over...)...)
		over = append(slices.Clone(over), component)
	}
	for _, base := range l.below {
		all = append(all, base.ways(over...)...)
	}
	return all
}
