package kustomize

import (
	"strconv"

	"go.yaml.in/yaml/v3"
)

// markName is the annotation by which an object is known again behind kustomize.
const markName = "segue.dev/kustomize-document"

// mark writes the document's number into it.
func (d *document) mark(number int) {
	metadata := mappingAt(d.node, "metadata")
	annotations := mappingAt(metadata, "annotations")
	annotations.Content = append(annotations.Content, scalar(markName), &yaml.Node{
		Kind: yaml.ScalarNode, Tag: "!!str", Value: strconv.Itoa(number), Style: yaml.DoubleQuotedStyle,
	})
}

// unmark takes the mark out of a rendered object and gives its number, -1 where it was lost.
func unmark(object *yaml.Node) int {
	_, metadata := pathOf("metadata").find(object)
	if metadata == nil {
		return -1
	}
	_, annotations := pathOf("annotations").find(metadata)
	if annotations == nil {
		return -1
	}
	number := -1
	for i := 0; i+1 < len(annotations.Content); i += 2 {
		if annotations.Content[i].Value != markName {
			continue
		}
		if n, err := strconv.Atoi(annotations.Content[i+1].Value); err == nil {
			number = n
		}
		annotations.Content = append(annotations.Content[:i], annotations.Content[i+2:]...)
		break
	}
	if len(annotations.Content) == 0 {
		drop(metadata, "annotations")
	}
	return number
}

func drop(mapping *yaml.Node, key string) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			mapping.Content = append(mapping.Content[:i], mapping.Content[i+2:]...)
			return
		}
	}
}

// mappingAt is the mapping under a key, made where there is none.
func mappingAt(node *yaml.Node, key string) *yaml.Node {
	found, value := fieldPath{key}.find(node)
	if found != nil && value.Kind == yaml.MappingNode {
		return value
	}
	made := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	if found == nil {
		node.Content = append(node.Content, scalar(key), made)
		return made
	}
	*value = *made // null stood there
	return value
}

func scalar(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}
