package spec

import (
	"reflect"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// decodeLoose fills a string-valued map's value: true and false are kept as written, too.
func (d *decoder) decodeLoose(node *yaml.Node, v reflect.Value, path string) {
	d.at[path] = Position{Line: node.Line, Column: node.Column}
	node = behind(node)
	if isNull(node) {
		d.problem(node, path, `empty; write "" if the empty text is meant`)
		return
	}
	d.decodeString(node, v, path, true)
}

func (d *decoder) decodeScalar(node *yaml.Node, v reflect.Value, path string) {
	if node.Kind != yaml.ScalarNode {
		d.problem(node, path, "%s here; want %s", called(node), wanted(v.Type()))
		return
	}
	switch v.Type() {
	case reflect.TypeFor[IntOrPercent]():
		d.decodePattern(node, v, path, countOrShare.MatchString)
		return
	case reflect.TypeFor[PortRef]():
		d.decodePattern(node, v, path, portRef)
		return
	}
	switch v.Kind() {
	case reflect.String:
		d.decodeString(node, v, path, false)
	case reflect.Int:
		d.decodeInt(node, v, path)
	default:
		d.decodeBool(node, v, path)
	}
}

func wanted(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[IntOrPercent]():
		return "a whole number or a percentage, as 1 or 25%"
	case reflect.TypeFor[PortRef]():
		return "a port's number or name"
	}
	switch t.Kind() {
	case reflect.Int:
		return "a whole number"
	case reflect.Bool:
		return "true or false"
	default:
		return "a string"
	}
}

func (d *decoder) decodeString(node *yaml.Node, v reflect.Value, path string, loose bool) {
	if node.Kind != yaml.ScalarNode {
		d.problem(node, path, "%s here; want a string", called(node))
		return
	}
	fraction := within(path, "spec.template.resources")
	text, err := asString(node, loose, fraction)
	if err != nil {
		d.problem(node, path, "%s", err)
		return
	}
	v.SetString(text)
}

func (d *decoder) decodeInt(node *yaml.Node, v reflect.Value, path string) {
	if !plainInteger.MatchString(node.Value) {
		d.problem(node, path, "%s is not a whole number", shown(node))
		return
	}
	n, err := strconv.ParseInt(node.Value, 10, 32)
	switch {
	case err != nil:
		d.problem(node, path, "%s is too large", node.Value)
	case !isPlain(node):
		d.problem(node, path, "a string here; write %s without quotes or tag", node.Value)
	default:
		v.SetInt(n)
	}
}

func (d *decoder) decodeBool(node *yaml.Node, v reflect.Value, path string) {
	value, isTruth := truth(node.Value)
	switch {
	case !isTruth:
		d.problem(node, path, "%s is neither true nor false", shown(node))
	case !isPlain(node) || node.Value != strconv.FormatBool(value):
		d.problem(node, path, "write %t", value)
	default:
		v.SetBool(value)
	}
}

// decodePattern fills a string of a type that is written as a number or as a string.
func (d *decoder) decodePattern(node *yaml.Node, v reflect.Value, path string, fits func(string) bool) {
	if !fits(node.Value) {
		d.problem(node, path, "%q is not %s", node.Value, wanted(v.Type()))
		return
	}
	v.SetString(node.Value)
}
