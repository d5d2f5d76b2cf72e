package nginx

import (
	"fmt"
	"strings"
)

// servers renders servers.conf: a server for each hostname, and one for all others.
func (f frame) servers(sections map[string]section) (string, error) {
	byHost := map[string][]location{}
	for _, name := range sortedKeys(sections) {
		for _, l := range sections[name].Locations {
			byHost[l.Host] = append(byHost[l.Host], l)
		}
	}
	var t strings.Builder
	if _, found := byHost[""]; !found && (f.own || len(byHost) > 0) {
		f.nobody(&t)
	}
	for _, host := range sortedKeys(byHost) {
		var body strings.Builder
		for _, l := range byHost[host] {
			body.WriteString(l.Text)
		}
		if err := f.server(&t, host, body.String()); err != nil {
			return "", err
		}
	}
	return t.String(), nil
}

// listens are the arguments of listen for plain and for encrypted requests. A server of segue's own listens on 80 and
// 443 inside its container, whatever port is published.
func (f frame) listens(host string) (plain, secure string) {
	http, https := seconds(f.spec.HTTPPort, 80), seconds(f.spec.HTTPSPort, 443)
	if f.own {
		http, https = 80, 443
	}
	plain, secure = itoa(http), itoa(https)+" ssl"
	if f.own && host == "" {
		plain, secure = plain+" default_server", secure+" default_server"
	}
	return plain, secure
}

// nobody answers hostnames that no route names: else nginx would have the first server do it, which is some other
// Deployment's. In a user's own nginx it is the first of segue's, and not the default server where he has one.
func (f frame) nobody(t *strings.Builder) {
	plain, secure := f.listens("")
	name := "_"
	if !f.own {
		name = "segue.unnamed" // the user may have a server _ himself
	}
	fmt.Fprintf(t, "server {\n    listen %s;\n    server_name %s;\n%s    location / { return 404; }\n}\n", plain, name, f.short())
	if len(f.pairs) > 0 && f.version.atLeast(version{1, 19, 4}) {
		fmt.Fprintf(t, "server {\n    listen %s;\n    server_name %s;\n    ssl_reject_handshake on;\n}\n", secure, name)
	}
}

// short ends the connection after an answer that no instance gave, where a reload would cut it.
func (f frame) short() string {
	if f.lame() {
		return "    keepalive_timeout 0;\n"
	}
	return ""
}

// server renders the server of one hostname; "" are all that nobody names.
func (f frame) server(t *strings.Builder, host, body string) error {
	// A regular expression is the last that nginx tries, so it takes what nobody names.
	names := "~^ \"\""
	if host != "" {
		names = host
	}
	plain, secure := f.listens(host)
	pair, found := pick(f.pairs, host)
	if !found {
		fmt.Fprintf(t, "server {\n    listen %s;\n    server_name %s;\n%s}\n", plain, names, body)
		return nil
	}
	port := ""
	if p := seconds(f.spec.HTTPSPort, 443); p != 443 {
		port = ":" + itoa(p)
	}
	fmt.Fprintf(t, "server {\n    listen %s;\n    server_name %s;\n%s    location / { return 308 https://$host%s$request_uri; }\n}\n", plain, names, f.short(), port)
	if err := fitsFile("certFile", pair.files.CertFile); err != nil {
		return err
	}
	if err := fitsFile("keyFile", pair.files.KeyFile); err != nil {
		return err
	}
	if f.version.hasHTTP2Directive() {
		fmt.Fprintf(t, "server {\n    listen %s;\n    http2 on;\n", secure)
	} else {
		fmt.Fprintf(t, "server {\n    listen %s http2;\n", secure)
	}
	// The hash of both files: a renewed certificate is another generation, and so a reload.
	fmt.Fprintf(t, "    server_name %s;\n    ssl_certificate %s; # %s\n    ssl_certificate_key %s;\n%s}\n",
		names, pair.files.CertFile, pair.hash, pair.files.KeyFile, body)
	return nil
}
