package spec_test

import "testing"

func TestRegistrationRefusals(t *testing.T) {
	expectRefusals(t, "Deployment", []refusal{
		{`{eureka: {nginx: edge, balance: ip_hash, timeoutSeconds: 5}, TEMPLATE(ports: [{containerPort: 80}])}`, []string{
			"spec.eureka.balance: only for mode: Proxied, in which Eureka's clients call nginx; leave it out or say so",
			"spec.eureka.nginx: only for mode: Proxied, in which Eureka's clients call nginx; leave it out or say so",
			"spec.eureka.timeoutSeconds: only for mode: Proxied, in which Eureka's clients call nginx; leave it out or say so",
		}},
		{`{eureka: {mode: Proxied, nginx: "a b", timeoutSeconds: 0}, routes: {eureka: {}}, TEMPLATE(ports: [{containerPort: 80}])}`, []string{
			`spec.eureka.nginx: "a b" is not allowed; want NAME or NAMESPACE.NAME of an Nginx object`,
			"spec.eureka.timeoutSeconds: 0 is too small; want 1 or more",
			"spec.routes.eureka: mode Proxied has a route of this name of its own; give yours another one",
		}},
		{`{eureka: {mode: Proxied}, strategy: {type: BlueGreen}, TEMPLATE(ports: [{containerPort: 80}])}`, nil},
		{`{eureka: {registry: "a b", app: "a b", mode: self, port: x, metadata: {"a b": c}}, TEMPLATE(ports: [{name: http, containerPort: 1}], env: {SPRING_APPLICATION_JSON: "[]"})}`, []string{
			`spec.eureka.app: "a b" is not allowed; want letters, digits, - _ and .`,
			`spec.eureka.metadata["a b"]: "a b" is not allowed; want letters, digits, _ . and -, not a digit first`,
			`spec.eureka.mode: unknown value "self"; did you mean "Self"?`,
			`spec.eureka.port: no port "x" among spec.template.ports (http)`,
			`spec.eureka.registry: "a b" is not allowed; want NAME or NAMESPACE.NAME of a Eureka object`,
			`spec.template.env.SPRING_APPLICATION_JSON: not a JSON object, and segue merges into it what makes dark start and drain safe; mend it, or say spec.eureka.inject: false`,
		}},
		{`{eureka: {inject: false}, TEMPLATE(ports: [{containerPort: 1}], env: {SPRING_APPLICATION_JSON: "[]"})}`, nil},
		{`{eureka: {}, TEMPLATE()}`, []string{"spec.eureka.port: spec.template.ports is empty; write [{containerPort: 8080}]"}},
	})
}
