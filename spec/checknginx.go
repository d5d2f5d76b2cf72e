package spec

import (
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
)

func (c checker) nginx(n Nginx) {
	c.metadata(n.Metadata)
	s := n.Spec
	seen := map[string]bool{}
	for i, server := range s.Servers {
		path := item("spec.servers", i)
		c.exactlyOne(path, map[string]bool{"container": server.Container != "", "host": server.Host != nil, "ssh": server.SSH != nil})
		c.fits(path+".container", server.Container, containerGrammar, "a container's name")
		if server.SSH != nil {
			c.ssh(path+".ssh", *server.SSH)
		}
		enum(c, path+".reach", server.Reach)
		c.advertised(path+".advertiseAddress", server.AdvertiseAddress)
		if name := server.Name(); name != "" {
			if seen[name] {
				c.problem(path, "this server is named twice")
			}
			seen[name] = true
		}
	}
	if len(s.Servers) > 0 && s.Image != "" {
		c.problem("spec.image", "only for the nginx that segue runs itself, and here servers names others; leave it out")
	}
	c.fits("spec.image", s.Image, imageGrammar, "NAME[:TAG][@DIGEST], as nginx:1.30")
	for name, port := range map[string]*int{"httpPort": s.HTTPPort, "httpsPort": s.HTTPSPort} {
		if port != nil && (*port < 1 || *port > 65535) {
			c.problem("spec."+name, "%d is not a port; want 1 to 65535", *port)
		}
	}
	if s.HTTPPort != nil && s.HTTPSPort != nil && *s.HTTPPort == *s.HTTPSPort {
		c.problem("spec.httpsPort", "the same as httpPort")
	}
	c.internalPorts(s.InternalPorts)
	c.nginxPath("spec.confDir", s.ConfDir)
	for i, files := range s.TLS {
		path := item("spec.tls", i)
		for name, file := range map[string]string{"certFile": files.CertFile, "keyFile": files.KeyFile} {
			if file == "" {
				c.problem(below(path, name), "required")
			}
			c.nginxPath(below(path, name), file)
		}
	}
	enum(c, "spec.switch", s.Switch)
	c.atLeast("spec.keepaliveMinTimeoutSeconds", s.KeepaliveMinTimeoutSeconds, 0)
	c.atLeast("spec.lameSeconds", s.LameSeconds, 0)
}

// advertised checks what consumers dial. Spring writes it into URLs as it is, so an IPv6 address would break there.
func (c checker) advertised(path, address string) {
	if address == "" {
		return
	}
	at, err := netip.ParseAddr(address)
	switch {
	case err == nil && (!at.Is4() || at.IsUnspecified()), err != nil && (!hostnameGrammar.MatchString(address) || strings.HasPrefix(address, "*")):
		c.problem(path, "%q is not allowed; want an IPv4 address or a host name that Eureka's clients can dial", address)
	case at.IsLoopback():
		c.problem(path, "%q is every machine's and every container's own; want an address that Eureka's clients can dial", address)
	}
}

func (c checker) ssh(path string, s NginxSSH) {
	if s.Address == "" {
		c.problem(path+".address", "required")
	}
	c.fits(path+".address", s.Address, sshGrammar, "[USER@]HOST[:PORT], as ubuntu@web-1")
	if s.IdentityFile != "" && !cleanAbsolute(s.IdentityFile) {
		c.problem(path+".identityFile", "%q is not allowed; want a clean absolute path on the machine on which segue runs", s.IdentityFile)
	}
}

// nginxPath checks a path that stands in nginx's configuration.
func (c checker) nginxPath(path, file string) {
	if file != "" && (!nginxFile.MatchString(file) || filepath.Clean(file) != file) {
		c.problem(path, "%q is not allowed; want a clean absolute path of letters, digits and . _ + @ = -", file)
	}
}

func (c checker) internalPorts(written string) {
	const path = "spec.internalPorts"
	if written == "" {
		return
	}
	parts := portSpanGrammar.FindStringSubmatch(written)
	if parts == nil {
		c.problem(path, "%q is not a range of ports; write it as \"21000-21999\"", written)
		return
	}
	low, _ := strconv.Atoi(parts[1]) // digits, says the grammar
	high, _ := strconv.Atoi(parts[2])
	if low < 1 || high > 65535 || high <= low {
		c.problem(path, "%q is not a range of two or more ports from 1 to 65535", written)
	}
}
