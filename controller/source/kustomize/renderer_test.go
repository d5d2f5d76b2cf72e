package kustomize

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRendererWorksAnewWhereSomethingHasChanged: what it tells is always what a first rendering would tell, and kustomize
// is asked only when something that it reads has changed.
func TestRendererWorksAnewWhereSomethingHasChanged(t *testing.T) {
	dir := files(t, map[string]string{
		"base/kustomization.yaml": "resources: [shop.yaml]\n",
		"base/shop.yaml":          "apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: shop}\nspec: {template: {image: 'shop:1', files: {/a: {source: a.txt}}}}\n",
		"base/a.txt":              "a",
		"prod/kustomization.yaml": "resources: [../base]\npatches: [{path: patch.yaml}]\n",
		"prod/patch.yaml":         "apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: shop}\nspec: {replicas: 2}\n",
	})
	prod := filepath.Join(dir, "prod")
	put := func(file, text string) func() {
		return func() {
			t.Helper()
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	words := func(r Rendering) string {
		if r.Err != nil {
			return told(t, dir, r)
		}
		var all []string
		for _, m := range r.Manifests {
			spec := m.Deployment.Spec
			all = append(all, fmt.Sprintf("%s %s x%d %q", m.Name(), spec.Template.Image, *spec.Replicas, m.Files["a.txt"]))
		}
		return strings.Join(all, ", ")
	}
	var renderer Renderer
	for _, step := range []struct {
		name   string
		change func()
		anew   bool
		want   string
	}{
		{"the first", func() {}, true, `shop shop:1 x2 "a"`},
		{"nothing", func() {}, false, `shop shop:1 x2 "a"`},
		{"a comment", put("base/kustomization.yaml", "# ours\nresources: [shop.yaml]\n"), false, `shop shop:1 x2 "a"`},
		{"the base", put("base/shop.yaml", "apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: shop}\nspec: {template: {image: 'shop:2', files: {/a: {source: a.txt}}}}\n"), true, `shop shop:2 x2 "a"`},
		{"a file that it names", put("base/a.txt", "b"), false, `shop shop:2 x2 "b"`},
		{"the overlay's copy", put("prod/a.txt", "c"), false, `shop shop:2 x2 "c"`},
		{"the patch", put("prod/patch.yaml", "apiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: shop}\nspec: {replicas: 3}\n"), true, `shop shop:2 x3 "c"`},
		{"a mistake", put("prod/kustomization.yaml", "resources: [../base]\nimage: []\n"), false, `prod/kustomization.yaml:2:1  image`},
		{"a patch for nobody", put("prod/kustomization.yaml", "resources: [../base]\npatches: [{path: patch.yaml}]\nreplicas: [{name: other, count: 1}]\n"), false, `no Deployment "other"`},
		{"the kustomization", put("prod/kustomization.yaml", "resources: [../base]\npatches: [{path: patch.yaml}]\nnamespace: prod\n"), true, `prod.shop shop:2 x3 "c"`},
	} {
		step.change()
		before := renderer.made
		got := words(renderer.Render(prod, ""))
		if !strings.Contains(got, step.want) || got != words(Render(prod, "")) {
			t.Errorf("%s: %s, want %s", step.name, got, step.want)
		}
		if anew := before == nil || &before[0] != &renderer.made[0]; anew != step.anew {
			t.Errorf("%s: kustomize was asked anew: %v", step.name, anew)
		}
	}
}
