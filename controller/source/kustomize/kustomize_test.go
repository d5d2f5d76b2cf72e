package kustomize

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/segue-dev/segue/spec"
)

// shop is a base of two services, the nginx that they go through and the registry that they are in.
const shop = `apiVersion: segue.dev/v1
kind: Deployment
metadata: {name: orders}
spec:
  replicas: 2
  dependsOn: [stock]
  routes: {http: {nginx: edge}, admin: {nginx: edge, hostnames: [admin.test]}}
  eureka: {registry: main, mode: Proxied, nginx: edge}
  template:
    image: registry.shop/orders:1.4
    env: {LEVEL: info, DB: local}
    ports: [{containerPort: 8080}]
---
apiVersion: segue.dev/v1
kind: Deployment
metadata: {name: stock, labels: {team: logistics}}
spec: {template: {image: "registry.shop/stock:7", ports: [{containerPort: 8080}]}}
---
apiVersion: segue.dev/v1
kind: Nginx
metadata: {name: edge}
spec: {image: "nginx:1.30"}
---
apiVersion: segue.dev/v1
kind: Eureka
metadata: {name: main}
`

// files writes files into a directory of the test's.
func files(t testing.TB, texts map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "a=b_c d..e")
	for name, text := range texts {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// overlaid is the shop with an overlay in prod.
func overlaid(prod string) map[string]string {
	return map[string]string{
		"base/kustomization.yaml": "resources: [shop.yaml]\n",
		"base/shop.yaml":          shop,
		"prod/kustomization.yaml": "resources: [../base]\n" + prod,
	}
}

// rendered are the manifests, by kind and name, as YAML.
func rendered(t *testing.T, dir string) map[string]string {
	t.Helper()
	r := Render(dir, "")
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	return written(t, r.Manifests)
}

func written(t *testing.T, manifests []spec.Manifest) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, m := range manifests {
		var object any = m.Deployment
		if m.Nginx != nil {
			object = m.Nginx
		}
		if m.Eureka != nil {
			object = m.Eureka
		}
		all[m.Kind()+"/"+m.Name().String()] = asYAML(t, object)
	}
	return all
}

