package spec

import (
	"regexp"
	"strconv"
	"strings"
)

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// below is the path of a key: spec.template, or spec.template.files["/etc/app.yml"] where dots would mislead.
func below(path, key string) string {
	switch {
	case !plainKey.MatchString(key):
		return path + "[" + strconv.Quote(key) + "]"
	case path == "":
		return key
	default:
		return path + "." + key
	}
}

// item is the path of a list's item.
func item(path string, index int) string { return path + "[" + strconv.Itoa(index) + "]" }

// above is the path without its last part; "" at the top.
func above(path string) string {
	if strings.HasSuffix(path, `"]`) {
		if at := strings.LastIndex(path, `["`); at >= 0 {
			return path[:at]
		}
	}
	return path[:max(strings.LastIndexAny(path, ".["), 0)]
}

// within says whether path is outer or below it.
func within(path, outer string) bool {
	rest, inside := strings.CutPrefix(path, outer)
	return inside && (rest == "" || outer == "" || rest[0] == '.' || rest[0] == '[')
}
