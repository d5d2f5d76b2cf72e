package kustomize

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// laughs are aliases of aliases: each line makes ten of the one before.
var laughs = func() string {
	var text strings.Builder
	for c := 'b'; c < 'l'; c++ {
		fmt.Fprintf(&text, "  %c: &%c {", c, c)
		for i := range 10 {
			fmt.Fprintf(&text, "k%d: *%c,", i, c-1)
		}
		text.WriteString("}\n")
	}
	return text.String()
}()

// TestMeanManifests: whatever stands in a manifest or a patch, it is a problem or a rendering, and never the end of segue.
func TestMeanManifests(t *testing.T) {
	const head = "apiVersion: segue.dev/v1\nkind: Deployment\n"
	for _, text := range []string{
		"", "---\n---\n", "[]", "a", "null", "{}", "kind: Deployment", head, head + "metadata: []", head + "metadata: {name: [a]}",
		head + "metadata: {name: a, annotations: [b]}", head + "metadata: {name: a, labels: 3}", head + "metadata: {name: a}\nspec: []",
		head + "metadata: {name: a}\nspec: {template: 3}", head + "metadata: {name: a}\nspec: {template: {image: [a]}}",
		head + "metadata: {name: a}\nspec: {dependsOn: {a: b}, routes: [a], eureka: 3}", head + "metadata: {name: a}\nspec: {routes: {http: null}}",
		head + "metadata: {name: a}\nspec: &s {template: {image: a}, x: *s}", head + "metadata: {name: a}\nspec: &s {template: *s}",
		head + "metadata: {name: a}\nspec:\n  a: &a {a: b, c: d, e: f}\n" + laughs, head + "metadata: {name: a, annotations: null}",
		head + "metadata: {name: a}\nspec: {template: {image: a, env: &e {B: c}, labels: {<<: *e}}}",
	} {
		for _, prod := range []string{
			"", "namespace: p\nnamePrefix: a-\nlabels: [{pairs: {a: b}, includeTemplates: true}]\ncommonAnnotations: {c: d}\nimages: [{name: a, newTag: b}]\nreplicas: [{name: a, count: 2}]\n",
			"patches: [{path: patch.yaml}]\n", "patches: [{path: patch.yaml, target: {kind: Deployment}}]\n",
			"patches: [{target: {kind: Deployment}, patch: '[{\"op\": \"add\", \"path\": \"/spec/template/env/A\", \"value\": \"b\"}]'}]\n",
		} {
			texts := overlaid(prod)
			texts["prod/patch.yaml"] = text
			if !strings.Contains(prod, "path: patch") {
				texts["base/shop.yaml"] = text
			}
			Render(filepath.Join(files(t, texts), "prod"), "")
		}
	}
	for _, text := range []string{"", "[]", "a", "null", "resources: &r [*r]", "labels: &l [{pairs: *l}]", "resources: {}", "resources: [null]", "resources: [[a]]", "patches: [null]", "patches: [{patch: 3}]", "patches: [{patch: ''}]",
		"images: [null]", "replicas: [{}]", "labels: [null]", "namespace: []", "kind: Component", "apiVersion: x\nkind: y", "components: [.]", "resources: ['']", "<<: *a", "replacements: [{}]", "configurations: [kustomization.yaml]"} {
		Render(filepath.Join(files(t, map[string]string{"prod/kustomization.yaml": text}), "prod"), "")
	}
}
