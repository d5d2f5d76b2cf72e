package spec_test

import (
	"encoding/json"
	"testing"

	"github.com/segue-dev/segue/spec"
)

// TestDefaults: what a manifest means that says as little as it can, and one that says all.
func TestDefaults(t *testing.T) {
	read := readAll(t, "x", []string{
		manifest("Nginx", "edge", "{}"),
		manifest("Eureka", "main", "{}"),
		manifest("Deployment", "worker", "{TEMPLATE()}"),
		manifest("Deployment", "orders", `{eureka: {}, routes: {http: {}, up: {upstream: u}}, TEMPLATE(ports: [{name: http, containerPort: 80}], readinessProbe: {httpGet: {}}, livenessProbe: {tcpSocket: {port: http}}, startupProbe: {exec: {command: [x]}}, warmup: [{path: /w}], files: {/f: {content: ""}}, lifecycle: {preStop: {httpGet: {}}})}`),
		manifest("Deployment", "db", `{strategy: {type: Recreate}, TEMPLATE(volumes: ["data:/d"], ports: [{containerPort: 1, hostPort: 2}])}`),
		manifest("Deployment", "slots", `{strategy: {type: BlueGreen, blueGreen: {slots: {a: {hostPort: 1}, b: {}}}}, routes: {http: {variable: v}}, TEMPLATE(ports: [{containerPort: 1}])}`),
	})
	var meant []any
	for _, m := range read {
		before := encoded(t, m)
		switch {
		case m.Deployment != nil:
			d := m.Deployment.Defaulted()
			meant = append(meant, d)
			if again := d.Defaulted(); encoded(t, again) != encoded(t, d) {
				t.Errorf("%s: the defaults of the defaults are others", m.Name())
			}
		case m.Nginx != nil:
			meant = append(meant, m.Nginx.Defaulted())
		default:
			meant = append(meant, m.Eureka.Defaulted())
		}
		if encoded(t, m) != before {
			t.Errorf("%s: what was written has changed", m.Name())
		}
	}
	golden(t, "testdata/defaults.json", encoded(t, meant))

	full, err := spec.ReadPaths([]string{"../manifests/full/orders.yaml"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range full {
		if m.Deployment == nil {
			continue
		}
		before := encoded(t, m)
		_ = m.Deployment.Defaulted()
		if encoded(t, m) != before {
			t.Errorf("%s: what was written has changed", m.Name())
		}
	}
}

func TestPullPolicy(t *testing.T) {
	for image, want := range map[string]spec.PullPolicy{
		"orders":                               spec.PullIfNotPresent,
		"orders:latest":                        spec.PullIfNotPresent,
		"library/orders:latest":                spec.PullIfNotPresent,
		"registry.shop/orders":                 spec.PullAlways,
		"registry.shop/orders:latest":          spec.PullAlways,
		"registry.shop:5000/a/orders:latest":   spec.PullAlways,
		"localhost/orders":                     spec.PullAlways,
		"registry.shop/orders:1.5":             spec.PullIfNotPresent,
		"registry.shop/orders@sha256:" + zeros: spec.PullIfNotPresent,
	} {
		d := spec.Deployment{Spec: spec.DeploymentSpec{Template: spec.Template{Image: image}}}
		if got := d.Defaulted().Spec.Template.ImagePullPolicy; got != want {
			t.Errorf("%s is pulled %s, want %s", image, got, want)
		}
	}
}

const zeros = "0000000000000000000000000000000000000000000000000000000000000000"

func encoded(t *testing.T, value any) string {
	t.Helper()
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}
