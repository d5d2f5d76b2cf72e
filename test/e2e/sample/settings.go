package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// settings are Spring properties under their canonical names: lower case, no dashes.
type settings map[string]string

// readSettings flattens SPRING_APPLICATION_JSON, nested or with dotted keys, as Spring's relaxed binding does.
func readSettings(text string) (settings, error) {
	found := settings{}
	if text == "" {
		return found, nil
	}
	var tree map[string]any
	if err := json.Unmarshal([]byte(text), &tree); err != nil {
		return nil, fmt.Errorf("SPRING_APPLICATION_JSON: %w", err)
	}
	found.add("", tree)
	return found, nil
}

func (s settings) add(prefix string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			s.add(join(prefix, key), inner)
		}
	case []any:
		texts := make([]string, 0, len(value))
		for _, inner := range value {
			texts = append(texts, fmt.Sprint(inner))
		}
		s[canonical(prefix)] = strings.Join(texts, ",")
	case float64:
		s[canonical(prefix)] = strconv.FormatFloat(value, 'f', -1, 64)
	default:
		s[canonical(prefix)] = fmt.Sprint(value)
	}
}

func (s settings) get(name string) string { return s[canonical(name)] }

func join(prefix, key string) string {
	if prefix == "" {
		return key
	}
	return prefix + "." + key
}

func canonical(name string) string {
	name, _, _ = strings.Cut(name, "[") // list[0] is as good as list here
	return strings.ToLower(strings.ReplaceAll(name, "-", ""))
}
