package spec_test

import "testing"

func TestDeploymentRefusals(t *testing.T) {
	expectRefusals(t, "Deployment", []refusal{
		{`{template: {}}`, []string{"spec.template.image: required"}},
		{`{}`, []string{"spec.template: required"}},
		{`{replicas: -1, TEMPLATE()}`, []string{"spec.replicas: -1 is too small; want 0 or more"}},
		{`{minReadySeconds: -1, drainTimeoutSeconds: -1, revisionHistoryLimit: -1, progressDeadlineSeconds: 0, TEMPLATE()}`, []string{
			"spec.drainTimeoutSeconds: -1 is too small; want 0 or more",
			"spec.minReadySeconds: -1 is too small; want 0 or more",
			"spec.progressDeadlineSeconds: 0 is too small; want 1 or more",
			"spec.revisionHistoryLimit: -1 is too small; want 0 or more",
		}},
		{`{minReadySeconds: 60, progressDeadlineSeconds: 60, TEMPLATE()}`, []string{
			"spec.progressDeadlineSeconds: must be more than minReadySeconds (60), or no instance could ever be ready in time",
		}},

		{`{dependsOn: ["", a, a, A, x], adopt: [{}, {container: c, address: "1.2.3.4:5"}, {address: "localhost:80"}, {address: "a:b"}, {address: "0.0.0.0:1"}, {container: "a b", eurekaId: "a/b"}, {container: old, port: 70000}, {address: "1.2.3.4:5", port: 5}], TEMPLATE()}`, []string{
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
	})
}
