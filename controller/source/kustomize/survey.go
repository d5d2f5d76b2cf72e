package kustomize

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/segue-dev/segue/spec"
)

// survey reads a kustomization with all that it builds on, once, and lays it down in memory for kustomize.
type survey struct {
	// within is the real path of what must not be left; "" where there is none.
	within string
	memory *inMemory
	// loaded are the layers by directory, loading the directories of those that are under way.
	loaded  map[string]*layer
	loading []string
	// files are the documents of each file of manifests, by real path.
	files map[string][]*document
	// marked are all of them; a mark is an index.
	marked []*document
	// routes are the names of routes that are written anywhere.
	routes map[string]bool
	// dirs are the directories whose changes may change what is rendered.
	dirs     map[string]bool
	problems spec.Problems
}

func newSurvey(within string) *survey {
	return &survey{
		within: within, memory: newInMemory(), loaded: map[string]*layer{}, files: map[string][]*document{},
		routes: map[string]bool{}, dirs: map[string]bool{},
	}
}

func (s *survey) problem(p ...spec.Problem) { s.problems = append(s.problems, p...) }

// layer reads the kustomization in a directory; nil when that cannot be done, which is a problem at the place that names it.
func (s *survey) layer(shown string, named func(format string, args ...any) spec.Problem) *layer {
	s.dirs[shown] = true
	if info, err := os.Stat(shown); err != nil || !info.IsDir() {
		s.problem(named("there is no directory %s", shown))
		return nil
	}
	dir := realPath(shown)
	if known := s.loaded[dir]; known != nil {
		return known
	}
	for _, above := range s.loading {
		if inside(dir, above) {
			s.problem(named("%s is above what names it, or the same; it would contain itself", shown))
			return nil
		}
	}
	file, err := kustomizationIn(shown)
	if err != nil {
		s.problem(named("%v", err))
		return nil
	}
	l := &layer{dir: dir, shown: shown}
	s.loading = append(s.loading, dir)
	defer func() { s.loading = s.loading[:len(s.loading)-1] }()
	if !s.understand(l, file) {
		return nil
	}
	s.loaded[dir] = l
	s.memory.shown[spelled(dir)] = shown
	s.follow(l)
	return l
}

// follow reads all that a kustomization names, and lays down what of it there is for kustomize.
func (s *survey) follow(l *layer) {
	before := len(s.problems)
	says := &l.says
	says.Resources = s.resources(l)
	says.Components = s.components(l)
	s.patches(l)
	for i := range says.Replacements {
		if path := says.Replacements[i].Path; path != "" {
			says.Replacements[i].Path = s.copied(l, fmt.Sprintf("replacements[%d].path", i), path)
		}
	}
	for i, path := range says.Configurations {
		says.Configurations[i] = s.copied(l, fmt.Sprintf("configurations[%d]", i), path)
	}
	if len(s.problems) > before {
		return
	}
	if err := s.lay(l); err != nil {
		s.problem(l.file.problemAt(l.file.node, "", "%v", err))
	}
}

// resources reads files of manifests and what the layer builds on.
func (s *survey) resources(l *layer) []string {
	var kept []string
	for i, written := range l.says.Resources {
		field := fmt.Sprintf("resources[%d]", i)
		if key, _ := pathOf(field).find(l.file.node); key == nil {
			field = "bases"
		}
		entry, ok := s.entry(l, field, written)
		switch {
		case !ok:
			continue
		case entry.isDir:
			if base := s.layer(entry.shown, l.at(field)); base != nil {
				l.below = append(l.below, base)
			}
		default:
			l.resources = append(l.resources, s.manifests(l, field, entry)...)
		}
		kept = append(kept, relative(l.dir, entry.real))
	}
	return kept
}

func (s *survey) components(l *layer) []string {
	var kept []string
	for i, written := range l.says.Components {
		field := fmt.Sprintf("components[%d]", i)
		entry, ok := s.entry(l, field, written)
		if !ok {
			continue
		}
		if !entry.isDir {
			s.problem(l.file.problem(field, "%s is a file; a component is a directory", written))
			continue
		}
		if component := s.layer(entry.shown, l.at(field)); component != nil {
			l.components = append(l.components, component)
			kept = append(kept, relative(l.dir, entry.real))
		}
	}
	return kept
}

// at makes problems of a field.
func (l *layer) at(field string) func(format string, args ...any) spec.Problem {
	return func(format string, args ...any) spec.Problem { return l.file.problem(field, format, args...) }
}

// manifests reads the documents of one file and marks them.
func (s *survey) manifests(l *layer, field string, e entry) []*document {
	if known, read := s.files[e.real]; read {
		return known
	}
	data, ok := s.content(l, field, e)
	if !ok {
		return nil
	}
	documents, problems := documentsOf(e.shown, 0, data)
	for _, d := range documents {
		problems = append(problems, d.settle()...)
		problems = append(problems, d.isManifest()...)
		s.noteRoutes(d)
	}
	s.problem(problems...)
	s.files[e.real] = documents
	if len(problems) > 0 {
		return documents
	}
	for _, d := range documents {
		d.mark(len(s.marked))
		s.marked = append(s.marked, d)
	}
	s.write(l, e, documents)
	for _, d := range documents {
		unmark(d.node)
	}
	return documents
}

// write lays documents down in memory.
func (s *survey) write(l *layer, e entry, documents []*document) {
	text, err := textOf(documents)
	if err == nil {
		err = s.memory.put(e.real, e.shown, []byte(text))
	}
	if err != nil {
		s.problem(l.file.problemAt(l.file.node, "", "%v", err))
	}
}

// noteRoutes notes what routes are called.
func (s *survey) noteRoutes(d *document) {
	if _, routes := pathOf("spec.routes").find(d.node); routes != nil {
		for i := 0; i+1 < len(routes.Content); i += 2 {
			if name := routes.Content[i].Value; routeName.MatchString(name) {
				s.routes[name] = true
			}
		}
	}
}

// routeName is what a route may be called; anything else is refused later, by name.
var routeName = regexp.MustCompile(`^[a-z0-9-]+$`)

// isManifest refuses what kustomize would take and segue has not.
func (d *document) isManifest() spec.Problems {
	kinds := []string{spec.KindDeployment, spec.KindNginx, spec.KindEureka}
	switch {
	case !slices.Contains(kinds, d.kind()):
		return spec.Problems{d.problem("kind", "segue has no kind %q; resources are of kind %s", d.kind(), strings.Join(kinds, ", "))}
	case textAt(d.node, "apiVersion") != spec.APIVersion:
		return spec.Problems{d.problem("apiVersion", "%q; want %s", textAt(d.node, "apiVersion"), spec.APIVersion)}
	case d.name() == "":
		return spec.Problems{d.problem("metadata.name", "required")}
	}
	return d.isPlain("metadata", "metadata.annotations")
}

// isPlain refuses what would be written into twice: kustomize changes metadata in place.
func (d *document) isPlain(paths ...string) spec.Problems {
	for _, path := range paths {
		parts := pathOf(path)
		_, parent := parts[:len(parts)-1].find(d.node)
		if parent == nil {
			continue
		}
		key, value := child(parent, parts[len(parts)-1])
		switch {
		case key == nil || value.Tag == "!!null":
		case value.Kind != yaml.MappingNode:
			return spec.Problems{d.problemAt(value, path, "want fields here, written out: no list, text or alias")}
		default:
			if merged, _ := child(value, "<<"); merged != nil {
				return spec.Problems{d.problemAt(merged, path, "want fields here, written out: no <<")}
			}
		}
	}
	return nil
}
