package spec_test

import "testing"

func TestRouteRefusals(t *testing.T) {
	expectRefusals(t, "Deployment", []refusal{
		{`{routes: {a: {internal: true, hostnames: [x.y]}, b: {internal: true, balance: ip_hash, maxBodySize: 1Mi}}, TEMPLATE(ports: [{containerPort: 80}])}`, []string{
			"spec.routes.a: hostnames/paths/stripPrefix/maxBodySize and internal exclude each other; keep one",
			"spec.routes.b.balance: ip_hash would send all of an internal route to one instance, as its callers come from one address; say round_robin or least_conn",
			"spec.routes.b.internal: route a is internal, too, and both would be http://NAME, NAME being the Deployment's; make one Deployment for each, or have one of them by hostname",
		}},
		{`{routes: {A: {}, b: {upstream: x, variable: v}, c: {upstream: x, paths: [/]}}, TEMPLATE(ports: [{containerPort: 1}])}`, []string{
			`spec.routes.A: "A" is not allowed as a route's name; want at most 15 lower-case letters, digits and -`,
			`spec.routes.b: upstream and variable exclude each other; keep one`,
			`spec.routes.c: hostnames/paths/stripPrefix/maxBodySize and upstream exclude each other; keep one`,
		}},
		{`{routes: {a: {nginx: "a;b", upstream: "x y"}, b: {variable: $u}, c: {variable: "a-b"}, d: {variable: v}, e: {variable: v}}, TEMPLATE(ports: [{containerPort: 1}])}`, []string{
			`spec.routes.a.nginx: "a;b" is not allowed; want NAME or NAMESPACE.NAME of an Nginx object`,
			`spec.routes.a.upstream: "x y" is not allowed; want the name in your proxy_pass http://NAME: letters, digits, _ . and -`,
			`spec.routes.b.variable: write it without the $: u`,
			`spec.routes.c.variable: "a-b" is not allowed; want a variable's name without $, as service_url`,
			`spec.routes.e.variable: route d sets $v, too`,
		}},
		{`{routes: {a: {hostnames: ["", Shop.example, "a b", a, a, "*.ok.example", "*"], paths: ["", api, "/a{b", /a/../b, /a, /a/, /, //], maxBodySize: 1mb, balance: random, timeoutSeconds: 0}}, TEMPLATE(ports: [{containerPort: 1}])}`, []string{
			`spec.routes.a.balance: unknown value "random"; want round_robin, least_conn, ip_hash`,
			`spec.routes.a.hostnames[0]: empty; leave hostnames out for all`,
			`spec.routes.a.hostnames[1]: write it in lower case: shop.example`,
			`spec.routes.a.hostnames[2]: "a b" is not a host name; want one as shop.example.com or *.example.com`,
			`spec.routes.a.hostnames[4]: "a" stands here twice`,
			`spec.routes.a.hostnames[6]: "*" is not a host name; want one as shop.example.com or *.example.com`,
			`spec.routes.a.maxBodySize: "1mb" is not allowed; want a size, as 512Mi or 1Gi`,
			`spec.routes.a.paths[0]: empty; write "/" for all`,
			`spec.routes.a.paths[1]: must begin with /; write "/api"`,
			`spec.routes.a.paths[2]: "/a{b" is not allowed as a path; want parts of letters, digits and . _ ~ ! & ( ) * + , = : @ - between single slashes`,
			`spec.routes.a.paths[3]: "/a/../b" is not allowed as a path; want parts of letters, digits and . _ ~ ! & ( ) * + , = : @ - between single slashes`,
			`spec.routes.a.paths[5]: "/a/" stands here twice`,
			`spec.routes.a.paths[7]: "//" is not allowed as a path; want parts of letters, digits and . _ ~ ! & ( ) * + , = : @ - between single slashes`,
			`spec.routes.a.timeoutSeconds: 0 is too small; want 1 or more`,
		}},
		{`{routes: {http: {}, x: {port: z}}, TEMPLATE(ports: [{name: a, containerPort: 1}, {name: b, containerPort: 2}])}`, []string{
			`spec.routes.http.port: there are 2 ports; name one (a, b)`,
			`spec.routes.x.port: no port "z" among spec.template.ports (a, b)`,
		}},
	})
}
