package nginx

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// version is nginx's, as 1.22.1.
type version [3]int

var versionGrammar = regexp.MustCompile(`nginx/(\d+)\.(\d+)\.(\d+)`)

// parseVersion reads what nginx -v prints: "nginx version: nginx/1.22.1".
func parseVersion(text []byte) (version, error) {
	m := versionGrammar.FindSubmatch(text)
	if m == nil {
		return version{}, fmt.Errorf("read nginx's version: %q", lastComplaint(text))
	}
	var v version
	for i := range v {
		v[i], _ = strconv.Atoi(string(m[i+1])) // digits by grammar
	}
	return v, nil
}

func (v version) String() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }

func (v version) atLeast(w version) bool { return slices.Compare(v[:], w[:]) >= 0 }

// hasMinTimeout: keepalive_min_timeout came with 1.27.4 (nginx CHANGES).
func (v version) hasMinTimeout() bool { return v.atLeast(version{1, 27, 4}) }

// truncates: a proxied response may be cut by any reload before 1.23.1 (nginx CHANGES), unless it is not buffered.
func (v version) truncates() bool { return !v.atLeast(version{1, 23, 1}) }

// hasHTTP2Directive: "http2 on" came with 1.25.1, and "listen ... http2" was deprecated.
func (v version) hasHTTP2Directive() bool { return v.atLeast(version{1, 25, 1}) }
