package nginx

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/segue-dev/segue/spec"
)

// userConf is what a user's own configuration says, as nginx -T read it from disk. nginx may run with an older one.
type userConf struct {
	at         time.Time
	directives []directive
	// loaded are the files under confDir that it includes, as current/http.conf.
	loaded map[string]bool
	// referred are the words that stand where an upstream may be named, passes the proxy_pass directives.
	referred map[string]bool
	passes   []directive
	// keepAlive is the longest keepalive_min_timeout anywhere, 0 for none.
	keepAlive time.Duration
}

func readUserConf(dump []byte, ours string, at time.Time) *userConf {
	u := &userConf{at: at, referred: map[string]bool{}}
	u.directives, u.loaded = parseDump(dump, ours)
	for _, d := range u.directives {
		for _, host := range d.hosts() {
			u.referred[host] = true
		}
		if d.name == "proxy_pass" && len(d.args) == 1 {
			u.passes = append(u.passes, d)
		}
		if d.name == "keepalive_min_timeout" && len(d.args) == 1 {
			u.keepAlive = max(u.keepAlive, readTime(d.args[0]))
		}
	}
	return u
}

// setsMinTimeout: the user sets keepalive_min_timeout for all of http, where a second one is refused.
func (u *userConf) setsMinTimeout() bool {
	return slices.ContainsFunc(u.directives, func(d directive) bool {
		return d.name == "keepalive_min_timeout" && !d.inside("server")
	})
}

// fileCache is where a location caches file lookups: there a flag file is not seen to go. "" for nowhere.
func (u *userConf) fileCache() string {
	for _, d := range u.directives {
		if d.name == "open_file_cache" && d.inside("location") && len(d.args) > 0 && d.args[0] != "off" {
			return d.at()
		}
	}
	return ""
}

// includesHTTP: http.conf is included.
func (u *userConf) includesHTTP() bool { return u.loaded["current/http.conf"] }

// names says whether the configuration sends to every route of a section. An owned route needs nothing.
func (u *userConf) names(s section) bool {
	for _, r := range s.Routes {
		if !u.namesRoute(s, r) {
			return false
		}
	}
	return true
}

// mentions says whether any line depends on the section, so that it may not vanish.
func (u *userConf) mentions(s section) bool {
	for _, r := range s.Routes {
		if ofUser(r.Route) && u.namesRoute(s, r) {
			return true
		}
	}
	return false
}

func (u *userConf) namesRoute(s section, r sectionRoute) bool {
	switch r.Route.Kind() {
	case spec.RouteVariable:
		return u.loaded["current/"+s.Deployment.String()+".inc"]
	case spec.RouteUpstream:
		return u.referred[r.Upstream]
	default:
		return true
	}
}

// ofUser: the route is used by a line of the user's.
func ofUser(route spec.Route) bool {
	return route.Kind() == spec.RouteVariable || route.Kind() == spec.RouteUpstream
}

// hosts are the arguments, each without scheme and path: where an upstream may be named, alone or in an address.
func (d directive) hosts() []string {
	if d.name == "upstream" || d.name == "server_name" || d.name == "include" {
		return nil
	}
	var hosts []string
	for _, arg := range d.args {
		if _, rest, found := strings.Cut(arg, "://"); found {
			arg = rest
		}
		host, _, _ := strings.Cut(arg, "/")
		hosts = append(hosts, host)
	}
	return hosts
}

// missing are the lines that the user has yet to add for a section, each with its place.
func (u *userConf) missing(s section, confDir string) []string {
	var lines []string
	for _, r := range s.Routes {
		if u.namesRoute(s, r) {
			continue
		}
		switch r.Route.Kind() {
		case spec.RouteVariable:
			include := fmt.Sprintf("include %s;", path.Join(confDir, "current", s.Deployment.String()+".inc"))
			lines = append(lines, u.placeOfVariable(r.Variable, include))
		case spec.RouteUpstream:
			lines = append(lines, fmt.Sprintf("proxy_pass http://%s;  in the location that is to reach %s: nothing names upstream %s yet", r.Upstream, s.Deployment, r.Upstream))
		}
	}
	return lines
}

func (u *userConf) placeOfVariable(variable, include string) string {
	for _, d := range u.directives {
		if d.name == "set" && len(d.args) == 2 && d.args[0] == "$"+variable {
			return fmt.Sprintf("%s  instead of  set %s %s;  at %s", include, d.args[0], d.args[1], d.at())
		}
	}
	for _, d := range u.directives {
		if strings.HasSuffix(d.name, "_pass") && len(d.args) == 1 && strings.Contains(d.args[0], "$"+variable) {
			return fmt.Sprintf("%s  in the server around  %s %s;  at %s", include, d.name, d.args[0], d.at())
		}
	}
	return fmt.Sprintf("%s  in the server whose location says  proxy_pass $%s;", include, variable)
}

// placeOfHTTP is behind all that http has: nginx answers what fits no server_name by the first server of a port, and
// that is to stay the user's.
func (u *userConf) placeOfHTTP() string {
	var http, last *directive
	for i, d := range u.directives {
		switch {
		case d.name == "http" && len(d.block) == 0:
			http, last = &u.directives[i], nil
		case http != nil && d.file == http.file && len(d.block) == 1 && d.inside("http"):
			last = &u.directives[i]
		}
	}
	switch {
	case http == nil:
		return "inside http, after its servers"
	case last == nil:
		return "below  http {  at " + http.at()
	case slices.Contains([]string{"server", "upstream", "map", "geo", "types", "split_clients"}, last.name):
		return fmt.Sprintf("below the block  %s {  at %s", last.text(), last.at())
	default:
		return fmt.Sprintf("below  %s;  at %s", last.text(), last.at())
	}
}

// missingHTTP is the line that includes http.conf, and what has to make room for it.
func (u *userConf) missingHTTP(sections map[string]section, confDir string) []string {
	include := fmt.Sprintf("include %s;", path.Join(confDir, "current", "http.conf"))
	lines := []string{include + "  " + u.placeOfHTTP()}
	for _, name := range sortedKeys(sections) {
		for _, r := range sections[name].Routes {
			for _, d := range u.directives {
				if d.name == "upstream" && len(d.args) == 1 && d.args[0] == r.Upstream {
					lines = append(lines, fmt.Sprintf("and remove  upstream %s { … }  at %s: http.conf has it", r.Upstream, d.at()))
				}
			}
		}
	}
	return lines
}
