package spec

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// checker reports what is wrong in one object, by path.
type checker struct {
	report func(path, message string)
}

func (c checker) problem(path, format string, args ...any) {
	c.report(path, fmt.Sprintf(format, args...))
}

// fits reports a value outside its grammar; the empty one passes.
func (c checker) fits(path, value string, grammar *regexp.Regexp, want string) bool {
	if value == "" || grammar.MatchString(value) {
		return true
	}
	c.problem(path, "%q is not allowed; want %s", value, want)
	return false
}

// oneOf reports a value that is not among the known ones; the empty one passes.
func (c checker) oneOf(path, value string, known ...string) {
	switch {
	case value == "" || slices.Contains(known, value):
	case unbuiltValues[value]:
		c.problem(path, "%s: %s", value, notBuilt)
	case nearest(value, known) != "":
		c.problem(path, "unknown value %q; did you mean %q?", value, nearest(value, known))
	default:
		c.problem(path, "unknown value %q; want %s", value, strings.Join(known, ", "))
	}
}

// atLeast reports a number below least; nil passes.
func (c checker) atLeast(path string, value *int, least int) {
	if value != nil && *value < least {
		c.problem(path, "%d is too small; want %d or more", *value, least)
	}
}

// port reports a number that is no port; 0 passes where it means "not given".
func (c checker) port(path string, port int) {
	if port < 0 || port > 65535 {
		c.problem(path, "%d is not a port; want 1 to 65535", port)
	}
}

// exactlyOne reports that none or several of the named parts are there.
func (c checker) exactlyOne(path string, given map[string]bool) {
	var all, written []string
	for _, name := range slices.Sorted(maps.Keys(given)) {
		all = append(all, name)
		if given[name] {
			written = append(written, name)
		}
	}
	switch len(written) {
	case 0:
		c.problem(path, "want exactly one of %s", strings.Join(all, ", "))
	case 1:
	default:
		c.problem(path, "%s exclude each other; keep one", strings.Join(written, " and "))
	}
}

// env reports names that no environment can hold, and values that end early.
func (c checker) env(path string, env map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(env)) {
		c.fits(below(path, name), name, envNameGrammar, "letters, digits, _ . and -, not a digit first")
		if name == "" {
			c.problem(path, "a name is empty")
		}
		if strings.ContainsRune(env[name], 0) {
			c.problem(below(path, name), "a NUL byte cannot stand in an environment")
		}
	}
}

// headers reports what cannot be sent as an HTTP header.
func (c checker) headers(path string, headers map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if !headerGrammar.MatchString(name) {
			c.problem(below(path, name), "%q is not the name of a header", name)
		}
		if strings.ContainsAny(headers[name], "\r\n\x00") {
			c.problem(below(path, name), "a header is one line")
		}
	}
}

// labels reports what Kubernetes would not take as labels either.
func (c checker) labels(path string, labels map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		switch {
		case !labelKeyGrammar.MatchString(key) || len(key) > 253:
			c.problem(below(path, key), "%q is not a label's key; want letters, digits, - _ . and at most one /", key)
		case strings.HasPrefix(key, "segue.dev/"):
			c.problem(below(path, key), "labels under segue.dev/ are segue's own")
		case !labelGrammar.MatchString(labels[key]):
			c.problem(below(path, key), "%q is not a label's value; want at most 63 letters, digits, - _ .", labels[key])
		}
	}
}
