package spec_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/segue-dev/segue/spec"
)

// schema is as much of JSON Schema as the tests read.
type schema struct {
	Ref                  string            `json:"$ref"`
	Defs                 map[string]schema `json:"$defs"`
	Properties           map[string]schema `json:"properties"`
	Items                *schema           `json:"items"`
	AdditionalProperties any               `json:"additionalProperties"`
	Required             []string          `json:"required"`
	Enum                 []string          `json:"enum"`
	Const                string            `json:"const"`
	Description          string            `json:"description"`
	OneOf                []schema          `json:"oneOf"`
	AnyOf                []schema          `json:"anyOf"`
}

func readSchema(t *testing.T) schema {
	t.Helper()
	var s schema
	if err := json.Unmarshal(spec.Schema(), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSchemaIsClosed: it knows every field of the types, and nothing else.
func TestSchemaIsClosed(t *testing.T) {
	s := readSchema(t)
	var kinds []string
	for _, kind := range s.OneOf {
		kinds = append(kinds, kind.Ref)
	}
	if want := []string{"#/$defs/Deployment", "#/$defs/Nginx", "#/$defs/Eureka"}; !slices.Equal(kinds, want) {
		t.Errorf("a manifest is one of %v, want %v", kinds, want)
	}
	for name, want := range structs(reflect.TypeFor[spec.Deployment](), reflect.TypeFor[spec.Nginx](), reflect.TypeFor[spec.Eureka]()) {
		definition, known := s.Defs[name]
		if !known {
			t.Errorf("%s is not in the schema", name)
			continue
		}
		if got := slices.Sorted(maps.Keys(definition.Properties)); !slices.Equal(got, want) {
			t.Errorf("%s has the fields %v in the schema, want %v", name, got, want)
		}
		if definition.AdditionalProperties != false {
			t.Errorf("%s is open", name)
		}
	}
	for _, kind := range []string{"Deployment", "Nginx", "Eureka"} {
		d := s.Defs[kind]
		if d.Properties["kind"].Const != kind || d.Properties["apiVersion"].Const != spec.APIVersion {
			t.Errorf("%s does not say its kind and apiVersion", kind)
		}
	}
	if got := s.Defs["Strategy"].Properties["type"].Enum; !slices.Equal(got, []string{"RollingUpdate", "BlueGreen", "Recreate"}) {
		t.Errorf("strategy.type is one of %v", got)
	}
	if got := s.Defs["Nginx"].Required; !slices.Equal(got, []string{"apiVersion", "kind", "metadata"}) {
		t.Errorf("an Nginx object requires %v", got)
	}
	if got := s.Defs["Template"].Properties["files"].Description; !strings.HasPrefix(got, "Files are put into the container") {
		t.Errorf("template.files is described as %q", got)
	}
}

// structs are the fields of every struct below the given ones, sorted, by the struct's name.
func structs(roots ...reflect.Type) map[string][]string {
	found := map[string][]string{}
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(t.Elem())
		case reflect.Struct:
			if _, done := found[t.Name()]; done {
				return
			}
			found[t.Name()] = nil
			var names []string
			for i := range t.NumField() {
				name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
				names = append(names, name)
				walk(t.Field(i).Type)
			}
			slices.Sort(names)
			found[t.Name()] = names
		default:
		}
	}
	for _, root := range roots {
		walk(root)
	}
	return found
}

// TestFullExample: manifests/full has every field that there is, and the schema accepts it.
func TestFullExample(t *testing.T) {
	s := readSchema(t)
	used := map[string]bool{}
	text, err := os.ReadFile("../manifests/full/orders.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for decoder := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var object map[string]any
		err := decoder.Decode(&object)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, _ := object["kind"].(string)
		s.visit(t, used, kind, s.Defs[kind], object)
	}
	for name, fields := range structs(reflect.TypeFor[spec.Deployment](), reflect.TypeFor[spec.Nginx](), reflect.TypeFor[spec.Eureka]()) {
		for _, field := range fields {
			if !used[name+"."+field] {
				t.Errorf("manifests/full/orders.yaml has no %s.%s", name, field)
			}
		}
	}
}

// visit notes the fields of a value, as STRUCT.FIELD, and reports what the schema does not have.
func (s schema) visit(t *testing.T, used map[string]bool, name string, at schema, value any) {
	t.Helper()
	if at.Ref != "" {
		name = strings.TrimPrefix(at.Ref, "#/$defs/")
		at = s.Defs[name]
	}
	switch value := value.(type) {
	case []any:
		if at.Items == nil {
			t.Errorf("%s: a list where the schema has none", name)
			return
		}
		for _, item := range value {
			s.visit(t, used, name, *at.Items, item)
		}
	case map[string]any:
		for key, inner := range value {
			if at.AdditionalProperties != nil && at.AdditionalProperties != false {
				var elements schema
				text, err := json.Marshal(at.AdditionalProperties)
				if err == nil {
					err = json.Unmarshal(text, &elements)
				}
				if err != nil {
					t.Fatal(err)
				}
				s.visit(t, used, name, elements, inner)
				continue
			}
			property, known := at.Properties[key]
			if !known {
				t.Errorf("the schema has no %s.%s", name, key)
			}
			used[name+"."+key] = true
			s.visit(t, used, name+"."+key, property, inner)
		}
	}
}
