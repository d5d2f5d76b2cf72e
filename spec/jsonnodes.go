package spec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// jsonReader makes YAML nodes of JSON. YAML's own reader does not know every escape of JSON (\/ and surrogate pairs).
type jsonReader struct {
	data    []byte
	decoder *json.Decoder
	// line and lineStart are those of the offset that was located last.
	line, lineStart, located int
}

// jsonDocuments gives the documents of a stream of JSON objects; ok is false when it is anything else, as YAML's flow style.
func jsonDocuments(data []byte) (documents []*yaml.Node, ok bool) {
	if trimmed := bytes.TrimLeft(data, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' {
		return nil, false
	}
	r := &jsonReader{data: data, decoder: json.NewDecoder(bytes.NewReader(data)), line: 1}
	r.decoder.UseNumber()
	for {
		node, err := r.value()
		switch {
		case errors.Is(err, io.EOF):
			return documents, true
		case err != nil:
			return nil, false
		}
		documents = append(documents, node)
	}
}

// value reads the next value whole.
func (r *jsonReader) value() (*yaml.Node, error) {
	node := &yaml.Node{Kind: yaml.ScalarNode}
	node.Line, node.Column = r.position()
	token, err := r.decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Delim:
		node.Kind = yaml.MappingNode
		if token == '[' {
			node.Kind = yaml.SequenceNode
		}
		return node, r.fill(node)
	case string:
		node.Value, node.Style, node.Tag = token, yaml.DoubleQuotedStyle, "!!str"
	case json.Number:
		node.Value = token.String()
	case bool:
		node.Value = fmt.Sprint(token)
	case nil:
		node.Value, node.Tag = "null", "!!null"
	}
	return node, nil
}

// fill reads what stands between the brackets, and the closing one.
func (r *jsonReader) fill(node *yaml.Node) error {
	for r.decoder.More() {
		inner, err := r.value()
		if err != nil {
			return err
		}
		node.Content = append(node.Content, inner)
	}
	_, err := r.decoder.Token()
	return err
}

// position is where the next token begins, counted from 1 in characters.
func (r *jsonReader) position() (line, column int) {
	offset := int(r.decoder.InputOffset())
	for offset < len(r.data) && bytes.IndexByte([]byte(" \t\r\n,:"), r.data[offset]) >= 0 {
		offset++
	}
	for ; r.located < offset; r.located++ {
		if r.data[r.located] == '\n' {
			r.line, r.lineStart = r.line+1, r.located+1
		}
	}
	return r.line, utf8.RuneCount(r.data[r.lineStart:offset]) + 1
}
