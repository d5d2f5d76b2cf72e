package probe

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/segue-dev/segue/spec"
)

// expectation is a spec.Expect, read once.
type expectation struct {
	status []statusRange
	// statusText is status as it was written.
	statusText string
	contains   string
	matches    *regexp.Regexp
	// paths are the keys of json, sorted, so that the same answer always misses in the same words.
	paths []string
	json  map[string]string
}

type statusRange struct{ from, to int }

func newExpectation(written *spec.Expect) (expectation, error) {
	if written == nil {
		written = &spec.Expect{}
	}
	e := expectation{contains: written.Contains, json: written.JSON}
	status := written.Status
	if status == "" {
		status = "200-399"
	}
	e.statusText = status
	for part := range strings.SplitSeq(status, ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			to = from
		}
		low, err := strconv.Atoi(strings.TrimSpace(from))
		if err != nil {
			return e, fmt.Errorf("read expected status %q: %w", status, err)
		}
		high, err := strconv.Atoi(strings.TrimSpace(to))
		if err != nil {
			return e, fmt.Errorf("read expected status %q: %w", status, err)
		}
		e.status = append(e.status, statusRange{low, high})
	}
	if written.Matches != "" {
		pattern, err := regexp.Compile(written.Matches)
		if err != nil {
			return e, fmt.Errorf("read expected pattern: %w", err)
		}
		e.matches = pattern
	}
	for path := range written.JSON {
		e.paths = append(e.paths, path)
	}
	slices.Sort(e.paths)
	return e, nil
}

// miss says in what an answer is not as expected, as "body is not JSON"; "" when it is.
func (e expectation) miss(status int, body []byte) string {
	inRange := func(r statusRange) bool { return r.from <= status && status <= r.to }
	if !slices.ContainsFunc(e.status, inRange) {
		return "status is not " + e.statusText
	}
	if e.contains != "" && !bytes.Contains(body, []byte(e.contains)) {
		return fmt.Sprintf("body does not contain %q", e.contains)
	}
	if e.matches != nil && !e.matches.Match(body) {
		return fmt.Sprintf("body does not match %q", e.matches)
	}
	if len(e.paths) > 0 && !gjson.ValidBytes(body) {
		return "body is not JSON"
	}
	for _, path := range e.paths {
		found := gjson.GetBytes(body, path)
		value := found.Raw
		if found.Type == gjson.String {
			value = found.Str
		}
		switch {
		case !found.Exists():
			return fmt.Sprintf("no %s in the body", path)
		case value != e.json[path]:
			return fmt.Sprintf("%s is %q, not %q", path, value, e.json[path])
		}
	}
	return ""
}
