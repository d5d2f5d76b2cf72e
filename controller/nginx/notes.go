package nginx

import (
	"fmt"
	"slices"
	"strings"
)

// notes are what a user's own locations lack to be lossless and fast. segue reads them and writes nothing there.
func (u *userConf) notes(sections map[string]section, v version) []string {
	var notes []string
	for _, name := range sortedKeys(sections) {
		s := sections[name]
		if s.Gone {
			continue
		}
		for _, r := range s.Routes {
			if !ofUser(r.Route) {
				continue
			}
			if !v.hasMinTimeout() && !s.Flag {
				notes = append(notes, fmt.Sprintf("%s, route %s: nginx %s is not lossless for keep-alive clients in a location that is not segue's: "+
					"a reload loses about 2 requests at 3,000 a second, and one for each idle connection of a client that does not look before it sends", name, r.Name, v))
			}
			for _, d := range u.passes {
				if d.passesTo(r) {
					notes = append(notes, u.lacks(d, v)...)
				}
			}
		}
	}
	return notes
}

// passesTo: this proxy_pass uses the route's upstream or variable.
func (d directive) passesTo(r sectionRoute) bool {
	if r.Variable != "" {
		return strings.Contains(d.args[0], "$"+r.Variable)
	}
	return slices.Contains(d.hosts(), r.Upstream)
}

// lacks says what is missing around a proxy_pass. nginx inherits proxy_set_header from the outer level only where the
// inner one has none.
func (u *userConf) lacks(pass directive, v version) []string {
	var notes []string
	say := func(what, why string) {
		notes = append(notes, fmt.Sprintf("%s: %s %s; has no %s: %s", pass.at(), pass.name, pass.args[0], what, why))
	}
	headers := map[string]string{}
	for depth := len(pass.block); depth >= 0 && len(headers) == 0; depth-- {
		for _, d := range u.directives {
			if d.name == "proxy_set_header" && len(d.args) == 2 && slices.Equal(d.block, pass.block[:depth]) {
				headers[strings.ToLower(d.args[0])] = d.args[1]
			}
		}
	}
	// 1.29.7 made both the default.
	if !v.atLeast(version{1, 29, 7}) {
		if !u.has(pass, "proxy_http_version", "1.1") {
			say("proxy_http_version 1.1", "each request opens a connection of its own to the instance")
		}
		if _, found := headers["connection"]; !found {
			say(`proxy_set_header Connection ""`, "connections to the instances are not kept")
		}
	}
	if _, found := headers["host"]; !found {
		say("proxy_set_header Host $host", "the instance sees the upstream's name as Host")
	}
	return notes
}

// has: the directive with this argument is in one of the blocks around d.
func (u *userConf) has(d directive, name, arg string) bool {
	return slices.ContainsFunc(u.directives, func(o directive) bool {
		return o.name == name && len(o.args) > 0 && o.args[0] == arg &&
			len(o.block) <= len(d.block) && slices.Equal(o.block, d.block[:len(o.block)])
	})
}
