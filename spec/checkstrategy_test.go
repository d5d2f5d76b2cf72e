package spec_test

import "testing"

func TestStrategyRefusals(t *testing.T) {
	expectRefusals(t, "Deployment", []refusal{
		{`{TEMPLATE(volumes: ["data:/data", "/a:/b", "ro:/c:ro"])}`, []string{
			"spec.strategy.type: required here: data, /a is mounted read-write and two revisions would share it; say Recreate, or RollingUpdate if they may",
		}},
		{`{TEMPLATE(volumes: ["data:/data:ro"])}`, nil},
		{`{strategy: {type: RollingUpdate}, TEMPLATE(volumes: ["data:/data"])}`, nil},
		{`{strategy: {blueGreen: {}}, TEMPLATE()}`, []string{
			"spec.strategy.blueGreen: excluded by type: RollingUpdate; leave the block out or say type: BlueGreen",
		}},
		{`{strategy: {type: Recreate, rollingUpdate: {}}, TEMPLATE()}`, []string{
			"spec.strategy.rollingUpdate: excluded by type: Recreate; leave the block out or say type: RollingUpdate",
		}},
		{`{strategy: {type: BlueGreen}, TEMPLATE()}`, []string{
			"spec.strategy.type: BlueGreen has nothing to switch: there are neither spec.routes nor spec.eureka; add one, or say RollingUpdate",
		}},
		{`{strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}}, TEMPLATE()}`, []string{
			"spec.strategy.rollingUpdate: maxSurge and maxUnavailable are both 0, so nothing could ever be replaced; make one at least 1",
		}},
		{`{strategy: {rollingUpdate: {maxSurge: 0}}, TEMPLATE()}`, nil},
		{`{strategy: {type: BlueGreen, blueGreen: {scaleDownDelaySeconds: -1}}, routes: {http: {}}, TEMPLATE(ports: [{containerPort: 80}])}`, []string{
			"spec.strategy.blueGreen.scaleDownDelaySeconds: -1 is too small; want 0 or more",
		}},

		{`{strategy: {type: BlueGreen, blueGreen: {slots: {a: {hostPort: 1}}}}, replicas: 2, routes: {http: {}}, TEMPLATE(ports: [{containerPort: 80}])}`, []string{
			"spec.replicas: 2; must be 1 with slots, as each slot holds one instance",
			"spec.strategy.blueGreen.slots: 1 slot; want exactly 2 that take turns",
		}},
		{`{strategy: {type: BlueGreen, blueGreen: {slots: {a: {hostPort: 81}, "b c": {hostPort: 81, hostIP: here}, }}}, eureka: {}, TEMPLATE(ports: [{containerPort: 80}])}`, []string{
			`spec.strategy.blueGreen.slots["b c"]: "b c" is not allowed as a slot's name; want at most 32 letters, digits, - and _`,
			`spec.strategy.blueGreen.slots["b c"].hostIP: "here" is not an IP address`,
		}},
		{`{strategy: {type: BlueGreen, blueGreen: {slots: {a: {hostPort: 81}, b: {hostPort: 81, hostIP: 127.0.0.1, env: {1A: x}}}}}, routes: {http: {}}, TEMPLATE(ports: [{containerPort: 80}])}`, []string{
			`spec.strategy.blueGreen.slots.b.env.1A: "1A" is not allowed; want letters, digits, _ . and -, not a digit first`,
			"spec.strategy.blueGreen.slots.b.hostPort: 127.0.0.1:81 is slot a's, too; both slots run during a switch",
		}},
		{`{strategy: {type: BlueGreen, blueGreen: {slots: {a: {hostPort: 70000}, b: {hostIP: 127.0.0.1}}}}, routes: {a: {port: x}, b: {port: x}}, TEMPLATE(ports: [{name: x, containerPort: 80}, {containerPort: 81}])}`, []string{
			"spec.strategy.blueGreen.slots.a.hostPort: 70000 is not a port; want 1 to 65535",
			"spec.strategy.blueGreen.slots.a.hostPort: unclear which of the container's ports to publish: there are 2 ports; name one (x)",
			"spec.strategy.blueGreen.slots.b.hostIP: without hostPort it publishes nothing; add hostPort or leave it out",
		}},
	})
}
