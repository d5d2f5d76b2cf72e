package spec

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/invopop/jsonschema"
)

// Schema is the JSON Schema (2020-12) of a manifest, closed as the strict reading is: what it does not name is
// refused. It describes shapes; what one field means for another is Validate's.
func Schema() []byte {
	reflector := &jsonschema.Reflector{
		Anonymous:     true,
		Mapper:        schemaOf,
		LookupComment: comments(),
	}
	root := &jsonschema.Schema{
		Version:     jsonschema.Version,
		Title:       "A segue manifest",
		Definitions: jsonschema.Definitions{},
	}
	for kind, object := range map[string]any{KindDeployment: Deployment{}, KindNginx: Nginx{}, KindEureka: Eureka{}} {
		for name, definition := range reflector.Reflect(object).Definitions {
			root.Definitions[name] = definition
		}
		setConst(root.Definitions[kind], "apiVersion", APIVersion)
		setConst(root.Definitions[kind], "kind", kind)
	}
	for _, property := range []string{"cpu", "memory"} {
		root.Definitions["ResourceList"].Properties.Set(property, anyOf(&jsonschema.Schema{Type: "string"}, &jsonschema.Schema{Type: "number"}))
	}
	for _, kind := range []string{KindDeployment, KindNginx, KindEureka} {
		root.OneOf = append(root.OneOf, &jsonschema.Schema{Ref: "#/$defs/" + kind})
	}
	text, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("write the schema of segue's own types: %v", err)) // the tests write it
	}
	return append(text, '\n')
}

func setConst(object *jsonschema.Schema, property, value string) {
	if schema, ok := object.Properties.Get(property); ok {
		schema.Const = value
	}
}

// schemaOf describes the types that are written otherwise than Go's kind says; nil for the others.
func schemaOf(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[IntOrPercent]():
		return anyOf(&jsonschema.Schema{Type: "integer", Minimum: "0"}, &jsonschema.Schema{Type: "string", Pattern: countOrShare.String()})
	case reflect.TypeFor[PortRef]():
		return anyOf(&jsonschema.Schema{Type: "integer", Minimum: "1", Maximum: "65535"}, &jsonschema.Schema{Type: "string"})
	case reflect.TypeFor[map[string]string]():
		return &jsonschema.Schema{Type: "object", AdditionalProperties: anyOf(
			&jsonschema.Schema{Type: "string"}, &jsonschema.Schema{Type: "integer"}, &jsonschema.Schema{Type: "boolean"},
		)}
	}
	if values, ok := enums[t]; ok {
		schema := &jsonschema.Schema{Type: "string"}
		for _, value := range values {
			schema.Enum = append(schema.Enum, value)
		}
		return schema
	}
	return nil
}

func anyOf(schemas ...*jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{AnyOf: schemas}
}
