package spec

import (
	"embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
)

// sources are the files that declare what people write; their comments are the schema's descriptions.
//
//go:embed deployment.go eureka.go metadata.go nginx.go probe.go registration.go route.go strategy.go template.go
var sources embed.FS

// comments looks up what a type, or a field of it, says of itself; "" where it says nothing.
func comments() func(t reflect.Type, field string) string {
	found := map[string]string{}
	entries, err := sources.ReadDir(".")
	if err != nil {
		panic(fmt.Sprintf("list embedded sources: %v", err))
	}
	for _, entry := range entries {
		text, err := sources.ReadFile(entry.Name())
		if err != nil {
			panic(fmt.Sprintf("read embedded source: %v", err))
		}
		file, err := parser.ParseFile(token.NewFileSet(), entry.Name(), text, parser.ParseComments)
		if err != nil {
			panic(fmt.Sprintf("parse embedded source: %v", err)) // it compiled
		}
		for _, declaration := range file.Decls {
			if types, ok := declaration.(*ast.GenDecl); ok && types.Tok == token.TYPE {
				noteType(found, types)
			}
		}
	}
	return func(t reflect.Type, field string) string { return found[t.Name()+"."+field] }
}

func noteType(found map[string]string, declaration *ast.GenDecl) {
	for _, s := range declaration.Specs {
		declared, ok := s.(*ast.TypeSpec)
		if !ok {
			continue
		}
		found[declared.Name.Name+"."] = oneLine(declaration.Doc)
		structure, ok := declared.Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, field := range structure.Fields.List {
			for _, name := range field.Names {
				found[declared.Name.Name+"."+name.Name] = oneLine(field.Doc)
			}
		}
	}
}

func oneLine(comment *ast.CommentGroup) string {
	return strings.Join(strings.Fields(comment.Text()), " ")
}
