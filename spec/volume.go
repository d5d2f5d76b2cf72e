package spec

import (
	"fmt"
	"strings"
)

// Volume is an entry of the template's volumes, read.
type Volume struct {
	// Source is an absolute path of the host, or a volume's name as written.
	Source string
	Target string
	// ReadOnly: :ro was written.
	ReadOnly bool
}

// IsPath says whether Source is a path of the host.
func (v Volume) IsPath() bool { return strings.HasPrefix(v.Source, "/") }

// ParseVolume reads SOURCE:TARGET[:ro].
func ParseVolume(written string) (Volume, error) {
	parts := strings.Split(written, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return Volume{}, fmt.Errorf("%q is not SOURCE:TARGET[:ro], as pgdata:/var/lib/postgresql/data", written)
	}
	v := Volume{Source: parts[0], Target: parts[1], ReadOnly: len(parts) == 3 && parts[2] == "ro"}
	switch {
	case len(parts) == 3 && parts[2] == "rw":
		return Volume{}, fmt.Errorf("%q: read-write is what it is without a third part; leave :rw out", written)
	case len(parts) == 3 && !v.ReadOnly:
		return Volume{}, fmt.Errorf("%q: the third part may only be ro", written)
	case v.IsPath() && !cleanAbsolute(v.Source):
		return Volume{}, fmt.Errorf("%q: %s is not a clean absolute path", written, v.Source)
	case strings.HasPrefix(v.Source, ".") || strings.HasPrefix(v.Source, "~"):
		return Volume{}, fmt.Errorf("%q: a path of the host must be absolute", written)
	case !v.IsPath() && !containerGrammar.MatchString(v.Source):
		return Volume{}, fmt.Errorf("%q: %q is neither an absolute path nor a volume's name", written, v.Source)
	case !cleanAbsolute(v.Target) || v.Target == "/":
		return Volume{}, fmt.Errorf("%q: %q is not a clean absolute path in the container", written, v.Target)
	}
	return v, nil
}

// writableVolumes are the sources that are mounted read-write.
func (t Template) writableVolumes() []string {
	var sources []string
	for _, written := range t.Volumes {
		if v, err := ParseVolume(written); err == nil && !v.ReadOnly {
			sources = append(sources, v.Source)
		}
	}
	return sources
}
