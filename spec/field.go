package spec

import (
	"reflect"
	"strings"
)

// field is a field of one of the manifest's structs, by the name that people write.
type field struct {
	name     string
	required bool
	index    int
}

// fieldsOf lists a struct's fields in the order of their declaration.
func fieldsOf(t reflect.Type) []field {
	var fields []field
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		fields = append(fields, field{name: name, required: options == "", index: i})
	}
	return fields
}

func fieldNames(t reflect.Type) []string {
	var names []string
	for _, f := range fieldsOf(t) {
		names = append(names, f.name)
	}
	return names
}

// homeOf is the shortest path below t at which a field of this name stands; "" when there is none or several are as short.
func homeOf(name string, t reflect.Type) string {
	type place struct {
		path string
		t    reflect.Type
	}
	level := []place{{"", t}}
	for len(level) > 0 {
		var next []place
		var found []string
		for _, p := range level {
			for _, f := range fieldsOf(p.t) {
				path := below(p.path, f.name)
				if f.name == name {
					found = append(found, path)
				}
				if inner := p.t.Field(f.index).Type; deref(inner).Kind() == reflect.Struct {
					next = append(next, place{path, deref(inner)})
				}
			}
		}
		switch len(found) {
		case 0:
			level = next
		case 1:
			return found[0]
		default:
			return ""
		}
	}
	return ""
}

func deref(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}
