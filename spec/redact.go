package spec

import (
	"maps"
	"strings"
)

// masked stands where a secret stood.
const masked = "***"

// Redact is m for output: the bytes and inline content of secret files and a registry's password are ***, and so is
// each value in a secret env file; nothing else changes. A file that is named as secret and as not secret is secret, and
// so is every sealed one.
// m is left as it was.
func Redact(m Manifest) Manifest {
	files := maps.Clone(m.Files)
	for _, field := range m.fileFields() {
		data, loaded := m.Files[field.file]
		switch {
		case !loaded || !field.secret && !Sealed(data):
		case field.env && !Sealed(data):
			files[field.file] = maskedEnv(data)
		default:
			files[field.file] = []byte(masked)
		}
	}
	m.Files = files
	if m.Deployment != nil {
		redacted := *m.Deployment
		inline := maps.Clone(redacted.Spec.Template.Files)
		for target, file := range inline {
			if file.Secret && file.Content != nil {
				hidden := masked
				file.Content = &hidden
				inline[target] = file
			}
		}
		redacted.Spec.Template.Files = inline
		m.Deployment = &redacted
	}
	return m
}

// maskedEnv keeps the names of an env file, so that a diff can say which came and went. A line without a name is
// masked whole.
func maskedEnv(data []byte) []byte {
	var out strings.Builder
	for line := range strings.Lines(string(data)) {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || trimmed[0] == '#' {
			continue
		}
		name, _, found := strings.Cut(trimmed, "=")
		if found && envNameGrammar.MatchString(name) {
			out.WriteString(name + "=")
		}
		out.WriteString(masked + "\n")
	}
	return []byte(out.String())
}
