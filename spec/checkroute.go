package spec

import (
	"maps"
	"slices"
	"strings"
)

func (c checker) routes(s DeploymentSpec) {
	variables := map[[2]string]string{}
	for _, name := range slices.Sorted(maps.Keys(s.Routes)) {
		path := below("spec.routes", name)
		route := s.Routes[name]
		if !portNameGrammar.MatchString(name) {
			c.problem(path, "%q is not allowed as a route's name; want at most 15 lower-case letters, digits and -", name)
		}
		c.route(path, route)
		if _, err := route.PortOf(s.Template, name); err != nil {
			c.problem(below(path, "port"), "%s", err)
		}
		if route.Internal {
			c.named(path, name, s)
		}
		if route.Variable == "" {
			continue
		}
		key := [2]string{route.Nginx, route.Variable}
		if other := variables[key]; other != "" {
			c.problem(below(path, "variable"), "route %s sets $%s, too", other, route.Variable)
		}
		variables[key] = name
	}
}

// named reports what else would answer at http://NAME.
func (c checker) named(path, name string, s DeploymentSpec) {
	for _, other := range slices.Sorted(maps.Keys(s.Routes)) {
		if other < name && s.Routes[other].Internal {
			c.problem(below(path, "internal"), "route %s is internal, too, and both would be http://NAME, NAME being the Deployment's; make one Deployment for each, or have one of them by hostname", other)
		}
	}
}

func (c checker) route(path string, r Route) {
	c.fits(below(path, "nginx"), r.Nginx, referGrammar, "NAME or NAMESPACE.NAME of an Nginx object")
	owned := len(r.Hostnames) > 0 || len(r.Paths) > 0 || r.StripPrefix != nil || r.MaxBodySize != "" && !r.Internal
	if r.Upstream != "" || r.Variable != "" || r.Internal {
		c.exactlyOne(path, map[string]bool{"hostnames/paths/stripPrefix/maxBodySize": owned, "upstream": r.Upstream != "", "variable": r.Variable != "", "internal": r.Internal})
	}
	if r.Internal && r.Balance == IPHash {
		c.problem(below(path, "balance"), "ip_hash would send all of an internal route to one instance, as its callers come from one address; say round_robin or least_conn")
	}
	c.fits(below(path, "upstream"), r.Upstream, upstreamGrammar, "the name in your proxy_pass http://NAME: letters, digits, _ . and -")
	if name, dollar := strings.CutPrefix(r.Variable, "$"); dollar {
		c.problem(below(path, "variable"), "write it without the $: %s", name)
	} else {
		c.fits(below(path, "variable"), r.Variable, variableGrammar, "a variable's name without $, as service_url")
	}
	seen := map[string]bool{}
	for i, hostname := range r.Hostnames {
		c.hostname(item(below(path, "hostnames"), i), hostname, seen)
	}
	for i, prefix := range r.Paths {
		c.prefix(item(below(path, "paths"), i), prefix, seen)
	}
	c.fits(below(path, "maxBodySize"), r.MaxBodySize, bodySizeGrammar, "a size, as 512Mi or 1Gi")
	enum(c, below(path, "balance"), r.Balance)
	c.atLeast(below(path, "timeoutSeconds"), r.TimeoutSeconds, 1)
}

func (c checker) hostname(path, hostname string, seen map[string]bool) {
	switch {
	case hostname == "":
		c.problem(path, "empty; leave hostnames out for all")
	case len(hostname) <= 253 && hostnameGrammar.MatchString(hostname) && !seen[hostname]:
	case seen[hostname]:
		c.problem(path, "%q stands here twice", hostname)
	case hostnameGrammar.MatchString(strings.ToLower(hostname)):
		c.problem(path, "write it in lower case: %s", strings.ToLower(hostname))
	default:
		c.problem(path, "%q is not a host name; want one as shop.example.com or *.example.com", hostname)
	}
	seen[hostname] = true
}

func (c checker) prefix(path, prefix string, seen map[string]bool) {
	key := canonicalPrefix(prefix)
	switch {
	case prefix == "":
		c.problem(path, `empty; write "/" for all`)
	case prefix[0] != '/':
		c.problem(path, "must begin with /; write %q", "/"+prefix)
	case !prefixGrammar.MatchString(prefix) || dotted(prefix):
		c.problem(path, "%q is not allowed as a path; want parts of letters, digits and . _ ~ ! & ( ) * + , = : @ - between single slashes", prefix)
	case seen[key]:
		c.problem(path, "%q stands here twice", prefix)
	default:
		seen[key] = true
	}
}

func dotted(prefix string) bool {
	parts := strings.Split(prefix, "/")
	return slices.Contains(parts, ".") || slices.Contains(parts, "..")
}

// canonicalPrefix is the path without its last slash: /api and /api/ are one prefix.
func canonicalPrefix(prefix string) string {
	if trimmed := strings.TrimRight(prefix, "/"); trimmed != "" {
		return trimmed
	}
	return "/"
}
