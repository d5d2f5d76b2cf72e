package spec

import (
	"reflect"
)

// Decode reads one YAML or JSON document into a struct as strictly as a manifest: unknown and doubled keys, wrong types
// and missing required fields (those whose json tag has no omitempty) are Problems with file, line and column. Positions
// are where each value stands, by path, so that the caller can report what it finds wrong itself with ProblemAt.
func Decode(file string, data []byte, into any) (map[string]Position, error) {
	documents, problems := documentsOf(file, data)
	if len(problems) > 0 {
		return nil, problems.orNil()
	}
	if len(documents) != 1 {
		return nil, Problems{{File: file, Message: "want one document in it"}}
	}
	v := reflect.ValueOf(into).Elem()
	d := &decoder{file: file, root: v.Type(), at: map[string]Position{}}
	d.decode(documents[0], v, "")
	return d.at, d.problems.orNil()
}

// ProblemAt is a problem of the value at path, or of the nearest one around it that was written.
func ProblemAt(file string, at map[string]Position, path, message string) Problem {
	d := &decoder{file: file, at: at}
	d.place(path, message)
	return d.problems[0]
}
