package spec

import (
	"maps"
	"slices"
)

// FileNames are the files that the template names, as written, sorted, each once.
func (t Template) FileNames() []string { return namesOf(t.fileFields()) }

// FileNames are the files whose bytes travel with the object, as written, sorted, each once: a template's files, a
// Eureka object's passwordFile and caFile. An Nginx object's certificates are not among them: nginx reads them itself.
func (m Manifest) FileNames() []string { return namesOf(m.fileFields()) }

// fileField is a field that names a file.
type fileField struct {
	path, file string
	secret     bool
	// env: the file holds NAME=VALUE lines.
	env bool
}

func (m Manifest) fileFields() []fileField {
	switch {
	case m.Deployment != nil:
		return m.Deployment.Spec.Template.fileFields()
	case m.Eureka != nil:
		s := m.Eureka.Spec
		return named(
			fileField{path: "spec.passwordFile", file: s.PasswordFile, secret: true},
			fileField{path: "spec.caFile", file: s.CAFile},
		)
	default:
		return nil
	}
}

func (t Template) fileFields() []fileField {
	if len(t.EnvFrom)+len(t.Files) == 0 {
		return nil
	}
	var fields []fileField
	for i, from := range t.EnvFrom {
		fields = append(fields, fileField{item("spec.template.envFrom", i) + ".file", from.File, from.Secret, true})
	}
	for _, target := range slices.Sorted(maps.Keys(t.Files)) {
		file := t.Files[target]
		fields = append(fields, fileField{below("spec.template.files", target) + ".source", file.Source, file.Secret, false})
	}
	return named(fields...)
}

// named leaves out the fields that name nothing.
func named(fields ...fileField) []fileField {
	return slices.DeleteFunc(fields, func(f fileField) bool { return f.file == "" })
}

func namesOf(fields []fileField) []string {
	var names []string
	for _, field := range fields {
		names = append(names, field.file)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
