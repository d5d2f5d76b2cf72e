package kustomize

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/segue-dev/segue/spec"
)

// document is one YAML document, and where it stands.
type document struct {
	// file is the path as people know it; above is the number of lines above the document's text, for one that stands in
	// another file's string. There columns say nothing.
	file  string
	above int
	node  *yaml.Node
}

// documentsOf are the documents of a text that are not empty.
func documentsOf(file string, above int, data []byte) ([]*document, spec.Problems) {
	var documents []*document
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var node yaml.Node
		err := decoder.Decode(&node)
		switch {
		case errors.Is(err, io.EOF):
			return documents, nil
		case err != nil:
			return documents, spec.Problems{syntaxProblem(file, above, err)}
		case len(node.Content) > 0 && node.Content[0].Tag != "!!null":
			documents = append(documents, &document{file: file, above: above, node: node.Content[0]})
		}
	}
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

func syntaxProblem(file string, above int, err error) spec.Problem {
	p := spec.Problem{File: file, Message: "not YAML: " + yamlLine.ReplaceAllString(err.Error(), "")}
	if found := yamlLine.FindStringSubmatch(err.Error()); found != nil && found[1] != "" {
		line, _ := strconv.Atoi(found[1]) // digits, says the pattern
		p.Line = line + above
	}
	return p
}

// problemAt is a problem of a node.
func (d *document) problemAt(node *yaml.Node, path, format string, args ...any) spec.Problem {
	p := spec.Problem{File: d.file, Line: node.Line + d.above, Column: node.Column, Path: path, Message: fmt.Sprintf(format, args...)}
	if d.above > 0 {
		p.Column = 0
	}
	return p
}

// problem is one of what stands at a path, or of the nearest around it.
func (d *document) problem(path, format string, args ...any) spec.Problem {
	return d.problemAt(pathOf(path).nearest(d.node), path, format, args...)
}

func (d *document) kind() string      { return textAt(d.node, "kind") }
func (d *document) name() string      { return textAt(d.node, "metadata", "name") }
func (d *document) namespace() string { return textAt(d.node, "metadata", "namespace") }

// textOf writes documents, with what was done to their nodes.
func textOf(documents []*document) (string, error) {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	for _, d := range documents {
		if err := encoder.Encode(d.node); err != nil {
			return "", fmt.Errorf("write %s anew: %w", d.file, err)
		}
	}
	return text.String(), encoder.Close()
}
