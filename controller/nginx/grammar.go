package nginx

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/segue-dev/segue/spec"
)

func itoa(n int) string { return strconv.Itoa(n) }

// The grammars of what reaches nginx syntax. None lets through white space, quotes, ; { } $ \ or #.
var (
	labelGrammar    = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	instanceGrammar = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_.:-]{0,253})$`)
	upstreamGrammar = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,126}[A-Za-z0-9_])?$`)
	variableGrammar = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)
	hostnameGrammar = regexp.MustCompile(`^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)
	prefixGrammar   = regexp.MustCompile(`^(/[A-Za-z0-9._~!&()*+,=:@-]*)+$`)
	fileGrammar     = regexp.MustCompile(`^(/[A-Za-z0-9._+@=-]+)+$`)
	ownerGrammar    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,126}$`)
	sizeGrammar     = regexp.MustCompile(`^([0-9]{1,15})(Ki|Mi|Gi|k|K|M|G)?$`)
)

func fits(grammar *regexp.Regexp, what, value string) error {
	if !grammar.MatchString(value) {
		return fmt.Errorf("%s %q: not allowed in nginx's configuration", what, value)
	}
	return nil
}

func fitsName(name spec.Name) error {
	if err := fits(labelGrammar, "name", name.Name); err != nil {
		return err
	}
	if name.Namespace == "" {
		return nil
	}
	return fits(labelGrammar, "namespace", name.Namespace)
}

func fitsFile(what, path string) error {
	if filepath.Clean(path) != path {
		return fmt.Errorf("%s %q: not a clean absolute path", what, path)
	}
	return fits(fileGrammar, what, path)
}

// address is HOST:PORT in nginx's words; IPv6 is bracketed.
func address(a netip.AddrPort) (string, error) {
	if !a.IsValid() || a.Port() == 0 || a.Addr().Zone() != "" || a.Addr().IsUnspecified() {
		return "", fmt.Errorf("address %q: not an address and a port", a.String())
	}
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()).String(), nil
}

// bodySize is spec.Route.MaxBodySize in bytes.
func bodySize(size string) (int64, error) {
	if size == "" {
		return 1 << 30, nil
	}
	m := sizeGrammar.FindStringSubmatch(size)
	if m == nil {
		return 0, fmt.Errorf("maxBodySize %q: not a size", size)
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("maxBodySize %q: %w", size, err)
	}
	factor := map[string]int64{"": 1, "k": 1000, "K": 1000, "M": 1e6, "G": 1e9, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30}[m[2]]
	if n > (1<<62)/factor {
		return 0, fmt.Errorf("maxBodySize %q: too large", size)
	}
	return n * factor, nil
}

// ports reads spec.NginxSpec.InternalPorts, "21000-21999".
func ports(span string) (low, high int, err error) {
	if span == "" {
		span = "21000-21999"
	}
	a, b, _ := strings.Cut(span, "-")
	low, err = strconv.Atoi(a)
	if err == nil {
		high, err = strconv.Atoi(b)
	}
	if err != nil || low < 1 || high > 65535 || high < low+1 {
		return 0, 0, fmt.Errorf("internalPorts %q: want LOW-HIGH with at least two ports", span)
	}
	return low, high, nil
}
