package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Read reads every document of one stream of YAML or JSON, and checks each object by itself. It opens no other file:
// Files stays empty. With an error, which is Problems, the manifests are those whose kind and name could be read:
// good for ValidateSet, so that every problem is found at once, and for nothing else.
func Read(file string, data []byte) ([]Manifest, error) {
	readings, problems := readStream(file, data)
	var manifests []Manifest
	for _, r := range readings {
		problems = append(problems, r.problems...)
		manifests = append(manifests, r.manifest)
	}
	return manifests, Join(problems.orNil(), doubles(manifests))
}

// reading is one object as it was read.
type reading struct {
	manifest Manifest
	problems Problems
	// at is where each value stands, by path.
	at map[string]Position
}

func readStream(file string, data []byte) ([]reading, Problems) {
	documents, problems := documentsOf(file, data)
	var readings []reading
	for _, document := range documents {
		r, ok := readDocument(file, document)
		if ok {
			readings = append(readings, r)
		} else {
			problems = append(problems, r.problems...)
		}
	}
	return readings, problems
}

// documentsOf are the documents that are not empty, up to the first that cannot be parsed.
func documentsOf(file string, data []byte) (documents []*yaml.Node, problems Problems) {
	if documents, ok := jsonDocuments(data); ok {
		return documents, nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var document yaml.Node
		err := decoder.Decode(&document)
		switch {
		case errors.Is(err, io.EOF):
			return documents, problems
		case err != nil:
			return documents, append(problems, syntaxProblem(file, err))
		case len(document.Content) > 0 && !isNull(document.Content[0]):
			documents = append(documents, document.Content[0])
		}
	}
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntaxProblem places an error of the YAML parser, which gives no column.
func syntaxProblem(file string, err error) Problem {
	p := Problem{File: file, Message: err.Error()}
	if parts := yamlLine.FindStringSubmatch(strings.ReplaceAll(err.Error(), "\n", " ")); parts != nil {
		p.Line, _ = strconv.Atoi(parts[1]) // digits or nothing, says the pattern
		p.Message = "not YAML: " + parts[2]
	}
	return p
}

// readDocument reads one object; ok says whether its kind and name are known.
func readDocument(file string, node *yaml.Node) (r reading, ok bool) {
	d := &decoder{file: file, at: map[string]Position{}}
	if behind(node).Kind != yaml.MappingNode {
		d.problem(node, "", "%s; want a manifest with apiVersion, kind, metadata and spec", called(node))
		return reading{problems: d.problems}, false
	}
	head := d.head(node)
	manifest := Manifest{Origin: fmt.Sprintf("%s:%d", file, node.Line)}
	var object any
	switch head.kind {
	case KindDeployment:
		manifest.Deployment = &Deployment{}
		object = manifest.Deployment
	case KindNginx:
		manifest.Nginx = &Nginx{}
		object = manifest.Nginx
	case KindEureka:
		manifest.Eureka = &Eureka{}
		object = manifest.Eureka
	default:
		d.problem(head.kindNode, "kind", "%s", head.kindMessage(file))
		return reading{problems: d.problems}, false
	}
	d.root = reflect.TypeOf(object).Elem()
	d.decode(node, reflect.ValueOf(object).Elem(), "")
	if head.apiVersion != APIVersion && head.apiVersion != "" {
		d.place("apiVersion", fmt.Sprintf("%q; want %s", head.apiVersion, APIVersion))
	}
	d.check(manifest)
	manifest.Positions = positions(manifest, d.at)
	return reading{manifest: manifest, problems: d.problems, at: d.at}, manifest.Name().Name != ""
}

// check validates what was decoded. What is wrong within, or around, something that could not be decoded is left out:
// it would only repeat that. So is which port is meant, when the ports could not be decoded.
func (d *decoder) check(m Manifest) {
	undecoded := d.problems
	m.check(func(path, message string) {
		for _, p := range undecoded {
			if within(path, p.Path) || within(p.Path, path) || within(p.Path, "spec.template.ports") && strings.HasSuffix(path, ".port") {
				return
			}
		}
		d.place(path, message)
	})
}
