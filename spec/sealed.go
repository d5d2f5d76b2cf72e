package spec

import (
	"bytes"
	"maps"
)

// Sealed says whether content is encrypted with age (age-encryption.org/v1), as it is or armored. What is sealed is a
// secret, whatever the manifest says of it.
func Sealed(content []byte) bool {
	return bytes.HasPrefix(content, []byte("age-encryption.org/v1\n")) ||
		bytes.HasPrefix(bytes.TrimLeft(content, " \t\r\n"), []byte("-----BEGIN AGE ENCRYPTED FILE-----"))
}

// Opened is m with what open makes of each sealed file in place of it. The error is Problems, each at the field that
// names the file. m is left as it was.
func (m Manifest) Opened(open func(sealed []byte) ([]byte, error)) (Manifest, error) {
	var problems Problems
	var files map[string][]byte
	for _, field := range m.fileFields() {
		content := m.Files[field.file]
		if !Sealed(content) {
			continue
		}
		if files == nil {
			files = maps.Clone(m.Files)
		}
		opened, err := open(content)
		if err != nil {
			problems = append(problems, m.problemAt(field.path, field.file+" is encrypted with age, and "+err.Error()))
			continue
		}
		files[field.file] = opened
	}
	if files != nil {
		m.Files = files
	}
	return m, problems.orNil()
}
