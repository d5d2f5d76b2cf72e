package spec

import (
	"net/url"
	"slices"
	"strings"
)

func (c checker) eureka(e Eureka) {
	c.metadata(e.Metadata)
	s := e.Spec
	for i, server := range s.Servers {
		c.eurekaURL(item("spec.servers", i), server)
		if slices.Index(s.Servers, server) < i {
			c.problem(item("spec.servers", i), "this server is named twice")
		}
	}
	if len(s.Servers) == 0 && (s.Username != "" || s.PasswordFile != "" || s.CAFile != "") {
		c.problem("spec.servers", "empty, so segue runs its own registry, which has no user, password or CA; name servers or leave those out")
	}
	enum(c, "spec.reach", s.Reach)
	if len(s.Servers) == 0 && s.Reach == ReachHost {
		c.problem("spec.reach", "Host is for consumers on other machines, and segue's own registry is not published on this one; name servers that they reach, or leave reach out")
	}
	if (s.Username == "") != (s.PasswordFile == "") {
		c.problem("spec", "username and passwordFile belong together; write both or neither")
	}
	if strings.ContainsAny(s.Username, ":\r\n\x00") {
		c.problem("spec.username", "must not have a colon or a line's end in it")
	}
	c.atLeast("spec.caches.responseSeconds", s.Caches.ResponseSeconds, 0)
	c.atLeast("spec.caches.fetchSeconds", s.Caches.FetchSeconds, 0)
	c.atLeast("spec.caches.loadBalancerSeconds", s.Caches.LoadBalancerSeconds, 0)
}

// eurekaURL never repeats the URL: there may be a password in it.
func (c checker) eurekaURL(path, server string) {
	u, err := url.Parse(server)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		c.problem(path, "not a URL; want one as http://eureka-1:8761/eureka")
	case u.User != nil:
		c.problem(path, "a user or password in a URL ends up in logs; write spec.username and spec.passwordFile instead")
	case u.Scheme != "http" && u.Scheme != "https":
		c.problem(path, "must begin with http:// or https://")
	case u.RawQuery != "" || u.Fragment != "":
		c.problem(path, "must have no query and no fragment")
	}
}
