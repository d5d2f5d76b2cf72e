package spec

import (
	"fmt"
	"strings"
)

// ParseEnvFile reads NAME=VALUE lines as docker run --env-file does: blank lines and lines that begin with # are
// skipped, the value is everything after the first = as it stands. A value in quotes is refused, because docker keeps
// them and compose drops them; so are a doubled name and a name without =. Errors name the line, never a value.
func ParseEnvFile(data []byte) (map[string]string, error) {
	env := map[string]string{}
	number := 0
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if trimmed := strings.TrimSpace(line); trimmed == "" || trimmed[0] == '#' {
			continue
		}
		name, value, found := strings.Cut(strings.TrimLeft(line, " \t"), "=")
		switch {
		case !found:
			return nil, envFileError{number, "want NAME=VALUE"}
		case !envNameGrammar.MatchString(name):
			return nil, envFileError{number, "the name before = may have letters, digits, _ . - and must not begin with a digit"}
		case strings.ContainsRune(value, 0):
			return nil, envFileError{number, name + " holds a NUL byte"}
		case quoted(value):
			return nil, envFileError{number, name + " is in quotes, which docker keeps and compose drops; leave them out"}
		}
		if _, doubled := env[name]; doubled {
			return nil, envFileError{number, name + " stands here twice"}
		}
		env[name] = value
	}
	return env, nil
}

func quoted(value string) bool {
	return len(value) >= 2 && (value[0] == '"' || value[0] == '\'') && value[len(value)-1] == value[0]
}

type envFileError struct {
	line    int
	message string
}

func (e envFileError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.message) }
