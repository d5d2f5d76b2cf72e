package spec_test

import "testing"

func TestProbeRefusals(t *testing.T) {
	expectRefusals(t, "Deployment", []refusal{
		{`{TEMPLATE(startupProbe: {}, readinessProbe: {httpGet: {}, exec: {command: []}, successThreshold: 2}, livenessProbe: {tcpSocket: {port: x}, successThreshold: 2, initialDelaySeconds: -1, periodSeconds: 0, timeoutSeconds: 0, failureThreshold: 0}, ports: [{containerPort: 1}])}`, []string{
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
		{`{TEMPLATE(readinessProbe: {httpGet: {path: x, port: 0, scheme: https, headers: {"a b": x, c: "x\ny"}, expect: {status: "200–399", matches: "(", json: {"": x}}}}, warmup: [{path: "/a b", port: 1, expect: {status: "399-200"}}, {path: "", port: 70000, method: get, body: x, timeoutSeconds: 0, repeat: 0}, {path: /x, port: 1, body: x, repeat: 10001}])}`, []string{
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
	})
}
