package spec

import (
	"strconv"
	"strings"
)

// Validate checks the object by itself, and its files where Files is set; the error is Problems.
func (m Manifest) Validate() error {
	var problems Problems
	m.check(func(path, message string) { problems = append(problems, m.problemAt(path, message)) })
	return problems.orNil()
}

// ValidateFiles checks that the bytes of every file that the object names came along, and are what they should be; the
// error is Problems. Where the bytes are kept apart from the object it is for the moment at which both arrive.
func (m Manifest) ValidateFiles() error {
	var problems Problems
	checker{report: func(path, message string) { problems = append(problems, m.problemAt(path, message)) }}.files(m)
	return problems.orNil()
}

// check reports everything that is wrong with the object itself.
func (m Manifest) check(report func(path, message string)) {
	c := checker{report: report}
	switch {
	case m.Deployment != nil:
		c.deployment(*m.Deployment)
	case m.Nginx != nil:
		c.nginx(*m.Nginx)
	case m.Eureka != nil:
		c.eureka(*m.Eureka)
	default:
		report("", "neither a Deployment nor an Nginx nor a Eureka object")
	}
	if m.Files != nil {
		c.files(m)
	}
}

// problemAt places a problem by what the manifest remembers of its file.
func (m Manifest) problemAt(path, message string) Problem {
	p := Problem{Path: path, Message: message}
	p.File, p.Line = m.origin()
	for outer := path; outer != ""; outer = above(outer) {
		if at, known := m.Positions[outer]; known {
			p.Line, p.Column = at.Line, at.Column
			break
		}
	}
	return p
}

// origin splits Origin; KIND/NAME and 0 where there is none.
func (m Manifest) origin() (file string, line int) {
	at := strings.LastIndex(m.Origin, ":")
	if at < 0 {
		return strings.ToLower(m.Kind()) + "/" + m.Name().String(), 0
	}
	line, err := strconv.Atoi(m.Origin[at+1:])
	if err != nil {
		return m.Origin, 0
	}
	return m.Origin[:at], line
}

// files checks the bytes of the files that the object names.
func (c checker) files(m Manifest) {
	for _, name := range m.fileFields() {
		data, loaded := m.Files[name.file]
		switch {
		case !loaded:
			c.problem(name.path, "the content of %s did not come along", name.file)
		case name.env && !Sealed(data):
			if _, err := ParseEnvFile(data); err != nil {
				c.problem(name.path, "%s %s", name.file, err)
			}
		}
	}
}
