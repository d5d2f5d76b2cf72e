package spec

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// decoder fills a manifest's struct from YAML nodes, notes every problem, and remembers where each value stands.
type decoder struct {
	file     string
	root     reflect.Type
	problems Problems
	at       map[string]Position
}

// problem notes one at a node.
func (d *decoder) problem(node *yaml.Node, path, format string, args ...any) {
	d.problems = append(d.problems, Problem{File: d.file, Line: node.Line, Column: node.Column, Path: path, Message: fmt.Sprintf(format, args...)})
}

// place notes one at a field that may not have been written: then where the nearest written one around it stands.
func (d *decoder) place(path, message string) {
	p := Problem{File: d.file, Path: path, Message: message}
	for outer := path; ; outer = above(outer) {
		if at, known := d.at[outer]; known || outer == "" {
			p.Line, p.Column = at.Line, at.Column
			break
		}
	}
	d.problems = append(d.problems, p)
}

// decode fills v with what stands at node.
func (d *decoder) decode(node *yaml.Node, v reflect.Value, path string) {
	if _, seen := d.at[path]; !seen {
		d.at[path] = Position{Line: node.Line, Column: node.Column}
	}
	node = behind(node)
	if isNull(node) {
		d.problem(node, path, "%s", emptyMessage(v.Type()))
		return
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Struct:
		d.decodeStruct(node, v, path)
	case reflect.Map:
		d.decodeMap(node, v, path)
	case reflect.Slice:
		d.decodeList(node, v, path)
	default:
		d.decodeScalar(node, v, path)
	}
}

// behind is the node that an alias stands for.
func behind(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode && node.Alias != nil {
		return node.Alias
	}
	return node
}

func emptyMessage(t reflect.Type) string {
	switch deref(t).Kind() {
	case reflect.Struct:
		return "empty; write {} to have it with its defaults, or leave it out"
	case reflect.String:
		return `empty; write "" if the empty text is meant, or leave it out`
	default:
		return "empty; write a value or leave it out"
	}
}

func (d *decoder) decodeStruct(node *yaml.Node, v reflect.Value, path string) {
	if node.Kind != yaml.MappingNode {
		d.problem(node, path, "%s here; want a mapping of %s", called(node), strings.Join(fieldNames(v.Type()), ", "))
		return
	}
	fields := fieldsOf(v.Type())
	written := map[string]bool{}
	for _, p := range d.pairs(node, path) {
		written[p.name] = true
		at := slices.IndexFunc(fields, func(f field) bool { return f.name == p.name })
		if at < 0 {
			d.problem(p.key, below(path, p.name), "%s", d.unknown(v.Type(), p.name))
			continue
		}
		d.decode(p.value, v.Field(fields[at].index), below(path, p.name))
	}
	for _, f := range fields {
		if f.required && !written[f.name] {
			d.place(below(path, f.name), "required")
		}
	}
}

// unknown says why a field is not accepted, and which one was probably meant.
func (d *decoder) unknown(t reflect.Type, name string) string {
	if slices.Contains(unbuilt[t], name) {
		return notBuilt
	}
	if t == reflect.TypeFor[Template]() && slices.Contains([]string{"spec", "metadata", "containers", "initContainers"}, name) {
		return "unknown field; one container per instance, so its fields (image, env, ports, …) stand right under template"
	}
	known := fieldNames(t)
	if near := nearest(name, known); near != "" {
		return fmt.Sprintf("unknown field; did you mean %q?", near)
	}
	if home := homeOf(name, d.root); home != "" {
		return "unknown field here; it belongs at " + home
	}
	return "unknown field" + didYouMean(name, known)
}

func (d *decoder) decodeMap(node *yaml.Node, v reflect.Value, path string) {
	if node.Kind == yaml.SequenceNode {
		d.problem(node, path, "a list here; %s", mapRemedy(node))
		return
	}
	if node.Kind != yaml.MappingNode {
		d.problem(node, path, "%s here; want a mapping of names to values", called(node))
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for _, p := range d.pairs(node, path) {
		value := reflect.New(v.Type().Elem()).Elem()
		if value.Kind() == reflect.String {
			d.decodeLoose(p.value, value, below(path, p.name))
		} else {
			d.decode(p.value, value, below(path, p.name))
		}
		v.SetMapIndex(reflect.ValueOf(p.name), value)
	}
}

// mapRemedy shows the first item of a list of {name, value} or NAME=VALUE as a map.
func mapRemedy(list *yaml.Node) string {
	var name, value string
	if len(list.Content) > 0 {
		name, value = nameAndValue(behind(list.Content[0]))
	}
	if name == "" || value == "" {
		return "it is a map here: write NAME: VALUE"
	}
	return fmt.Sprintf("it is a map here: write %s: %q", name, value)
}

func nameAndValue(node *yaml.Node) (name, value string) {
	if node.Kind == yaml.ScalarNode {
		name, value, _ = strings.Cut(node.Value, "=")
		return name, value
	}
	for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		switch node.Content[i].Value {
		case "name":
			name = node.Content[i+1].Value
		case "value":
			value = node.Content[i+1].Value
		}
	}
	return name, value
}

func (d *decoder) decodeList(node *yaml.Node, v reflect.Value, path string) {
	if node.Kind != yaml.SequenceNode {
		message := called(node) + " here; want a list"
		if node.Kind == yaml.ScalarNode {
			message += ": write " + listOf(node.Value)
		}
		d.problem(node, path, "%s", message)
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(node.Content), len(node.Content)))
	for i, content := range node.Content {
		d.decode(content, v.Index(i), item(path, i))
	}
}

// listOf is the words as a list.
func listOf(text string) string {
	var quoted []string
	for _, word := range strings.Fields(text) {
		quoted = append(quoted, strconv.Quote(word))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// shown is a scalar as it is written.
func shown(node *yaml.Node) string {
	if isPlain(node) {
		return node.Value
	}
	return strconv.Quote(node.Value)
}

// called is what a person calls the node.
func called(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	default:
		return "a single value"
	}
}
