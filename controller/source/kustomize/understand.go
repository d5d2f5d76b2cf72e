package kustomize

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/resid"

	"github.com/segue-dev/segue/spec"
)

// ours is where the field specs lie, beside each kustomization; a file of that name on disk is not read.
const ours = ".segue-fieldspecs.yaml"

// refused are the fields of a kustomization that segue does not do, with what to do instead.
var refused = map[string]string{
	"helmCharts":                  "segue runs no programs for a kustomization; commit what helm template prints, as manifests of segue's kinds",
	"helmGlobals":                 "segue runs no programs for a kustomization; leave it out",
	"helmChartInflationGenerator": "segue runs no programs for a kustomization; commit what helm template prints, as manifests of segue's kinds",
	"generators":                  "segue runs no plugins for a kustomization; commit what they generate",
	"transformers":                "segue runs no plugins for a kustomization; use patches, replacements, images, replicas, labels, namePrefix or namespace",
	"validators":                  "segue runs no plugins for a kustomization; leave it out",
	"configMapGenerator":          "segue has no ConfigMaps; name the file in spec.template.files or envFrom, a copy in the overlay's directory takes its place",
	"secretGenerator":             "segue has no Secrets; name the file in spec.template.files or envFrom, with secret: true",
	"generatorOptions":            "segue has no generators; leave it out",
	"vars":                        "kustomize gives vars up; use replacements",
	"crds":                        "segue knows its own kinds; leave it out",
	"openapi":                     "segue knows its own kinds; leave it out",
}

// badField is how the library tells of a field: unknown field "image", or Go struct field Image.images.newTag of type string.
var badField = regexp.MustCompile(`unknown field "([^"]+)"|field [\w.]*\.(\w+) of type`)

// understand reads a kustomization; false when it could not be read at all.
func (s *survey) understand(l *layer, file string) bool {
	data, err := spec.ReadRegular(file)
	if err != nil {
		s.problem(spec.Problem{File: file, Message: err.Error()})
		return false
	}
	documents, problems := documentsOf(file, 0, data)
	if len(problems) > 0 {
		s.problem(problems...)
		return false
	}
	if len(documents) != 1 || documents[0].node.Kind != yaml.MappingNode {
		s.problem(spec.Problem{File: file, Message: "want one kustomization in it, as: resources: [orders.yaml]"})
		return false
	}
	l.file = documents[0]
	s.problem(l.file.settle()...)
	if err := l.says.Unmarshal(data); err != nil {
		field := ""
		if found := badField.FindStringSubmatch(err.Error()); found != nil {
			field = found[1] + found[2]
		}
		key := l.file.keyNamed(field)
		if key == nil {
			key = l.file.node
		}
		s.problem(l.file.problemAt(key, field, "kustomize does not know it or wants something else here: %v", err))
		return false
	}
	l.says.FixKustomization()
	s.refuse(l)
	return true
}

// keyNamed is the first key of that name, anywhere in the document.
func (d *document) keyNamed(name string) *yaml.Node {
	var search func(node *yaml.Node) *yaml.Node
	search = func(node *yaml.Node) *yaml.Node {
		for i, inner := range node.Content {
			if node.Kind == yaml.MappingNode && i%2 == 0 && inner.Value == name {
				return inner
			}
			if found := search(inner); found != nil {
				return found
			}
		}
		return nil
	}
	return search(d.node)
}

// refuse reports what segue does not do.
func (s *survey) refuse(l *layer) {
	for i := 0; i+1 < len(l.file.node.Content); i += 2 {
		key := l.file.node.Content[i]
		if remedy := refused[key.Value]; remedy != "" {
			s.problem(l.file.problemAt(key, key.Value, "%s", remedy))
		}
	}
	for i, label := range l.says.Labels {
		if label.IncludeSelectors {
			s.problem(l.file.problem(fmt.Sprintf("labels[%d].includeSelectors", i), "segue's kinds have no selectors; leave it out, or say includeTemplates where spec.template.labels is meant, too"))
		}
	}
}

// lay puts the kustomization down in memory, with what kustomize has to know of segue's kinds.
func (s *survey) lay(l *layer) error {
	says := l.says
	says.SortOptions = nil // the order says nothing
	says.Labels = append([]types.Label(nil), says.Labels...)
	for i := range says.Labels {
		if label := &says.Labels[i]; label.IncludeTemplates {
			label.IncludeTemplates = false
			label.FieldSpecs = append(label.FieldSpecs, types.FieldSpec{Gvk: deployments, Path: "spec/template/labels", CreateIfNotPresent: true})
		}
	}
	if len(says.CommonLabels) > 0 {
		says.Labels = append(says.Labels, types.Label{Pairs: says.CommonLabels})
		says.CommonLabels = nil
	}
	if len(says.CommonAnnotations) > 0 {
		annotating, err := json.Marshal(map[string]any{
			"apiVersion": "builtin", "kind": "AnnotationsTransformer", "metadata": map[string]string{"name": "annotations"},
			"annotations": says.CommonAnnotations, "fieldSpecs": []types.FieldSpec{{Path: "metadata/annotations", CreateIfNotPresent: true}},
		})
		if err != nil {
			return fmt.Errorf("write annotations: %w", err)
		}
		says.Transformers = append(says.Transformers, string(annotating))
		says.CommonAnnotations = nil
	}
	says.Configurations = append(says.Configurations, relative(l.dir, filepath.Join(l.dir, ours)))
	text, err := json.Marshal(says)
	if err != nil {
		return fmt.Errorf("write kustomization: %w", err)
	}
	return s.memory.put(filepath.Join(l.dir, "kustomization.yaml"), l.file.file, text)
}

var deployments = resid.Gvk{Group: "segue.dev", Version: "v1", Kind: spec.KindDeployment}