func asYAML(t *testing.T, object any) string {
	t.Helper()
	data, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := yaml.Unmarshal(data, &value); err != nil {
		t.Fatal(err)
	}
	text, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestBuiltins: each of kustomize's builtins does with segue's kinds what people expect of it, and nothing else.
func TestBuiltins(t *testing.T) {
	plain := rendered(t, filepath.Join(files(t, overlaid("")), "prod"))
	for _, c := range []struct {
		name, prod string
		// replaced are lines of the rendering without prod, by object, and what stands for them; "" before means added.
		replaced map[string][][2]string
		renamed  map[string]string
	}{
		{"nothing", "", nil, nil},
		{"images", "images: [{name: registry.shop/orders, newTag: '1.5'}, {name: registry.shop/stock, newName: mirror/stock, digest: " + digest + "}, {name: nginx, newTag: '1.31'}]", map[string][][2]string{
			"Deployment/orders": {{"image: registry.shop/orders:1.4", "image: registry.shop/orders:1.5"}},
			"Deployment/stock":  {{"image: registry.shop/stock:7", "image: mirror/stock@" + digest}},
			"Nginx/edge":        {{"image: nginx:1.30", "image: nginx:1.31"}},
		}, nil},
		{"replicas", "replicas: [{name: orders, count: 3}, {name: stock, count: 4}]", map[string][][2]string{
			"Deployment/orders": {{"replicas: 2", "replicas: 3"}},
			"Deployment/stock":  {{"spec:\n", "spec:\n    replicas: 4\n"}},
		}, nil},
		{"namespace", "namespace: prod", map[string][][2]string{
			"Deployment/orders": {{"name: orders\n", "name: orders\n    namespace: prod\n"}},
			"Deployment/stock":  {{"name: stock\n", "name: stock\n    namespace: prod\n"}},
			"Nginx/edge":        {{"name: edge\n", "name: edge\n    namespace: prod\n"}},
			"Eureka/main":       {{"name: main\n", "name: main\n    namespace: prod\n"}},
		}, map[string]string{"Deployment/orders": "Deployment/prod.orders", "Deployment/stock": "Deployment/prod.stock", "Nginx/edge": "Nginx/prod.edge", "Eureka/main": "Eureka/prod.main"}},
		{"namePrefix and nameSuffix", "namePrefix: a-\nnameSuffix: -b", map[string][][2]string{
			"Deployment/orders": {{"name: orders", "name: a-orders-b"}, {"- stock", "- a-stock-b"}, {"nginx: edge", "nginx: a-edge-b"}, {"registry: main", "registry: a-main-b"}},
			"Deployment/stock":  {{"name: stock", "name: a-stock-b"}},
			"Nginx/edge":        {{"name: edge", "name: a-edge-b"}},
			"Eureka/main":       {{"name: main", "name: a-main-b"}},
		}, map[string]string{"Deployment/orders": "Deployment/a-orders-b", "Deployment/stock": "Deployment/a-stock-b", "Nginx/edge": "Nginx/a-edge-b", "Eureka/main": "Eureka/a-main-b"}},
		{"labels", "labels: [{pairs: {env: prod}}]", labelled, nil},
		{"commonLabels", "commonLabels: {env: prod}", labelled, nil},
		{"labels of templates", "labels: [{pairs: {env: prod}, includeTemplates: true}]", map[string][][2]string{
			"Deployment/orders": {labelled["Deployment/orders"][0], {"image: registry.shop/orders:1.4\n", "image: registry.shop/orders:1.4\n        labels:\n            env: prod\n"}},
			"Deployment/stock":  {labelled["Deployment/stock"][0], {"image: registry.shop/stock:7\n", "image: registry.shop/stock:7\n        labels:\n            env: prod\n"}},
			"Nginx/edge":        labelled["Nginx/edge"], "Eureka/main": labelled["Eureka/main"],
		}, nil},
		{"commonAnnotations", "commonAnnotations: {who: ann}", map[string][][2]string{
			"Deployment/orders": {{"metadata:\n", "metadata:\n    annotations:\n        who: ann\n"}},
			"Deployment/stock":  {{"metadata:\n", "metadata:\n    annotations:\n        who: ann\n"}},
			"Nginx/edge":        {{"metadata:\n", "metadata:\n    annotations:\n        who: ann\n"}},
			"Eureka/main":       {{"metadata:\n", "metadata:\n    annotations:\n        who: ann\n"}},
		}, nil},
		{"a merge patch", "patches:\n- patch: |\n    apiVersion: segue.dev/v1\n    kind: Deployment\n    metadata: {name: orders}\n    spec: {template: {env: {LEVEL: debug, DB: null}, ports: [{containerPort: 9090}]}}\n", map[string][][2]string{
			"Deployment/orders": {{"            DB: local\n", ""}, {"LEVEL: info", "LEVEL: debug"}, {"containerPort: 8080", "containerPort: 9090"}},
		}, nil},
		{"a patch of operations", "patches:\n- target: {kind: Deployment, name: orders}\n  patch: |\n    - {op: replace, path: /spec/template/env/LEVEL, value: debug}\n", map[string][][2]string{
			"Deployment/orders": {{"LEVEL: info", "LEVEL: debug"}},
		}, nil},
		{"the deprecated patches", "patchesStrategicMerge:\n- |\n  apiVersion: segue.dev/v1\n  kind: Deployment\n  metadata: {name: orders}\n  spec: {replicas: 5}\npatchesJson6902:\n- target: {kind: Deployment, name: orders, group: segue.dev, version: v1}\n  patch: '[{\"op\": \"replace\", \"path\": \"/spec/template/env/LEVEL\", \"value\": \"debug\"}]'\n", map[string][][2]string{
			"Deployment/orders": {{"replicas: 2", "replicas: 5"}, {"LEVEL: info", "LEVEL: debug"}},
		}, nil},
		{"replacements", "replacements:\n- source: {kind: Deployment, name: stock, fieldPath: spec.template.image}\n  targets:\n  - select: {kind: Deployment, name: orders}\n    fieldPaths: [spec.template.env.DB]\n", map[string][][2]string{
			"Deployment/orders": {{"DB: local", "DB: registry.shop/stock:7"}},
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := map[string]string{}
			for name, text := range plain {
				for _, pair := range c.replaced[name] {
					if !strings.Contains(text, pair[0]) {
						t.Fatalf("%s has no %q:\n%s", name, pair[0], text)
					}
					text = strings.ReplaceAll(text, pair[0], pair[1])
				}
				if to := c.renamed[name]; to != "" {
					name = to
				}
				want[name] = text
			}
			got := rendered(t, filepath.Join(files(t, overlaid(c.prod)), "prod"))
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

var labelled = map[string][][2]string{
	"Deployment/orders": {{"metadata:\n", "metadata:\n    labels:\n        env: prod\n"}},
	"Deployment/stock":  {{"        team: logistics\n", "        env: prod\n        team: logistics\n"}},
	"Nginx/edge":        {{"metadata:\n", "metadata:\n    labels:\n        env: prod\n"}},
	"Eureka/main":       {{"metadata:\n", "metadata:\n    labels:\n        env: prod\n"}},
}
