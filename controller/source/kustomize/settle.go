package kustomize

import (
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/segue-dev/segue/spec"
)

// settle makes a document one that kustomize cannot change without being told to: plain values that some of its builtins
// would rewrite are problems, as they are where segue reads by itself, and dates get quotes. So are doubled keys, of which
// one would be lost.
func (d *document) settle() spec.Problems {
	left := mostValues
	if endless := unroll(d.node, &left, map[*yaml.Node]bool{}); endless != nil {
		return spec.Problems{d.problemAt(endless, "", "its aliases make more than %d values of it, or no end of them; write it out", mostValues)}
	}
	var problems spec.Problems
	d.visit(d.node, "", &problems)
	return problems
}

// mostValues bounds what aliases may make of a document: kustomize follows them all, and one that contains itself for ever.
const mostValues = 100_000

// unroll counts the values that a node stands for down from left; it gives the alias at which there are too many.
func unroll(node *yaml.Node, left *int, within map[*yaml.Node]bool) *yaml.Node {
	if *left--; *left < 0 {
		return node
	}
	if node.Kind == yaml.AliasNode {
		if within[node.Alias] {
			return node
		}
		return unroll(node.Alias, left, within)
	}
	within[node] = true
	defer delete(within, node)
	for _, inner := range node.Content {
		if endless := unroll(inner, left, within); endless != nil {
			return endless
		}
	}
	return nil
}

func (d *document) visit(node *yaml.Node, path string, problems *spec.Problems) {
	switch node.Kind {
	case yaml.MappingNode:
		seen := map[string]bool{}
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := node.Content[i]
			at := below(path, key.Value)
			if seen[key.Value] {
				*problems = append(*problems, d.problemAt(key, at, "stands here twice; leave one of them out"))
			}
			seen[key.Value] = true
			d.visit(node.Content[i+1], at, problems)
		}
	case yaml.SequenceNode:
		for i, item := range node.Content {
			d.visit(item, path+"["+strconv.Itoa(i)+"]", problems)
		}
	case yaml.ScalarNode:
		if message := settled(node); message != "" {
			*problems = append(*problems, d.problemAt(node, path, "%s", message))
		}
	}
}

const quoting = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle | yaml.TaggedStyle

// settled says what is wrong with a scalar, "" when nothing is.
func settled(node *yaml.Node) string {
	text := node.Value
	if node.Style&quoting != 0 || text == "true" || text == "false" {
		return ""
	}
	if node.ShortTag() == "!!timestamp" {
		node.Tag, node.Style = "!!str", yaml.DoubleQuotedStyle
		return ""
	}
	if reading := spec.PlainReading(text); reading != "" && reading != "the number "+text {
		return "YAML reads " + text + " as " + reading + "; write " + strconv.Quote(text)
	}
	return ""
}

// below is the path of a key, as spec writes it.
func below(path, key string) string {
	switch {
	case !plainKey(key):
		return path + "[" + strconv.Quote(key) + "]"
	case path == "":
		return key
	default:
		return path + "." + key
	}
}

func plainKey(key string) bool {
	for _, r := range key {
		if r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return key != ""
}
