package nginx

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/segue-dev/segue/reconcile"
	"github.com/segue-dev/segue/spec"
)

// release is one generation of one server's configuration, as release.json beside the files that it was rendered to.
type release struct {
	Generation string `json:"generation"`
	// Ports are the internal server's: the generation's and the placeholder's.
	Ports [2]int `json:"ports"`
	// Version is that of the nginx for which the frame was rendered.
	Version version `json:"version"`
	// MinTimeout: segue writes keepalive_min_timeout, as the user does not.
	MinTimeout bool `json:"minTimeout,omitempty"`
	// TLS has the hash of each certificate with its key, by certFile.
	TLS      map[string]string  `json:"tls,omitempty"`
	Sections map[string]section `json:"sections"`
}

// section is what a release holds of one Deployment. Its texts are kept, so that a later release carries them over
// as they are: what has no wish is never rendered anew.
type section struct {
	Deployment spec.Name `json:"deployment"`
	// Flag: Routes are switched by a flag file between two pools.
	Flag bool `json:"flag,omitempty"`
	// Gone: the Deployment was deleted and the placeholder stays until nothing in the user's configuration names it.
	Gone   bool           `json:"gone,omitempty"`
	Routes []sectionRoute `json:"routes"`
	// HTTP are upstream blocks; Inc is NAME.inc, "" for none.
	HTTP      string     `json:"http"`
	Inc       string     `json:"inc,omitempty"`
	Locations []location `json:"locations,omitempty"`
}

type sectionRoute struct {
	Name     string `json:"name"`
	Upstream string `json:"upstream"`
	Variable string `json:"variable,omitempty"`
	Kind     string `json:"kind"`
	// Port is an internal route's; Lame: its listener has a lame-duck twin.
	Port int  `json:"port,omitempty"`
	Lame bool `json:"lame,omitempty"`
	// Pools are the instances rendered: one pool, or two (blue, green) in flag mode.
	Pools [][]reconcile.Backend `json:"pools"`
	Route spec.Route            `json:"route"`
}

// nobody: no pool has an instance, and the 503 listener answers.
func (r sectionRoute) nobody() bool {
	return !slices.ContainsFunc(r.Pools, func(pool []reconcile.Backend) bool { return len(pool) > 0 })
}

// location is one path of an owned route on one hostname; Host is "" for all hostnames.
type location struct {
	Host string `json:"host"`
	Path string `json:"path"`
	Text string `json:"text"`
	Lame bool   `json:"lame,omitempty"`
}

// instances are the names in all pools, or in one pool where pool is 0 or 1.
func (s section) instances(pool int) []string {
	seen := map[string]bool{}
	for _, r := range s.Routes {
		for i, p := range r.Pools {
			if s.Flag && pool >= 0 && i != pool {
				continue
			}
			for _, b := range p {
				if b.Instance != "" {
					seen[b.Instance] = true
				}
			}
		}
	}
	return sortedKeys(seen)
}

// hasTwins: an owned location or a listener of this release has a lame-duck twin.
func (r release) hasTwins() bool {
	for _, s := range r.Sections {
		for _, route := range s.Routes {
			if route.Lame {
				return true
			}
		}
		for _, l := range s.Locations {
			if l.Lame {
				return true
			}
		}
	}
	return false
}

func (r release) usesFlags() bool {
	for _, s := range r.Sections {
		if s.Flag {
			return true
		}
	}
	return false
}

const releaseFile = "release.json"

// readRelease reads a generation.
func (c confDir) readRelease(ctx context.Context, generation string) (release, error) {
	var r release
	raw, err := c.machine.readFile(ctx, c.path("releases", generation, releaseFile))
	if err != nil {
		return r, fmt.Errorf("read generation %s: %w", generation, err)
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return r, fmt.Errorf("read generation %s: %w", generation, err)
	}
	if r.Generation != generation {
		return r, fmt.Errorf("read generation %s: it says that it is %q", generation, r.Generation)
	}
	if r.Sections == nil {
		r.Sections = map[string]section{}
	}
	return r, nil
}
