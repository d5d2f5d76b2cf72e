package docs

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/segue-dev/segue/spec"
)

// tables says under which headings of manifests.md the fields of a definition of the schema stand.
var tables = map[string]string{
	"Deployment": "Every object", "Nginx": "Every object", "Eureka": "Every object", "Metadata": "metadata",
	"DeploymentSpec": "spec of a Deployment", "Strategy": "strategy", "RollingUpdateStrategy": "strategy.rollingUpdate",
	"BlueGreenStrategy": "strategy.blueGreen", "Slot": "slots", "Adopt": "adopt", "Route": "routes", "Registration": "eureka",
	"Template": "template", "EnvFrom": "envFrom", "File": "files", "Port": "ports", "Resources": "resources",
	"ResourceList": "limits and requests", "Probe": "A probe", "HTTPGetAction": "httpGet", "Expect": "expect",
	"TCPSocketAction": "tcpSocket", "ExecAction": "exec", "Warmup": "warmup", "Lifecycle": "lifecycle", "PreStop": "preStop",
	"SleepAction": "sleep", "NginxSpec": "spec of an Nginx", "NginxServer": "servers", "NginxSSH": "ssh", "TLSFiles": "tls",
	"EurekaSpec": "spec of a Eureka", "Caches": "caches",
	"NginxHost": "", // has no fields
}

type definition struct {
	Properties map[string]json.RawMessage `json:"properties"`
}

func definitions(t *testing.T) map[string]definition {
	t.Helper()
	var schema struct {
		Defs map[string]definition `json:"$defs"`
	}
	if err := json.Unmarshal(spec.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	return schema.Defs
}

var row = regexp.MustCompile("^\\| `([^`]+)` \\| (.*?) \\| ")

// rows gives the default of each field, by heading and field; "" for a dash.
func rows(t *testing.T) map[string]map[string]string {
	t.Helper()
	text, err := os.ReadFile("manifests.md")
	if err != nil {
		t.Fatal(err)
	}
	all, under := map[string]map[string]string{}, ""
	for line := range strings.SplitSeq(string(text), "\n") {
		if title := strings.TrimLeft(line, "#"); title != line {
			under = strings.TrimSpace(title)
			continue
		}
		found := row.FindStringSubmatch(line)
		if found == nil {
			continue
		}
		if all[under] == nil {
			all[under] = map[string]string{}
		}
		all[under][found[1]] = strings.Trim(strings.TrimSpace(found[2]), "`–")
	}
	return all
}

// TestEveryFieldIsInItsTable compares the tables of manifests.md with the schema, both ways.
func TestEveryFieldIsInItsTable(t *testing.T) {
	written := rows(t)
	known := map[string]map[string]bool{}
	for name, d := range definitions(t) {
		title, listed := tables[name]
		if !listed {
			t.Errorf("manifests.md has no table for %s; write one, and name it in tables", name)
			continue
		}
		if known[title] == nil {
			known[title] = map[string]bool{}
		}
		for field := range d.Properties {
			known[title][field] = true
			if _, found := written[title][field]; !found {
				t.Errorf("manifests.md, %q: no row for %s of %s", title, field, name)
			}
		}
	}
	for title, fields := range written {
		for field := range fields {
			if known[title] != nil && !known[title][field] {
				t.Errorf("manifests.md, %q: %s is no field", title, field)
			}
		}
	}
}

// bare has every definition in it once, and nothing written that has a default.
const bare = `
apiVersion: segue.dev/v1
kind: Deployment
metadata: {name: a}
spec:
  strategy: {type: BlueGreen, blueGreen: {slots: {one: {hostPort: 1}, two: {hostPort: 2}}}}
  routes: {http: {}}
  eureka: {}
  template:
    image: a
    envFrom: [{file: f}]
    files: {/f: {content: ""}}
    ports: [{containerPort: 80}]
    readinessProbe: {httpGet: {expect: {}}}
    warmup: [{path: /}]
---
apiVersion: segue.dev/v1
kind: Deployment
metadata: {name: b}
spec:
  strategy: {rollingUpdate: {}}
  template: {image: a}
---
apiVersion: segue.dev/v1
kind: Deployment
metadata: {name: c}
spec:
  strategy: {type: Recreate}
  template: {image: a, ports: [{containerPort: 80, hostPort: 80}]}
---
apiVersion: segue.dev/v1
kind: Nginx
metadata: {name: a}
---
apiVersion: segue.dev/v1
kind: Eureka
metadata: {name: a}
`

// TestDefaultsAreAsWritten compares each default that a table shows with what Defaulted fills in.
func TestDefaultsAreAsWritten(t *testing.T) {
	manifests, err := spec.Read("bare.yaml", []byte(bare))
	if err != nil {
		t.Fatal(err)
	}
	a, b, c := manifests[0].Deployment.Defaulted(), manifests[1].Deployment.Defaulted(), manifests[2].Deployment.Defaulted()
	s, template := a.Spec, a.Spec.Template
	meant := map[string]any{
		"metadata": a.Metadata, "spec of a Deployment": s, "strategy": b.Spec.Strategy,
		"strategy.rollingUpdate": b.Spec.Strategy.RollingUpdate, "strategy.blueGreen": s.Strategy.BlueGreen,
		"slots": s.Strategy.BlueGreen.Slots["one"], "routes": s.Routes["http"], "eureka": s.Eureka, "template": template,
		"envFrom": template.EnvFrom[0], "files": template.Files["/f"], "ports": c.Spec.Template.Ports[0],
		"A probe": template.ReadinessProbe, "httpGet": template.ReadinessProbe.HTTPGet,
		"expect": template.ReadinessProbe.HTTPGet.Expect, "warmup": template.Warmup[0],
		"spec of an Nginx": manifests[3].Nginx.Defaulted().Spec, "caches": manifests[4].Eureka.Defaulted().Spec.Caches,
		"spec of a Eureka": manifests[4].Eureka.Defaulted().Spec,
	}
	for title, fields := range rows(t) {
		values := fieldsOf(t, meant[title])
		for field, shown := range fields {
			if shown == "" {
				continue
			}
			value, filled := values[field]
			if !filled {
				value = false // a switch that is off is left out of JSON
			}
			if got := plain(value); got != shown {
				t.Errorf("manifests.md, %q: the default of %s is %s, the page says %s", title, field, got, shown)
			}
		}
	}
}

func fieldsOf(t *testing.T, value any) map[string]any {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

// plain is a value as the page has it: a string bare, everything else as JSON.
func plain(value any) string {
	if text, isText := value.(string); isText {
		return text
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}
