package spec

import "regexp"

var envNameGrammar = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)
