package spec

import "fmt"

// Problem is one thing that is wrong in a manifest, with its remedy.
type Problem struct {
	// File is the path as it was given; KIND/NAME where the object came from no file.
	File string `json:"file,omitempty"`
	// Line and Column count from 1; 0 where they are not known.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
	// Path is the field, as spec.template.env.MODE; "" when the file as a whole is meant.
	Path string `json:"path,omitempty"`
	// Message says what is wrong and what to write instead.
	Message string `json:"message"`
}

// Error gives FILE:LINE:COLUMN, two blanks, PATH: MESSAGE.
func (p Problem) Error() string {
	place := p.File
	if p.Line > 0 {
		place += fmt.Sprintf(":%d", p.Line)
	}
	if p.Line > 0 && p.Column > 0 {
		place += fmt.Sprintf(":%d", p.Column)
	}
	if place != "" {
		place += "  "
	}
	if p.Path == "" {
		return place + p.Message
	}
	return place + p.Path + ": " + p.Message
}
