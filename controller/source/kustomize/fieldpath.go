package kustomize

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// fieldPath is a path as spec writes it, in parts: a key, or an index as "[0]".
type fieldPath []string

// pathOf reads spec.template.files["/etc/a.yml"].source and spec.dependsOn[0].
func pathOf(written string) fieldPath {
	var parts fieldPath
	for written != "" {
		switch {
		case written[0] == '.':
			written = written[1:]
		case strings.HasPrefix(written, `["`):
			quoted, err := strconv.QuotedPrefix(written[1:])
			if err != nil {
				return parts
			}
			key, err := strconv.Unquote(quoted)
			if err != nil {
				return parts
			}
			parts = append(parts, key)
			written = strings.TrimPrefix(written[1+len(quoted):], "]")
		case written[0] == '[':
			index, rest, _ := strings.Cut(written, "]")
			parts = append(parts, index+"]")
			written = rest
		default:
			end := strings.IndexAny(written, ".[")
			if end < 0 {
				end = len(written)
			}
			parts = append(parts, written[:end])
			written = written[end:]
		}
	}
	return parts
}

// pointerPath reads a JSON pointer, as /spec/ports/0; the index is told from a key by its looks.
func pointerPath(pointer string) fieldPath {
	var parts fieldPath
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		if _, err := strconv.Atoi(part); err == nil {
			part = "[" + part + "]"
		}
		parts = append(parts, part)
	}
	return parts
}

// find is the value at the path and the key that it stands by; both nil where nothing stands. A list's item is its own
// key.
func (p fieldPath) find(node *yaml.Node) (key, value *yaml.Node) {
	key, value = node, behind(node)
	for _, part := range p {
		if value == nil {
			return nil, nil
		}
		key, value = child(value, part)
		value = behind(value)
	}
	if value == nil {
		return nil, nil
	}
	return key, value
}

// nearest is the key of the last part of the path that stands there.
func (p fieldPath) nearest(node *yaml.Node) *yaml.Node {
	for n := len(p); n > 0; n-- {
		if key, _ := p[:n].find(node); key != nil {
			return key
		}
	}
	return node
}

func child(node *yaml.Node, part string) (key, value *yaml.Node) {
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == part {
				return node.Content[i], node.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		index, err := strconv.Atoi(strings.Trim(part, "[]"))
		if err == nil && index >= 0 && index < len(node.Content) {
			return node.Content[index], node.Content[index]
		}
	}
	return nil, nil
}

// behind is what an alias stands for.
func behind(node *yaml.Node) *yaml.Node {
	for node != nil && node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node
}

// textAt is the scalar at the path, "" where there is none.
func textAt(node *yaml.Node, parts ...string) string {
	if _, value := fieldPath(parts).find(node); value != nil && value.Kind == yaml.ScalarNode {
		return value.Value
	}
	return ""
}
