package notify

import (
	"bytes"
	"os"
	"text/template"
)

// Fault is one thing that is wrong with a Target.
type Fault struct {
	// Field is where, as headers[0].valueFile; "" means the target as a whole.
	Field string
	// Line counts from 1 within a template; 0 elsewhere.
	Line    int
	Message string
}

// faults grow one by one.
type faults struct{ list []Fault }

func (f *faults) add(field string, line int, message string) {
	f.list = append(f.list, Fault{Field: field, Line: line, Message: message})
}

// readable: the file can be read and is not empty.
func (f *faults) readable(field, path string) {
	if path == "" {
		return
	}
	content, err := os.ReadFile(path)
	if err != nil {
		f.add(field, 0, err.Error())
	} else if len(bytes.TrimSpace(content)) == 0 {
		f.add(field, 0, path+" is empty")
	}
}

func (f *faults) parse(field, text string) *template.Template {
	made, err := template.New(field).Funcs(functions).Parse(text)
	if err != nil {
		line, message := explain(err)
		f.add(field, line, message)
	}
	return made
}
