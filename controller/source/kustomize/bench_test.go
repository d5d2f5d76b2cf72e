package kustomize

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// chain is an overlay of so many Deployments, each of which depends on the one before it.
func chain(b *testing.B, n int) (overlay string) {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "---\napiVersion: segue.dev/v1\nkind: Deployment\nmetadata: {name: d%d}\nspec:\n  dependsOn: [d%d]\n  template: {image: 'shop:1', env: {A: b, C: d}, ports: [{containerPort: 8080}]}\n", i, (i+n-1)%n)
	}
	dir := files(b, map[string]string{
		"base/kustomization.yaml": "resources: [all.yaml]\n", "base/all.yaml": text.String(),
		"prod/kustomization.yaml": "resources: [../base]\nnamespace: prod\nimages: [{name: shop, newTag: '2'}]\n",
	})
	return filepath.Join(dir, "prod")
}

// BenchmarkRender renders it from nothing; its time grows with the square, and that is kustomize's.
func BenchmarkRender(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			overlay := chain(b, n)
			b.ReportAllocs()
			for b.Loop() {
				if r := Render(overlay, ""); r.Err != nil || len(r.Manifests) != n {
					b.Fatal(r.Err)
				}
			}
		})
	}
}

// BenchmarkRenderAgain renders what has not changed, as a directory is every half minute.
func BenchmarkRenderAgain(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			overlay := chain(b, n)
			var renderer Renderer
			renderer.Render(overlay, "")
			b.ReportAllocs()
			for b.Loop() {
				if r := renderer.Render(overlay, ""); r.Err != nil || len(r.Manifests) != n {
					b.Fatal(r.Err)
				}
			}
		})
	}
}
