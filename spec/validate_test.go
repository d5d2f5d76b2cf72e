package spec_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/segue-dev/segue/spec"
)

// TestRefusals: each rule, and what it says. The templates have an image; a case adds what it is about.
func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		kind string
		// written is the object's spec in YAML's flow style; TEMPLATE(…) is a template with an image and more.
		written string
		// want are the problems, each PATH: MESSAGE.
		want []string
	}{
		{"Deployment", `{template: {}}`, []string{"spec.template.image: required"}},
		{"Deployment", `{eureka: {nginx: edge, balance: ip_hash, timeoutSeconds: 5}, TEMPLATE(ports: [{containerPort: 80}])}`, []string{
			"spec.eureka.balance: only for mode: Proxied, in which Eureka's clients call nginx; leave it out or say so",
			"spec.eureka.nginx: only for mode: Proxied, in which Eureka's clients call nginx; leave it out or say so",
			"spec.eureka.timeoutSeconds: only for mode: Proxied, in which Eureka's clients call nginx; leave it out or say so",
		}},
		{"Deployment", `{eureka: {mode: Proxied, nginx: "a b", timeoutSeconds: 0}, routes: {eureka: {}}, TEMPLATE(ports: [{containerPort: 80}])}`, []string{
			`spec.eureka.nginx: "a b" is not allowed; want NAME or NAMESPACE.NAME of an Nginx object`,
			"spec.eureka.timeoutSeconds: 0 is too small; want 1 or more",
			"spec.routes.eureka: mode Proxied has a route of this name of its own; give yours another one",
		}},
		{"Deployment", `{eureka: {mode: Proxied}, strategy: {type: BlueGreen}, TEMPLATE(ports: [{containerPort: 80}])}`, nil},
		{"Deployment", `{routes: {a: {internal: true, hostnames: [x.y]}, b: {internal: true, balance: ip_hash, maxBodySize: 1Mi}}, TEMPLATE(ports: [{containerPort: 80}])}`, []string{
			"spec.routes.a: hostnames/paths/stripPrefix/maxBodySize and internal exclude each other; keep one",
			"spec.routes.b.balance: ip_hash would send all of an internal route to one instance, as its callers come from one address; say round_robin or least_conn",
			"spec.routes.b.internal: route a is internal, too, and both would be http://NAME, NAME being the Deployment's; make one Deployment for each, or have one of them by hostname",
		}},
		{"Nginx", `{servers: [{host: {}, advertiseAddress: "::1"}, {container: ab, advertiseAddress: 127.0.0.1}, {container: cd, advertiseAddress: web.example.com}]}`, []string{
			`spec.servers[0].advertiseAddress: "::1" is not allowed; want an IPv4 address or a host name that Eureka's clients can dial`,
			`spec.servers[1].advertiseAddress: "127.0.0.1" is every machine's and every container's own; want an address that Eureka's clients can dial`,
		}},
		{"Deployment", `{}`, []string{"spec.template: required"}},
		{"Deployment", `{replicas: -1, TEMPLATE()}`, []string{"spec.replicas: -1 is too small; want 0 or more"}},
		{"Deployment", `{minReadySeconds: -1, drainTimeoutSeconds: -1, revisionHistoryLimit: -1, progressDeadlineSeconds: 0, TEMPLATE()}`, []string{
			"spec.drainTimeoutSeconds: -1 is too small; want 0 or more",
			"spec.minReadySeconds: -1 is too small; want 0 or more",
			"spec.progressDeadlineSeconds: 0 is too small; want 1 or more",
			"spec.revisionHistoryLimit: -1 is too small; want 0 or more",
		}},
		{"Deployment", `{minReadySeconds: 60, progressDeadlineSeconds: 60, TEMPLATE()}`, []string{
			"spec.progressDeadlineSeconds: must be more than minReadySeconds (60), or no instance could ever be ready in time",
		}},

		{"Deployment", `{TEMPLATE(volumes: ["data:/data", "/a:/b", "ro:/c:ro"])}`, []string{
			"spec.strategy.type: required here: data, /a is mounted read-write and two revisions would share it; say Recreate, or RollingUpdate if they may",
		}},
		{"Deployment", `{TEMPLATE(volumes: ["data:/data:ro"])}`, nil},
		{"Deployment", `{strategy: {type: RollingUpdate}, TEMPLATE(volumes: ["data:/data"])}`, nil},
		{"Deployment", `{strategy: {blueGreen: {}}, TEMPLATE()}`, []string{
			"spec.strategy.blueGreen: excluded by type: RollingUpdate; leave the block out or say type: BlueGreen",
		}},
		{"Deployment", `{strategy: {type: Recreate, rollingUpdate: {}}, TEMPLATE()}`, []string{
			"spec.strategy.rollingUpdate: excluded by type: Recreate; leave the block out or say type: RollingUpdate",
		}},
		{"Deployment", `{strategy: {type: BlueGreen}, TEMPLATE()}`, []string{
			"spec.strategy.type: BlueGreen has nothing to switch: there are neither spec.routes nor spec.eureka; add one, or say RollingUpdate",
		}},
		{"Deployment", `{strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}}, TEMPLATE()}`, []string{
			"spec.strategy.rollingUpdate: maxSurge and maxUnavailable are both 0, so nothing could ever be replaced; make one at least 1",
		}},
		{"Deployment", `{strategy: {rollingUpdate: {maxSurge: 0}}, TEMPLATE()}`, nil},
		{"Deployment", `{strategy: {type: BlueGreen, blueGreen: {scaleDownDelaySeconds: -1}}, routes: {http: {}}, TEMPLATE(ports: [{containerPort: 80}])}`, []string{
			"spec.strategy.blueGreen.scaleDownDelaySeconds: -1 is too small; want 0 or more",
		}},

		{"Deployment", `{strategy: {type: BlueGreen, blueGreen: {slots: {a: {hostPort: 1}}}}, replicas: 2, routes: {http: {}}, TEMPLATE(ports: [{containerPort: 80}])}`, []string{
			"spec.replicas: 2; must be 1 with slots, as each slot holds one instance",
			"spec.strategy.blueGreen.slots: 1 slot; want exactly 2 that take turns",
		}},
		{"Deployment", `{strategy: {type: BlueGreen, blueGreen: {slots: {a: {hostPort: 81}, "b c": {hostPort: 81, hostIP: here}, }}}, eureka: {}, TEMPLATE(ports: [{containerPort: 80}])}`, []string{
			`spec.strategy.blueGreen.slots["b c"]: "b c" is not allowed as a slot's name; want at most 32 letters, digits, - and _`,
			`spec.strategy.blueGreen.slots["b c"].hostIP: "here" is not an IP address`,
		}},
		{"Deployment", `{strategy: {type: BlueGreen, blueGreen: {slots: {a: {hostPort: 81}, b: {hostPort: 81, hostIP: 127.0.0.1, env: {1A: x}}}}}, routes: {http: {}}, TEMPLATE(ports: [{containerPort: 80}])}`, []string{
			`spec.strategy.blueGreen.slots.b.env.1A: "1A" is not allowed; want letters, digits, _ . and -, not a digit first`,
			"spec.strategy.blueGreen.slots.b.hostPort: 127.0.0.1:81 is slot a's, too; both slots run during a switch",
		}},
		{"Deployment", `{strategy: {type: BlueGreen, blueGreen: {slots: {a: {hostPort: 70000}, b: {hostIP: 127.0.0.1}}}}, routes: {a: {port: x}, b: {port: x}}, TEMPLATE(ports: [{name: x, containerPort: 80}, {containerPort: 81}])}`, []string{
			"spec.strategy.blueGreen.slots.a.hostPort: 70000 is not a port; want 1 to 65535",
			"spec.strategy.blueGreen.slots.a.hostPort: unclear which of the container's ports to publish: there are 2 ports; name one (x)",
			"spec.strategy.blueGreen.slots.b.hostIP: without hostPort it publishes nothing; add hostPort or leave it out",
		}},

		{"Deployment", `{TEMPLATE(ports: [{containerPort: 80, hostPort: 80}])}`, []string{
			"spec.template.ports[0].hostPort: the old and the new instance of a RollingUpdate cannot both have port 80 of the host" + waysOut,
		}},
		{"Deployment", `{strategy: {type: BlueGreen}, eureka: {}, TEMPLATE(ports: [{containerPort: 80, hostPort: 80}])}`, []string{
			"spec.template.ports[0].hostPort: blue and green cannot both have port 80 of the host" + waysOut,
		}},
		{"Deployment", `{strategy: {type: Recreate}, replicas: 2, TEMPLATE(ports: [{containerPort: 80, hostPort: 80}])}`, []string{
			"spec.template.ports[0].hostPort: 2 replicas cannot all have port 80 of the host" + waysOut,
		}},
		{"Deployment", `{strategy: {type: Recreate}, TEMPLATE(ports: [{containerPort: 80, hostPort: 80, hostIP: "::1"}])}`, nil},
		{"Deployment", `{strategy: {type: Recreate}, TEMPLATE(ports: [{name: A, containerPort: 0}, {name: a, containerPort: 80, hostPort: 1}, {name: a, containerPort: 80, hostPort: 1}, {name: 80, containerPort: 70000, appProtocol: grpc}, {containerPort: 1, appProtocol: tcp}])}`, []string{
			`spec.template.ports[0].containerPort: required: 1 to 65535`,
			`spec.template.ports[0].name: "A" is not allowed; want at most 15 lower-case letters, digits and -`,
			`spec.template.ports[2].containerPort: 80 stands here twice`,
			`spec.template.ports[2].hostPort: 127.0.0.1:1 stands here twice`,
			`spec.template.ports[2].name: "a" is another port's name, too`,
			`spec.template.ports[3].appProtocol: grpc: not built yet in this version of segue; leave it out`,
			`spec.template.ports[3].containerPort: 70000 is not a port; want 1 to 65535`,
			`spec.template.ports[3].name: "80" reads as a number; use a letter`,
			`spec.template.ports[4].appProtocol: unknown value "tcp"; want http, https`,
		}},

		{"Deployment", `{dependsOn: ["", a, a, A, x], adopt: [{}, {container: c, address: "1.2.3.4:5"}, {address: "localhost:80"}, {address: "a:b"}, {address: "0.0.0.0:1"}, {container: "a b", eurekaId: "a/b"}, {container: old, port: 70000}, {address: "1.2.3.4:5", port: 5}], TEMPLATE()}`, []string{
			`spec.adopt[0]: want exactly one of address, container`,
			`spec.adopt[1]: address and container exclude each other; keep one`,
			`spec.adopt[1].container: "c" is not allowed; want a container's name`,
			`spec.adopt[2].address: want an IP address; write "127.0.0.1:80"`,
			`spec.adopt[3].address: "a:b" is not ADDRESS:PORT, as 127.0.0.1:8081`,
			`spec.adopt[4].address: "0.0.0.0:1" cannot be dialled; want an address and a port, as 127.0.0.1:8081`,
			`spec.adopt[5].container: "a b" is not allowed; want a container's name`,
			`spec.adopt[5].eurekaId: "a/b" is not allowed; want an instance id as Eureka shows it`,
			`spec.adopt[6].port: 70000 is not a port; want 1 to 65535`,
			`spec.adopt[7].port: only with container; an address has its port already`,
			`spec.dependsOn[0]: empty; write a Deployment's name`,
			`spec.dependsOn[2]: "a" is named twice`,
			`spec.dependsOn[3]: "A" is not allowed; want NAME or NAMESPACE.NAME`,
			`spec.dependsOn[4]: it depends on itself`,
		}},
		{"Deployment", `{eureka: {registry: "a b", app: "a b", mode: self, port: x, metadata: {"a b": c}}, TEMPLATE(ports: [{name: http, containerPort: 1}], env: {SPRING_APPLICATION_JSON: "[]"})}`, []string{
			`spec.eureka.app: "a b" is not allowed; want letters, digits, - _ and .`,
			`spec.eureka.metadata["a b"]: "a b" is not allowed; want letters, digits, _ . and -, not a digit first`,
			`spec.eureka.mode: unknown value "self"; did you mean "Self"?`,
			`spec.eureka.port: no port "x" among spec.template.ports (http)`,
			`spec.eureka.registry: "a b" is not allowed; want NAME or NAMESPACE.NAME of a Eureka object`,
			`spec.template.env.SPRING_APPLICATION_JSON: not a JSON object, and segue merges into it what makes dark start and drain safe; mend it, or say spec.eureka.inject: false`,
		}},
		{"Deployment", `{eureka: {inject: false}, TEMPLATE(ports: [{containerPort: 1}], env: {SPRING_APPLICATION_JSON: "[]"})}`, nil},
		{"Deployment", `{eureka: {}, TEMPLATE()}`, []string{"spec.eureka.port: spec.template.ports is empty; write [{containerPort: 8080}]"}},

		{"Deployment", `{routes: {A: {}, b: {upstream: x, variable: v}, c: {upstream: x, paths: [/]}}, TEMPLATE(ports: [{containerPort: 1}])}`, []string{
			`spec.routes.A: "A" is not allowed as a route's name; want at most 15 lower-case letters, digits and -`,
			`spec.routes.b: upstream and variable exclude each other; keep one`,
			`spec.routes.c: hostnames/paths/stripPrefix/maxBodySize and upstream exclude each other; keep one`,
		}},
		{"Deployment", `{routes: {a: {nginx: "a;b", upstream: "x y"}, b: {variable: $u}, c: {variable: "a-b"}, d: {variable: v}, e: {variable: v}}, TEMPLATE(ports: [{containerPort: 1}])}`, []string{
			`spec.routes.a.nginx: "a;b" is not allowed; want NAME or NAMESPACE.NAME of an Nginx object`,
			`spec.routes.a.upstream: "x y" is not allowed; want the name in your proxy_pass http://NAME: letters, digits, _ . and -`,
			`spec.routes.b.variable: write it without the $: u`,
			`spec.routes.c.variable: "a-b" is not allowed; want a variable's name without $, as service_url`,
			`spec.routes.e.variable: route d sets $v, too`,
		}},
		{"Deployment", `{routes: {a: {hostnames: ["", Shop.example, "a b", a, a, "*.ok.example", "*"], paths: ["", api, "/a{b", /a/../b, /a, /a/, /, //], maxBodySize: 1mb, balance: random, timeoutSeconds: 0}}, TEMPLATE(ports: [{containerPort: 1}])}`, []string{
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
		{"Deployment", `{routes: {http: {}, x: {port: z}}, TEMPLATE(ports: [{name: a, containerPort: 1}, {name: b, containerPort: 2}])}`, []string{
			`spec.routes.http.port: there are 2 ports; name one (a, b)`,
			`spec.routes.x.port: no port "z" among spec.template.ports (a, b)`,
		}},

		{"Deployment", `{TEMPLATE(startupProbe: {}, readinessProbe: {httpGet: {}, exec: {command: []}, successThreshold: 2}, livenessProbe: {tcpSocket: {port: x}, successThreshold: 2, initialDelaySeconds: -1, periodSeconds: 0, timeoutSeconds: 0, failureThreshold: 0}, ports: [{containerPort: 1}])}`, []string{
			`spec.template.livenessProbe.failureThreshold: 0 is too small; want 1 or more`,
			`spec.template.livenessProbe.initialDelaySeconds: -1 is too small; want 0 or more`,
			`spec.template.livenessProbe.periodSeconds: 0 is too small; want 1 or more`,
			`spec.template.livenessProbe.successThreshold: must be 1 for a livenessProbe, as in Kubernetes`,
			`spec.template.livenessProbe.tcpSocket.port: no port "x" among spec.template.ports`,
			`spec.template.livenessProbe.timeoutSeconds: 0 is too small; want 1 or more`,
			`spec.template.readinessProbe: exec and httpGet exclude each other; keep one`,
			`spec.template.readinessProbe.exec.command: empty; write a list, as ["test", "-f", "/tmp/ready"]`,
			`spec.template.startupProbe: want exactly one of exec, httpGet, tcpSocket`,
		}},
		{"Deployment", `{TEMPLATE(readinessProbe: {httpGet: {path: x, port: 0, scheme: https, headers: {"a b": x, c: "x\ny"}, expect: {status: "200–399", matches: "(", json: {"": x}}}}, warmup: [{path: "/a b", port: 1, expect: {status: "399-200"}}, {path: "", port: 70000, method: get, body: x, timeoutSeconds: 0, repeat: 0}, {path: /x, port: 1, body: x, repeat: 10001}])}`, []string{
			`spec.template.readinessProbe.httpGet.expect.json: a path is empty; write one, as components.db.status`,
			"spec.template.readinessProbe.httpGet.expect.matches: not a regular expression (RE2): error parsing regexp: missing closing ): `(`",
			`spec.template.readinessProbe.httpGet.expect.status: "200–399" is not allowed; want codes and ranges, as "200-399" or "200,204"`,
			`spec.template.readinessProbe.httpGet.headers["a b"]: "a b" is not the name of a header`,
			`spec.template.readinessProbe.httpGet.headers.c: a header is one line`,
			`spec.template.readinessProbe.httpGet.path: must begin with /; write "/x"`,
			`spec.template.readinessProbe.httpGet.port: 0 is not a port; want 1 to 65535`,
			`spec.template.readinessProbe.httpGet.scheme: unknown value "https"; did you mean "HTTPS"?`,
			`spec.template.warmup[0].expect.status: 399-200 runs backwards; write 200-399`,
			`spec.template.warmup[0].path: "/a b" is not a path; escape what a URL cannot hold, as %20`,
			`spec.template.warmup[1].method: unknown value "get"; did you mean "GET"?`,
			`spec.template.warmup[1].path: required`,
			`spec.template.warmup[1].port: 70000 is not a port; want 1 to 65535`,
			`spec.template.warmup[1].repeat: 0 is too small; want 1 or more`,
			`spec.template.warmup[1].timeoutSeconds: 0 is too small; want 1 or more`,
			`spec.template.warmup[2].body: a GET or HEAD has none; say method: POST`,
			`spec.template.warmup[2].repeat: 10001 is too many; want at most 10000`,
		}},

		{"Deployment", `{TEMPLATE(imagePullPolicy: always, workingDir: a/b, user: "a b", labels: {"a b": x, segue.dev/x: v, z: "a b"}, env: {"A=B": x, C: "x\0y", "": z}, envFrom: [{file: ""}], aliases: [x], networks: ["", segue, host, "a b", ab, ab])}`, []string{
			`spec.template.aliases: only with strategy.type: Recreate: Docker's DNS would send traffic to instances that start or stop`,
			`spec.template.env: a name is empty`,
			`spec.template.env.C: a NUL byte cannot stand in an environment`,
			`spec.template.env["A=B"]: "A=B" is not allowed; want letters, digits, _ . and -, not a digit first`,
			`spec.template.envFrom[0].file: required`,
			`spec.template.imagePullPolicy: unknown value "always"; did you mean "Always"?`,
			`spec.template.labels.z: "a b" is not a label's value; want at most 63 letters, digits, - _ .`,
			`spec.template.labels["a b"]: "a b" is not a label's key; want letters, digits, - _ . and at most one /`,
			`spec.template.labels["segue.dev/x"]: labels under segue.dev/ are segue's own`,
			`spec.template.networks[0]: empty; write a Docker network's name`,
			`spec.template.networks[1]: every instance is on segue's own network anyway; leave it out`,
			`spec.template.networks[2]: Docker's host network cannot be joined beside segue's; name one made with docker network create`,
			`spec.template.networks[3]: "a b" is not allowed; want a Docker network's name`,
			`spec.template.networks[5]: "ab" is named twice`,
			`spec.template.user: "a b" is not allowed; want USER[:GROUP], names or numbers`,
			`spec.template.workingDir: "a/b" is not a clean absolute path`,
		}},
		{"Deployment", `{strategy: {type: Recreate}, TEMPLATE(aliases: ["a b"])}`, []string{`spec.template.aliases[0]: "a b" is not allowed; want a host name`}},
		{"Deployment", `{strategy: {type: Recreate}, TEMPLATE(volumes: [data, "a:/b:rw", "a:/b:z", "./a:/b", "/a/../b:/c", "a b:/c", "data:c", "data:/d", "more:/d"], files: {/d: {content: x}, e: {content: x}, /f: {content: x, mode: rw}, /g: {source: a/, content: ""}})}`, []string{
			`spec.template.files["/d"]: /d is taken by spec.template.volumes[8]`,
			`spec.template.files["/f"].mode: "rw" is not allowed; want three octal digits, as "0444"`,
			`spec.template.files["/g"]: content and source exclude each other; keep one`,
			`spec.template.files["/g"].source: "a/" is not a file's path`,
			`spec.template.files.e: "e" is not a clean absolute path in the container`,
			`spec.template.volumes[0]: "data" is not SOURCE:TARGET[:ro], as pgdata:/var/lib/postgresql/data`,
			`spec.template.volumes[1]: "a:/b:rw": read-write is what it is without a third part; leave :rw out`,
			`spec.template.volumes[2]: "a:/b:z": the third part may only be ro`,
			`spec.template.volumes[3]: "./a:/b": a path of the host must be absolute`,
			`spec.template.volumes[4]: "/a/../b:/c": /a/../b is not a clean absolute path`,
			`spec.template.volumes[5]: "a b:/c": "a b" is neither an absolute path nor a volume's name`,
			`spec.template.volumes[6]: "data:c": "c" is not a clean absolute path in the container`,
			`spec.template.volumes[8]: /d is taken by spec.template.volumes[7]`,
		}},
		{"Deployment", `{TEMPLATE(resources: {limits: {cpu: 0.5, memory: 512m}, requests: {cpu: 1, memory: x}})}`, []string{
			`spec.template.resources.limits.memory: "512m" is not a quantity of memory; write "512Mi"`,
			`spec.template.resources.requests.cpu: more than the limit 0.5`,
			`spec.template.resources.requests.memory: "x" is not a quantity of memory; write it as "512Mi" or "1Gi"`,
		}},
		{"Deployment", `{TEMPLATE(resources: {limits: {cpu: 1 core, memory: 1Mi}, requests: {memory: 2Mi}})}`, []string{
			`spec.template.resources.limits.cpu: "1 core" is not a quantity of processors; write it as "500m" or "2"`,
			`spec.template.resources.limits.memory: "1Mi" is below the 6Mi that Docker takes at least`,
			`spec.template.resources.requests.memory: more than the limit 1Mi`,
		}},
		{"Deployment", `{TEMPLATE(terminationGracePeriodSeconds: -1, lifecycle: {stopSignal: term})}`, []string{
			`spec.template.lifecycle.stopSignal: "term" is not a signal's name; write SIGTERM`,
			`spec.template.terminationGracePeriodSeconds: -1 is too small; want 0 or more`,
		}},
		{"Deployment", `{TEMPLATE(lifecycle: {stopSignal: "15", preStop: {sleep: {seconds: 31}, exec: {command: [""]}}})}`, []string{
			`spec.template.lifecycle.preStop: exec and sleep exclude each other; keep one`,
			`spec.template.lifecycle.preStop.exec.command: empty; write a list, as ["test", "-f", "/tmp/ready"]`,
			`spec.template.lifecycle.preStop.sleep.seconds: 31 is longer than the grace of 30 (terminationGracePeriodSeconds), which it is part of`,
			`spec.template.lifecycle.stopSignal: "15" is not a signal's name; want one as SIGTERM or SIGRTMIN+3`,
		}},
		{"Deployment", `{eureka: {}, TEMPLATE(ports: [{containerPort: 1}], lifecycle: {stopSignal: SIGRTMIN+3, preStop: {sleep: {seconds: 31}}})}`, nil},

		{"Nginx", `{servers: [{container: aa}, {container: aa}, {host: {}}, {host: {}}, {}, {container: "a b"}, {container: cc, host: {}}], image: "a b"}`, []string{
			`spec.image: "a b" is not allowed; want NAME[:TAG][@DIGEST], as nginx:1.30`,
			`spec.image: only for the nginx that segue runs itself, and here servers names others; leave it out`,
			`spec.servers[1]: this server is named twice`,
			`spec.servers[3]: this server is named twice`,
			`spec.servers[4]: want exactly one of container, host, ssh`,
			`spec.servers[5].container: "a b" is not allowed; want a container's name`,
			`spec.servers[6]: container and host exclude each other; keep one`,
			`spec.servers[6]: this server is named twice`,
		}},
		{"Nginx", `{servers: [{ssh: {}}, {ssh: {address: "web-1; reboot", identityFile: key}}, {ssh: {address: root@-oProxyCommand=x}}, {ssh: {address: a@web-1}}, {ssh: {address: b@web-1}, reach: host}, {ssh: {address: "[::1]:22"}}]}`, []string{
			`spec.servers[0].ssh.address: required`,
			`spec.servers[1].ssh.address: "web-1; reboot" is not allowed; want [USER@]HOST[:PORT], as ubuntu@web-1`,
			`spec.servers[1].ssh.identityFile: "key" is not allowed; want a clean absolute path on the machine on which segue runs`,
			`spec.servers[2].ssh.address: "root@-oProxyCommand=x" is not allowed; want [USER@]HOST[:PORT], as ubuntu@web-1`,
			`spec.servers[4].reach: unknown value "host"; did you mean "Host"?`,
			`spec.servers[4]: this server is named twice`,
		}},
		{"Nginx", `{httpPort: 0, httpsPort: 70000, internalPorts: 21000, confDir: "/etc/a b", tls: [{certFile: "/a;b", keyFile: /a/../b}], switch: reload, keepaliveMinTimeoutSeconds: -1, lameSeconds: -1}`, []string{
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
		{"Nginx", `{httpPort: 80, httpsPort: 80, internalPorts: "22000-21999", tls: [{}]}`, []string{
			`spec.httpsPort: the same as httpPort`,
			`spec.internalPorts: "22000-21999" is not a range of two or more ports from 1 to 65535`,
			`spec.tls[0].certFile: required`,
			`spec.tls[0].keyFile: required`,
		}},

		{"Eureka", `{servers: ["http://me:secret@a/eureka", "eureka:8761", "ftp://a", "http://a?x=secret", "http://b", "http://b"], username: "a:b", caches: {responseSeconds: -1, fetchSeconds: -1, loadBalancerSeconds: -1}}`, []string{
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
		{"Eureka", `{caFile: ca.crt}`, []string{`spec.servers: empty, so segue runs its own registry, which has no user, password or CA; name servers or leave those out`}},
		{"Eureka", `{}`, nil},
	} {
		t.Run(test.written, func(t *testing.T) {
			got := problemsOf(t, manifest(test.kind, "x", test.written))
			slices.Sort(test.want)
			if !slices.Equal(got, test.want) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(test.want, "\n  "))
			}
		})
	}
}

const waysOut = "; ways out: leave hostPort out (nginx and segue reach the container's own address), strategy.type: Recreate with replicas 1, or BlueGreen with slots, each with a hostPort of its own"

// manifest is an object in YAML; TEMPLATE(…) in what is written is a template with an image and more.
func manifest(kind, name, written string) string {
	if begin, end := strings.Index(written, "TEMPLATE("), strings.LastIndex(written, ")"); begin >= 0 {
		more := written[begin+len("TEMPLATE(") : end]
		if more != "" {
			more = ", " + more
		}
		written = written[:begin] + "template: {image: i" + more + "}" + written[end+1:]
	}
	return "apiVersion: segue.dev/v1\nkind: " + kind + "\nmetadata: {name: " + name + "}\nspec: " + written + "\n"
}

// problemsOf are what reading says, as PATH: MESSAGE, sorted; each must have a line and a column.
func problemsOf(t *testing.T, text string) []string {
	t.Helper()
	_, err := spec.Read("x.yaml", []byte(text))
	var problems spec.Problems
	if err != nil && !errors.As(err, &problems) {
		t.Fatalf("not Problems: %v", err)
	}
	var all []string
	for _, p := range problems {
		if p.Line == 0 || p.Column == 0 || p.File != "x.yaml" {
			t.Errorf("no place: %+v", p)
		}
		all = append(all, p.Path+": "+p.Message)
	}
	slices.Sort(all)
	return all
}
