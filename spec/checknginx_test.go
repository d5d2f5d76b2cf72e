package spec_test

import "testing"

func TestNginxRefusals(t *testing.T) {
	expectRefusals(t, "Nginx", []refusal{
		{`{servers: [{host: {}, advertiseAddress: "::1"}, {container: ab, advertiseAddress: 127.0.0.1}, {container: cd, advertiseAddress: web.example.com}]}`, []string{
			`spec.servers[0].advertiseAddress: "::1" is not allowed; want an IPv4 address or a host name that Eureka's clients can dial`,
			`spec.servers[1].advertiseAddress: "127.0.0.1" is every machine's and every container's own; want an address that Eureka's clients can dial`,
		}},
		{`{servers: [{container: aa}, {container: aa}, {host: {}}, {host: {}}, {}, {container: "a b"}, {container: cc, host: {}}], image: "a b"}`, []string{
			`spec.image: "a b" is not allowed; want NAME[:TAG][@DIGEST], as nginx:1.30`,
			`spec.image: only for the nginx that segue runs itself, and here servers names others; leave it out`,
			`spec.servers[1]: this server is named twice`,
			`spec.servers[3]: this server is named twice`,
			`spec.servers[4]: want exactly one of container, host, ssh`,
			`spec.servers[5].container: "a b" is not allowed; want a container's name`,
			`spec.servers[6]: container and host exclude each other; keep one`,
			`spec.servers[6]: this server is named twice`,
		}},
		{`{servers: [{ssh: {}}, {ssh: {address: "web-1; reboot", identityFile: key}}, {ssh: {address: root@-oProxyCommand=x}}, {ssh: {address: a@web-1}}, {ssh: {address: b@web-1}, reach: host}, {ssh: {address: "[::1]:22"}}]}`, []string{
			`spec.servers[0].ssh.address: required`,
			`spec.servers[1].ssh.address: "web-1; reboot" is not allowed; want [USER@]HOST[:PORT], as ubuntu@web-1`,
			`spec.servers[1].ssh.identityFile: "key" is not allowed; want a clean absolute path on the machine on which segue runs`,
			`spec.servers[2].ssh.address: "root@-oProxyCommand=x" is not allowed; want [USER@]HOST[:PORT], as ubuntu@web-1`,
			`spec.servers[4].reach: unknown value "host"; did you mean "Host"?`,
			`spec.servers[4]: this server is named twice`,
		}},
		{`{httpPort: 0, httpsPort: 70000, internalPorts: 21000, confDir: "/etc/a b", tls: [{certFile: "/a;b", keyFile: /a/../b}], switch: reload, keepaliveMinTimeoutSeconds: -1, lameSeconds: -1}`, []string{
			`spec.confDir: "/etc/a b" is not allowed; want a clean absolute path of letters, digits and . _ + @ = -`,
			`spec.httpPort: 0 is not a port; want 1 to 65535`,
			`spec.httpsPort: 70000 is not a port; want 1 to 65535`,
			`spec.internalPorts: "21000" is not a range of ports; write it as "21000-21999"`,
			`spec.keepaliveMinTimeoutSeconds: -1 is too small; want 0 or more`,
			`spec.lameSeconds: -1 is too small; want 0 or more`,
			`spec.switch: unknown value "reload"; did you mean "Reload"?`,
			`spec.tls[0].certFile: "/a;b" is not allowed; want a clean absolute path of letters, digits and . _ + @ = -`,
			`spec.tls[0].keyFile: "/a/../b" is not allowed; want a clean absolute path of letters, digits and . _ + @ = -`,
		}},
		{`{httpPort: 80, httpsPort: 80, internalPorts: "22000-21999", tls: [{}]}`, []string{
			`spec.httpsPort: the same as httpPort`,
			`spec.internalPorts: "22000-21999" is not a range of two or more ports from 1 to 65535`,
			`spec.tls[0].certFile: required`,
			`spec.tls[0].keyFile: required`,
		}},
	})
}
