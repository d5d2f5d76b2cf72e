package spec_test

import "testing"

func TestEurekaRefusals(t *testing.T) {
	expectRefusals(t, "Eureka", []refusal{
		{`{servers: ["http://me:secret@a/eureka", "eureka:8761", "ftp://a", "http://a?x=secret", "http://b", "http://b"], username: "a:b", caches: {responseSeconds: -1, fetchSeconds: -1, loadBalancerSeconds: -1}}`, []string{
			`spec: username and passwordFile belong together; write both or neither`,
			`spec.caches.fetchSeconds: -1 is too small; want 0 or more`,
			`spec.caches.loadBalancerSeconds: -1 is too small; want 0 or more`,
			`spec.caches.responseSeconds: -1 is too small; want 0 or more`,
			`spec.servers[0]: a user or password in a URL ends up in logs; write spec.username and spec.passwordFile instead`,
			`spec.servers[1]: not a URL; want one as http://eureka-1:8761/eureka`,
			`spec.servers[2]: must begin with http:// or https://`,
			`spec.servers[3]: must have no query and no fragment`,
			`spec.servers[5]: this server is named twice`,
			`spec.username: must not have a colon or a line's end in it`,
		}},
		{`{caFile: ca.crt}`, []string{`spec.servers: empty, so segue runs its own registry, which has no user, password or CA; name servers or leave those out`}},
		{`{}`, nil},
	})
}
