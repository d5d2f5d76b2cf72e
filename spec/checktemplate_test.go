package spec_test

import "testing"

func TestTemplateRefusals(t *testing.T) {
	expectRefusals(t, "Deployment", []refusal{
		{`{TEMPLATE(ports: [{containerPort: 80, hostPort: 80}])}`, []string{
			"spec.template.ports[0].hostPort: the old and the new instance of a RollingUpdate cannot both have port 80 of the host" + waysOut,
		}},
		{`{strategy: {type: BlueGreen}, eureka: {}, TEMPLATE(ports: [{containerPort: 80, hostPort: 80}])}`, []string{
			"spec.template.ports[0].hostPort: blue and green cannot both have port 80 of the host" + waysOut,
		}},
		{`{strategy: {type: Recreate}, replicas: 2, TEMPLATE(ports: [{containerPort: 80, hostPort: 80}])}`, []string{
			"spec.template.ports[0].hostPort: 2 replicas cannot all have port 80 of the host" + waysOut,
		}},
		{`{strategy: {type: Recreate}, TEMPLATE(ports: [{containerPort: 80, hostPort: 80, hostIP: "::1"}])}`, nil},
		{`{strategy: {type: Recreate}, TEMPLATE(ports: [{name: A, containerPort: 0}, {name: a, containerPort: 80, hostPort: 1}, {name: a, containerPort: 80, hostPort: 1}, {name: 80, containerPort: 70000, appProtocol: grpc}, {containerPort: 1, appProtocol: tcp}])}`, []string{
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

		{`{TEMPLATE(imagePullPolicy: always, workingDir: a/b, user: "a b", labels: {"a b": x, segue.dev/x: v, z: "a b"}, env: {"A=B": x, C: "x\0y", "": z}, envFrom: [{file: ""}], aliases: [x], networks: ["", segue, host, "a b", ab, ab])}`, []string{
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
		{`{strategy: {type: Recreate}, TEMPLATE(aliases: ["a b"])}`, []string{`spec.template.aliases[0]: "a b" is not allowed; want a host name`}},
		{`{strategy: {type: Recreate}, TEMPLATE(volumes: [data, "a:/b:rw", "a:/b:z", "./a:/b", "/a/../b:/c", "a b:/c", "data:c", "data:/d", "more:/d"], files: {/d: {content: x}, e: {content: x}, /f: {content: x, mode: rw}, /g: {source: a/, content: ""}})}`, []string{
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
		{`{TEMPLATE(resources: {limits: {cpu: 0.5, memory: 512m}, requests: {cpu: 1, memory: x}})}`, []string{
			`spec.template.resources.limits.memory: "512m" is not a quantity of memory; write "512Mi"`,
			`spec.template.resources.requests.cpu: more than the limit 0.5`,
			`spec.template.resources.requests.memory: "x" is not a quantity of memory; write it as "512Mi" or "1Gi"`,
		}},
		{`{TEMPLATE(resources: {limits: {cpu: 1 core, memory: 1Mi}, requests: {memory: 2Mi}})}`, []string{
			`spec.template.resources.limits.cpu: "1 core" is not a quantity of processors; write it as "500m" or "2"`,
			`spec.template.resources.limits.memory: "1Mi" is below the 6Mi that Docker takes at least`,
			`spec.template.resources.requests.memory: more than the limit 1Mi`,
		}},
		{`{TEMPLATE(terminationGracePeriodSeconds: -1, lifecycle: {stopSignal: term})}`, []string{
			`spec.template.lifecycle.stopSignal: "term" is not a signal's name; write SIGTERM`,
			`spec.template.terminationGracePeriodSeconds: -1 is too small; want 0 or more`,
		}},
		{`{TEMPLATE(lifecycle: {stopSignal: "15", preStop: {sleep: {seconds: 31}, exec: {command: [""]}}})}`, []string{
			`spec.template.lifecycle.preStop: exec and sleep exclude each other; keep one`,
			`spec.template.lifecycle.preStop.exec.command: empty; write a list, as ["test", "-f", "/tmp/ready"]`,
			`spec.template.lifecycle.preStop.sleep.seconds: 31 is longer than the grace of 30 (terminationGracePeriodSeconds), which it is part of`,
			`spec.template.lifecycle.stopSignal: "15" is not a signal's name; want one as SIGTERM or SIGRTMIN+3`,
		}},
		{`{eureka: {}, TEMPLATE(ports: [{containerPort: 1}], lifecycle: {stopSignal: SIGRTMIN+3, preStop: {sleep: {seconds: 31}}})}`, nil},
	})
}

const waysOut = "; ways out: leave hostPort out (nginx and segue reach the container's own address), strategy.type: Recreate with replicas 1, or BlueGreen with slots, each with a hostPort of its own"
